// Writes and reads the rounds of sends.
#include "store/rounds.hpp"

#include "json/tool_text.hpp"
#include "store/rows.hpp"

namespace conclave::store {

namespace {

using sql::run;

void write_call(sql::connection& c, tenant_row tenant, send_row send, std::int64_t round,
                std::size_t number, const round_call& call) {
    run(c,
        "INSERT INTO tool_call (tenant_id, send_id, round, number, tool_call_id, name, arguments,"
        " repeatable, state, content, sources, duration_ms)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
        " ON CONFLICT (tenant_id, send_id, round, number) DO UPDATE SET"
        " repeatable = excluded.repeatable, state = excluded.state, content = excluded.content,"
        " sources = excluded.sources, duration_ms = excluded.duration_ms",
        tenant, send, round, number, call.call.id, call.call.name, call.call.arguments,
        call.repeatable, call.state, call.content, json::print_sources(call.sources),
        call.duration_ms);
}

void read_calls(sql::connection& c, tenant_row tenant, send_row send,
                std::vector<stored_round>& rounds) {
    sql::cursor row(c,
                    "SELECT round, tool_call_id, name, arguments, repeatable, state, content,"
                    " sources, duration_ms FROM tool_call WHERE tenant_id = ?1 AND send_id = ?2"
                    " ORDER BY round, number",
                    tenant, send);
    auto at = rounds.begin();
    while (row.next()) {
        while (at != rounds.end() && at->round.number < row.integer(0)) ++at;
        if (at == rounds.end()) return;
        at->round.calls.push_back({{row.text(1), row.text(2), row.text(3)},
                                   row.integer(4) != 0,
                                   read_enum<tool_state>(row, 5),
                                   row.text(6),
                                   json::read_sources(row.view(7)),
                                   row.integer(8)});
    }
}

}  // namespace

void write_round(sql::connection& c, tenant_row tenant, send_row send, const send_round& round) {
    run(c,
        "INSERT INTO send_round (tenant_id, send_id, round, attempt, text, keepsake, complaint)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
        tenant, send, round.number, round.attempt, round.text, round.keepsake, round.complaint);
    for (std::size_t i = 0; i < round.calls.size(); ++i)
        write_call(c, tenant, send, round.number, i, round.calls[i]);
}

std::vector<stored_round> read_rounds(sql::connection& c, tenant_row tenant, send_row send) {
    std::vector<stored_round> rounds;
    {
        sql::cursor row(c,
                        "SELECT r.round, r.attempt, r.text, r.keepsake, r.complaint, p.provider,"
                        " p.model, p.input, p.cached_input, p.cache_write, p.output, p.reasoning,"
                        " p.cost_nano_usd, p.basis, p.price_id FROM send_round r"
                        " JOIN provider_call p ON p.tenant_id = r.tenant_id"
                        " AND p.send_id = r.send_id AND p.stage = 'answer' AND p.seat = 0"
                        " AND p.round = r.round AND p.attempt = r.attempt"
                        " WHERE r.tenant_id = ?1 AND r.send_id = ?2 ORDER BY r.round",
                        tenant, send);
        while (row.next()) {
            stored_round& r = rounds.emplace_back();
            r.round = {row.integer(0), row.integer(1), row.text(2), row.text(3), row.text(4), {}};
            r.answer.provider = row.text(5);
            r.answer.model = row.text(6);
            r.answer.tokens = read_tokens(row, 7);
            r.answer.cost = read_money(row, 12);
            r.answer.estimated = read_enum<cost_basis>(row, 13) == cost_basis::estimated;
            r.answer.cost_reported = read_enum<cost_basis>(row, 13) == cost_basis::reported;
            if (!row.is_null(14)) r.answer.price = price_id(row.view(14));
        }
    }
    if (!rounds.empty()) read_calls(c, tenant, send, rounds);
    return rounds;
}

void allow_calls_again(sql::connection& c, tenant_row tenant, send_row send) {
    run(c, "UPDATE tool_call SET state = 3 WHERE tenant_id = ?1 AND send_id = ?2 AND state = 0",
        tenant, send);
}

void forget_rounds(sql::connection& c, tenant_row tenant, send_row send) {
    run(c, "DELETE FROM tool_call WHERE tenant_id = ?1 AND send_id = ?2", tenant, send);
    run(c, "DELETE FROM send_round WHERE tenant_id = ?1 AND send_id = ?2", tenant, send);
}

void erase_rounds(sql::connection& c, tenant_row tenant,
                  const std::optional<session_row>& session) {
    if (!session) {
        run(c, "DELETE FROM tool_call WHERE tenant_id = ?1", tenant);
        run(c, "DELETE FROM send_round WHERE tenant_id = ?1", tenant);
        return;
    }
    run(c,
        "DELETE FROM tool_call WHERE tenant_id = ?1 AND send_id IN"
        " (SELECT send_id FROM message WHERE tenant_id = ?1 AND session_id = ?2)",
        tenant, *session);
    run(c,
        "DELETE FROM send_round WHERE tenant_id = ?1 AND send_id IN"
        " (SELECT send_id FROM message WHERE tenant_id = ?1 AND session_id = ?2)",
        tenant, *session);
}

}  // namespace conclave::store
