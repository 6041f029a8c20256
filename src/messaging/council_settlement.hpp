// What T2 writes once a council has come to its conclusion.
#pragma once

#include "base/id_source.hpp"
#include "messaging/order.hpp"
#include "messaging/send_council.hpp"
#include "messaging/settlement.hpp"

#include <string>
#include <vector>

namespace conclave::messaging {

/// An event stands in the store: streams show it where their text is now.
void stand(send_council& council, const std::string& event);

/// Builds T2: the bill is of all answers and of what was cut, in every run of the turn. Takes the
/// notes that no commit has yet.
settlement settle_council(const send_order& order, send_council& council,
                          const store::claim_send::claimed& claim, const agent_id& agent,
                          message_status status, store::send_fence fence, id_source& ids,
                          timestamp now, std::vector<store::finished_attempt> finished);

}  // namespace conclave::messaging
