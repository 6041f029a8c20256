// Writes and reads deliberations.
#include "store/councils.hpp"

#include "store/agent_config.hpp"
#include "store/handlers.hpp"
#include "store/rows.hpp"

namespace conclave::store {

namespace {

using sql::run;

std::vector<stored_council_call> read_calls(sql::connection& c, tenant_row tenant, send_row send) {
    std::vector<stored_council_call> calls;
    sql::cursor row(c,
                    "SELECT p.stage, p.seat, p.round, p.attempt, p.class, p.error, p.finish, p.cut,"
                    " p.latency_ms, p.duplicate, p.provider, p.model, p.input, p.cached_input,"
                    " p.cache_write, p.output, p.reasoning, p.cost_nano_usd, p.basis, p.price_id,"
                    " t.text FROM provider_call p LEFT JOIN call_text t"
                    " ON t.tenant_id = p.tenant_id AND t.send_id = p.send_id"
                    " AND t.stage = p.stage AND t.seat = p.seat AND t.round = p.round"
                    " AND t.attempt = p.attempt"
                    " WHERE p.tenant_id = ?1 AND p.send_id = ?2 AND p.stage <> 'answer'"
                    " ORDER BY p.stage, p.seat, p.round, p.attempt",
                    tenant, send);
    while (row.next()) {
        auto& call = calls.emplace_back();
        call.key = {row.text(0), row.integer(1), row.integer(2), row.integer(3)};
        call.unfinished = row.is_null(4);
        call.outcome = row.is_null(4) ? call_class::ambiguous : read_enum<call_class>(row, 4);
        call.error = read_enum<attempt_error>(row, 5);
        call.finish = read_enum<finish_reason>(row, 6);
        call.cut = row.integer(7) != 0;
        call.latency_ms = row.integer(8);
        call.duplicate = row.integer(9) != 0;
        call.line.provider = row.text(10);
        call.line.model = row.text(11);
        call.line.tokens = read_tokens(row, 12);
        call.line.cost = read_money(row, 17);
        call.line.estimated = read_enum<cost_basis>(row, 18) == cost_basis::estimated;
        if (!row.is_null(19)) call.line.price = price_id(row.view(19));
        if (!row.is_null(20)) call.text = row.text(20);
    }
    return calls;
}

}  // namespace

void write_council(sql::connection& c, tenant_row tenant, send_row send,
                   const council_basis& basis) {
    run(c,
        "INSERT INTO council_turn (tenant_id, send_id, options, seed) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT DO NOTHING",
        tenant, send, basis.options, basis.seed);
}

void write_council_events(sql::connection& c, tenant_row tenant, send_row send,
                          const std::vector<council_note>& events, timestamp now) {
    for (const auto& e : events)
        run(c,
            "INSERT INTO council_event (tenant_id, send_id, seq, at, document)"
            " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
            tenant, send, e.seq, now, e.document);
}

std::optional<stored_council> read_council(sql::connection& c, tenant_row tenant, send_row send) {
    stored_council stored;
    {
        sql::cursor row(
            c, "SELECT options, seed FROM council_turn WHERE tenant_id = ?1 AND send_id = ?2",
            tenant, send);
        if (!row.next()) return std::nullopt;
        stored.basis = {row.text(0), read_digest(row, 1)};
    }
    stored.calls = read_calls(c, tenant, send);
    sql::cursor row(c,
                    "SELECT document FROM council_event WHERE tenant_id = ?1 AND send_id = ?2"
                    " ORDER BY seq",
                    tenant, send);
    while (row.next()) stored.events.push_back(row.text(0));
    return stored;
}

void erase_councils(sql::connection& c, tenant_row tenant,
                    const std::optional<session_row>& session) {
    if (!session) {
        run(c, "DELETE FROM council_turn WHERE tenant_id = ?1", tenant);
        run(c, "DELETE FROM council_event WHERE tenant_id = ?1", tenant);
        return;
    }
    run(c,
        "DELETE FROM council_turn WHERE tenant_id = ?1 AND send_id IN"
        " (SELECT send_id FROM message WHERE tenant_id = ?1 AND session_id = ?2)",
        tenant, *session);
    run(c,
        "DELETE FROM council_event WHERE tenant_id = ?1 AND send_id IN"
        " (SELECT send_id FROM message WHERE tenant_id = ?1 AND session_id = ?2)",
        tenant, *session);
}

open_council_session::outcome perform(batch& c, const open_council_session& command) {
    if (!tenant_exists(c, command.scope)) return {};
    const auto tenant = c.row_of(command.scope);
    const auto& a = command.agent;
    const auto made = run(c,
                          "INSERT INTO agent (tenant_id, agent_id, name, version, created_at,"
                          " hidden) VALUES (?1, ?2, ?3, ?4, ?5, 1) ON CONFLICT DO NOTHING",
                          tenant, a.id, a.name, a.version, a.created_at);
    if (made == 1) {
        const auto config = print_agent_config(a);
        run(c,
            "INSERT INTO agent_version (tenant_id, agent_id, version, config, created_at)"
            " VALUES (?1, ?2, ?3, ?4, ?5)",
            tenant, a.id, a.version, config, a.created_at);
    }
    run(c,
        "INSERT INTO session (tenant_id, public_id, agent_id, status, pinned, created_at,"
        " customer_id, subject, title, metadata, hidden)"
        " VALUES (?1, ?2, ?3, 0, 0, ?4, '', '', '', '{}', 1) ON CONFLICT DO NOTHING",
        tenant, command.session, a.id, a.created_at);
    return {.tenant_found = true};
}

find_council_report::answer find(sql::connection& c, const find_council_report& query) {
    sql::cursor row(c,
                    "SELECT m.reply_metadata FROM message m WHERE m.tenant_id = ?1"
                    " AND m.message_id = ?2 AND m.role = 2",
                    row_of(c, query.scope), query.message);
    find_council_report::answer a;
    a.found = row.next();
    if (a.found && !row.is_null(0)) a.metadata = row.text(0);
    return a;
}

list_council_reports::answer find(sql::connection& c, const list_council_reports& query) {
    sql::cursor row(c,
                    "SELECT m.message_id, m.reply_metadata FROM session s"
                    " JOIN message m ON m.tenant_id = s.tenant_id AND m.session_id = s.session_id"
                    " JOIN council_turn t ON t.tenant_id = m.tenant_id AND t.send_id = m.send_id"
                    " WHERE s.tenant_id = ?1 AND s.public_id = ?2 AND m.role = 2"
                    " AND m.reply_metadata IS NOT NULL ORDER BY m.seq",
                    row_of(c, query.scope), query.session);
    list_council_reports::answer a;
    while (row.next()) a.metadata.emplace_back(message_id(row.text(0)), row.text(1));
    return a;
}

}  // namespace conclave::store
