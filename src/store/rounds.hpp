// The rounds of sends, as T1, what follows it and recovery write and read them.
#pragma once

#include "model/round.hpp"
#include "store/row_numbers.hpp"
#include "store/sends.hpp"
#include "store/sql/driver.hpp"

#include <optional>
#include <vector>

namespace conclave::store {

/// Writes a round, or what has become of its calls since it was written.
void write_round(sql::connection& c, tenant_row tenant, send_row send, const send_round& round);

/// All rounds of a send, in their order.
std::vector<stored_round> read_rounds(sql::connection& c, tenant_row tenant, send_row send);

/// Calls whose outcome is not held may run again: somebody said so.
void allow_calls_again(sql::connection& c, tenant_row tenant, send_row send);

/// The answer of the send does not rest on them, or is forgotten itself.
void forget_rounds(sql::connection& c, tenant_row tenant, send_row send);

/// Deletes the rounds of the sends of one session or, without one, of the tenant.
void erase_rounds(sql::connection& c, tenant_row tenant, const std::optional<session_row>& session);

}  // namespace conclave::store
