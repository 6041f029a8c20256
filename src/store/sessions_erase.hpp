// Erases what was said, and keeps what was billed.
#pragma once

#include <conclave/time.hpp>

#include "model/tenant_scope.hpp"
#include "store/sql/driver.hpp"

#include <optional>

namespace conclave::store {

/// Deletes the messages and texts of one session or, without one, of all the tenant's sessions, and
/// closes their sends.
void erase_sessions(sql::connection& c, const tenant_scope& scope,
                    const std::optional<session_id>& session, timestamp now);

}  // namespace conclave::store
