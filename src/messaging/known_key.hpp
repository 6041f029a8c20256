// What a key that may have been seen before gets: an answer, a run, or a wait.
#pragma once

#include <conclave/reply.hpp>
#include <conclave/result.hpp>

#include "messaging/order.hpp"
#include "messaging/stream_log.hpp"
#include "resilience/resolved_policy.hpp"
#include "store/sends.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace conclave::messaging {

/// The stored answer, free of charge; or an error that no call can change.
struct settled_answer {
    result<reply> outcome;
    bool replay = false;                  ///< counts as a replay
    std::int64_t epoch = 0;               ///< of the run that gave it
    std::vector<stream_step> steps = {};  ///< what its stream shows of tools
};
/// A call may be made under this key.
struct may_run {
    bool recover_unknown = false;
};
/// Claimed by us in a commit whose outcome was not known, and never sent: to be given back first.
struct own_orphan {};
/// Another instance is at it, if it lives.
struct owned_elsewhere {
    owner_ref owner;
};
using key_verdict = std::variant<settled_answer, may_run, own_orphan, owned_elsewhere>;

/// Decides by the state table of SEMANTICS section 1. `self` is this instance's owner id: a send
/// that it owns while no flow of it is alive was claimed by a commit whose outcome was not known.
key_verdict judge_key(const send_order& order, const store::find_send::answer& known,
                      const resilience::resolved_policy& policy, const std::string& self);

}  // namespace conclave::messaging
