// What a host's own provider answered, as the outcome of an attempt.
#pragma once

#include <conclave/provider.hpp>
#include <conclave/result.hpp>

#include "model/call.hpp"

namespace conclave::providers {

/// PROVIDER_REJECTED is `final`, RATE_LIMITED is `refused` with its wait, any other error
/// `ambiguous`. So is an answer that cannot be kept: invalid UTF-8, or longer than a vendor's may
/// be. Token counts out of range are taken for not told.
call_result read_callback(result<provider_reply> reply, const provider_request& request);

}  // namespace conclave::providers
