// What a turn may cost at worst.
#pragma once

#include <conclave/money.hpp>
#include <conclave/result.hpp>

#include "council/deliberation.hpp"

namespace conclave::council {

/// The worst case of one call: each byte of the prompt a token, all of the output allowed. Zero for
/// a seat without a price.
money worst_case(const seat& s, const provider_request& prompt);

/// Whether a call of this worst case may be added to what is spent and in flight.
bool is_affordable(const deliberation& d, money worst);

/// The worst case of the whole turn, later prompts estimated from the longest answers allowed.
money estimate(const terms& t);

/// The ladder of COUNCIL.md 4.9: without synthesis, fewer critics, fewer members. Changes the
/// terms, and says what was given up. BUDGET_EXCEEDED if it does not fit all the same.
result<std::vector<degradation>> fit_budget(terms& t);

}  // namespace conclave::council
