// Scores as the sum of a level, an answer's quality and a critic's harshness.
#pragma once

#include "council/score_table.hpp"

#include <span>
#include <vector>

namespace conclave::council {

/// score = level + quality of the answer + offset of the critic + what is left.
struct two_way_fit {
    double level = 0;
    std::vector<double> quality;
    std::vector<double> offset;
};

/// Ridge regression: offsets drawn to 0 by two pseudo-scores, qualities by half a one. `weights`
/// has one for each critic. The level is the mean of all scores.
///
/// It is where fitting offsets and qualities by turns would end, solved at once: an order of
/// magnitude quicker, and equal answers come out equal.
two_way_fit fit_two_way(const score_table& scores, std::span<const double> weights);

}  // namespace conclave::council
