// Decisions about sessions: input in, transaction out.
#pragma once

#include <conclave/result.hpp>
#include <conclave/session.hpp>

#include "base/id_source.hpp"
#include "model/tenant_scope.hpp"
#include "store/sessions.hpp"

namespace conclave::sessions {

// VALIDATION_ERROR naming the field, or PAYLOAD_TOO_LARGE for metadata over its limit.

result<store::create_session> plan_create(tenant_scope scope, new_session input, id_source& ids,
                                          timestamp now);
result<void> check_update(const session_update& change);
/// The filter with its page filled in.
result<session_filter> check_filter(session_filter filter);

}  // namespace conclave::sessions
