// `robust/1`: a ranking that one critic, however it scores, can move only so far.
#pragma once

#include "council/score_table.hpp"
#include "council/two_way_fit.hpp"

#include <vector>

namespace conclave::council {

struct robust_fit {
    score_table z;                ///< each score in its critic's own deviations, clipped
    two_way_fit fit;              ///< of z
    std::vector<double> weights;  ///< how reliable each critic is; 0 without scores
};

/// Exactly section 4.5 of the design: offsets and scale of each critic taken out, opinions clipped
/// to 1.5 deviations and levels to 0.5, critics who fit the others badly weighted down.
robust_fit fit_robust(const score_table& scores);

}  // namespace conclave::council
