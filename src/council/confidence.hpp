// How sure a ranking is, and how alike its critics.
#pragma once

#include "council/robust_rule.hpp"
#include "council/score_table.hpp"

#include <cstddef>
#include <optional>

namespace conclave::council {

/// The probability that `winner` is the best of the scored answers, to four digits: a normal
/// posterior around the fit, with a constant for the errors that critics share. That constant is
/// fitted to a simulation, not to real outcomes.
double probability_of_best(const robust_fit& robust, std::size_t winner);

/// The mean Kendall tau (b) over all pairs of critics who both rank at least two of the same
/// answers; nothing without such a pair. Agreement, not confidence.
std::optional<double> mean_tau(const score_table& scores);

}  // namespace conclave::council
