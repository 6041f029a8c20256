// Deliberations in the store: what they were begun with, what came of their calls, what was told.
#pragma once

#include "store/batch.hpp"
#include "store/row_numbers.hpp"
#include "store/sends.hpp"
#include "store/sql/driver.hpp"

#include <optional>
#include <vector>

namespace conclave::store {

/// Keeps what an earlier run was begun with.
void write_council(sql::connection& c, tenant_row tenant, send_row send,
                   const council_basis& basis);
void write_council_events(sql::connection& c, tenant_row tenant, send_row send,
                          const std::vector<council_note>& events, timestamp now);

/// Nothing for a send that is no council's.
std::optional<stored_council> read_council(sql::connection& c, tenant_row tenant, send_row send);

/// Of one session or, without one, of the whole tenant.
void erase_councils(sql::connection& c, tenant_row tenant,
                    const std::optional<session_row>& session);

}  // namespace conclave::store
