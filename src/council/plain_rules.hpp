// The rules that need no fit: means and Borda counts.
#pragma once

#include "council/score_table.hpp"

#include <vector>

namespace conclave::council {

/// The mean score of each answer; 0 without one.
std::vector<double> mean_scores(const score_table& scores);

/// Of each answer the mean, over the critics who compared it, of the part of their other answers
/// that it stands above, a tie counting half: 0 to 1.
std::vector<double> borda_counts(const score_table& scores);

}  // namespace conclave::council
