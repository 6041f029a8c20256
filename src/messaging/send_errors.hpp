// What callers are told when a send comes to nothing.
#pragma once

#include <conclave/error.hpp>

#include "messaging/send.hpp"

namespace conclave::messaging {

/// Why T1 was refused for good.
error claim_error(const send& s, store::claim_send::verdict what);

/// Why the attempts gave no answer.
error failure_error(const send& s, calls::call_failure why);

}  // namespace conclave::messaging
