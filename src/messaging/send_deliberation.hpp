// How a send carries out what its council decides.
#pragma once

#include <conclave/result.hpp>

#include "messaging/send.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace conclave::messaging {

/// Plans the deliberation of a send that has its basis and makes its first decision; sets the plan
/// and `council`. BUDGET_EXCEEDED, COUNCIL_QUORUM_FAILED or VALIDATION_ERROR where nothing can be
/// called.
result<void> prepare_council(send& s, store::prepare_send::answer& state, const send_id& send,
                             const context& c);
/// What T1 has to commit of it.
store::claim_send::deliberation claim_of(send_council& council);
/// The claim came to nothing.
void drop_council(send& s, const context& c);

/// T1 stands.
actions begin_deliberation(send& s, const context& c);
actions on_seat_end(send& s, seat_ended e, const context& c);
actions on_council_committed(send& s, calls_released e, const context& c);
/// The host ranked the answers, or did not.
actions on_host_ranked(send& s, tools_ended e, const context& c);
actions on_council_woken(send& s, const context& c);
/// On request: abort or close.
actions cut_council(send& s, const context& c);

/// What a failed run told last, now that it is stored.
actions show_failed_council(send& s);

/// The call in slot `i` of a council said something; true if streams show it.
bool hear_seat(send& s, std::size_t i, std::string_view text, instant now);

}  // namespace conclave::messaging
