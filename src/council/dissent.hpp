// Critics who see it otherwise, and scores that stand out.
#pragma once

#include "council/aggregate.hpp"
#include "council/score_table.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace conclave::council {

/// Critics who scored the winner and put another answer above it, or think of it worse than half a
/// deviation below their mean. `z` as of the robust fit.
std::vector<dissenter> find_dissent(const score_table& scores, const score_table& z,
                                    std::span<const candidate> candidates,
                                    std::span<const ballot> ballots, std::size_t winner);

/// Scores of 10 more than 2.5 of the clipped units above the mean of what the others say.
std::vector<score_spike> find_spikes(const score_table& scores, const score_table& z,
                                     std::span<const candidate> candidates,
                                     std::span<const ballot> ballots);

}  // namespace conclave::council
