// The order of the answers, and how ties are broken.
#pragma once

#include "council/aggregate.hpp"
#include "council/robust_rule.hpp"
#include "council/score_table.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace conclave::council {

/// An order, the qualities behind it, and the fit that all rules but the host's look at.
struct choice {
    ranking_basis basis = ranking_basis::unranked;
    std::vector<double> quality;     ///< of each candidate, in the rule's unit
    std::vector<std::size_t> order;  ///< indices of candidates, best first
    std::optional<robust_fit> robust;
};

/// What a rule makes of the scores. `serious` counts the critics who call a candidate's flaws major
/// or fatal.
choice choose(rule r, std::span<const candidate> candidates, const score_table& scores,
              std::span<const std::size_t> serious, const turn_seed& seed);

}  // namespace conclave::council
