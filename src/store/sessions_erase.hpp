// Erases what was said, and keeps what was billed.
#pragma once

#include <conclave/time.hpp>

#include "store/batch.hpp"
#include "store/row_numbers.hpp"

#include <optional>

namespace conclave::store {

/// Deletes the messages and texts of one session or, without one, of all the tenant's sessions, and
/// closes their sends.
void erase_sessions(batch& c, tenant_row tenant, const std::optional<session_row>& session,
                    timestamp now);

}  // namespace conclave::store
