// Calls for vectors in the ledger. Their sends have negative numbers in place of a session's, one
// each, so that they neither wait for one another nor count as sessions.
#include "store/embeddings.hpp"

#include "store/handlers.hpp"
#include "store/ledger.hpp"
#include "store/rows.hpp"

namespace conclave::store {

namespace {

using sql::run;
using verdict = begin_embedding::verdict;

session_row no_session_of(send_row send) {
    return static_cast<session_row>(-static_cast<std::int64_t>(send));
}

verdict judge(sql::connection& c, tenant_row tenant, const begin_embedding& command) {
    sql::cursor row(c,
                    "SELECT status, (SELECT max(generation) FROM price_version) FROM tenant"
                    " WHERE tenant_id = ?1",
                    tenant);
    if (!row.next()) return verdict::tenant_missing;
    const auto status = read_enum<tenant_status>(row, 0);
    if (status == tenant_status::deleted) return verdict::tenant_missing;
    if (status == tenant_status::suspended) return verdict::tenant_suspended;
    return row.integer(1) == command.price_generation ? verdict::begun : verdict::changed;
}

bool mark_settled(sql::connection& c, tenant_row tenant, send_row send,
                  const settle_embedding& command) {
    const auto& fence = command.fence;
    return run(c,
               "UPDATE send SET state = 2, hold_nano_usd = 0, updated_at = ?6"
               " WHERE tenant_id = ?1 AND send_id = ?2 AND owner = ?3 AND epoch = ?4"
               " AND public_id = ?5 AND state = 1",
               tenant, send, fence.owner, fence.epoch, fence.send, command.now) == 1;
}

}  // namespace

begin_embedding::outcome perform(batch& c, const begin_embedding& command) {
    const auto tenant = c.row_of(command.scope);
    if (const auto judged = judge(c, tenant, command); judged != verdict::begun) return {judged};
    run(c,
        "INSERT INTO send (tenant_id, public_id, operation, key_hash, fingerprint, session_id,"
        " agent_id, agent_version, user_seq, state, owner, epoch, hold_nano_usd, request_id,"
        " attempts, created_at, updated_at)"
        " VALUES (?1, ?2, ?3, ?4, zeroblob(32), -coalesce((SELECT max(send_id) FROM send), 0) - 1,"
        " '', 0, 0, 1, ?5, 1, ?6, ?7, 1, ?8, ?8)",
        tenant, command.send, command.key.operation, command.key.key_hash, command.owner,
        command.hold.nano_usd(), command.request, command.now);
    const auto send = static_cast<send_row>(c.last_row());
    insert_attempt(c, tenant, send, 1, command.first, 0);
    c.add_to_balance(tenant, command.hold, money());
    return {verdict::begun, send};
}

settle_embedding::outcome perform(batch& c, const settle_embedding& command) {
    const auto tenant = c.row_of(command.scope);
    const auto row = row_of(c, tenant, command.fence);
    if (!mark_settled(c, tenant, row, command)) return {.fenced_off = true};
    const auto day = day_of(command.now);
    for (const auto& attempt : command.finished)
        finish_attempt(c, tenant, row, command.fence.epoch, attempt,
                       {.day = day, .billable = attempt.result.outcome == call_class::ok});
    ledger_send send;
    send.row = row;
    send.key = command.fence.key;
    send.epoch = command.fence.epoch;
    send.session = no_session_of(row);
    const auto& line = command.line;
    insert_usage_event(c, tenant, {send, {}, line, 0, day, true, command.now});
    const auto cost = line.cost.value_or(money());
    c.add_to_rollup({tenant, day, line.provider, line.model, ""},
                    {0, 0, 0, line.tokens, cost, line.cost ? 0 : line.tokens.total()});
    c.add_to_balance(tenant, money() - command.hold, cost);
    return {};
}

}  // namespace conclave::store
