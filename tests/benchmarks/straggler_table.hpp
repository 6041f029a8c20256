// The model of slow members at the shipped table: whole deliberations on a virtual clock.
#pragma once

#include "straggler_model.hpp"

namespace bench {

/// Plays the turn through council::deliberation, which asks, cuts, hedges and concludes as it does
/// in a gateway; calls take the time that was drawn for them. `book` as in `run`. Not for a rule
/// that waits for ever, which no council has.
turn_result deliberate(const straggler_model& model, const straggler_rule& rule,
                       const drawn_turn& drawn, conclave::council::latency_book& book);

}  // namespace bench
