// What callers are told when a send comes to nothing.
#pragma once

#include <conclave/error.hpp>

#include "messaging/send.hpp"

namespace conclave::messaging {

/// The same with the id of the request that caused it.
error with_request(const send& s, error e);

/// Why T1 was refused for good.
error claim_error(const send& s, store::claim_send::verdict what);

/// PROVIDER_REJECTED: even the second answer does not fit the schema, and why.
error misfit(const error& why);

/// Why the attempts of a call gave no answer, or none was made.
error failure_error(const calls::paid_call& call, calls::call_failure why, instant now);
/// Likewise those of a send, whose fallbacks need not all be there.
error failure_error(const send& s, calls::call_failure why, instant now);

}  // namespace conclave::messaging
