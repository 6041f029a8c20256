// What a send is decided on: the state of its key, its session, its agent and its history.
#include "base/limits.hpp"
#include "base/planted_bug.hpp"
#include "json/part_text.hpp"
#include "json/tool_text.hpp"
#include "model/turn.hpp"
#include "store/agent_config.hpp"
#include "store/councils.hpp"
#include "store/handlers.hpp"
#include "store/rounds.hpp"
#include "store/rows.hpp"

#include <algorithm>

namespace conclave::store {

namespace {

bool needs_no_call(const send_snapshot& s) {
    return s.state == send_state::succeeded || s.state == send_state::failed_final ||
           s.state == send_state::closed;
}

/// Each result of a message of role `tool` becomes a turn.
std::vector<provider_request::turn> spread_results(std::vector<provider_request::turn> turns) {
    std::vector<provider_request::turn> spread;
    spread.reserve(turns.size());
    for (auto& turn : turns) {
        if (turn.role != message_role::tool) {
            spread.push_back(std::move(turn));
            continue;
        }
        for (auto& r : json::read_tool_results(turn.content))
            spread.push_back({turn.role, std::move(r.content), {}, std::move(r.tool_call_id)});
    }
    return spread;
}

/// Answered turns before `before_seq`. An assistant message names the message it answers and
/// comes after it, so a walk backwards meets the answer first. Half a turn is never taken.
std::vector<provider_request::turn> read_history(sql::connection& c, tenant_row tenant,
                                                 session_row session, std::int64_t before_seq) {
    struct waiting_answer {
        std::int64_t user_seq = 0;
        std::size_t place = 0;
    };
    std::vector<provider_request::turn> turns;  // newest first
    std::vector<waiting_answer> waiting;
    std::size_t bytes = 0;
    sql::cursor row(c,
                    "SELECT seq, role, reply_to_seq, content, tool_calls, parts FROM message"
                    " WHERE tenant_id = ?1"
                    " AND session_id = ?2 AND seq < ?3 ORDER BY seq DESC",
                    tenant, session, before_seq);
    while (row.next()) {
        const auto role = read_enum<message_role>(row, 1);
        const auto seq = row.integer(0);
        auto answer = waiting.end();
        if (role != message_role::assistant) {
            answer = std::find_if(waiting.begin(), waiting.end(),
                                  [&](const auto& w) { return w.user_seq == seq; });
            if (answer == waiting.end()) continue;
        }
        provider_request::turn turn{role, row.text(3)};
        if (!row.is_null(4)) turn.tool_calls = json::read_tool_calls(row.view(4));
        if (!row.is_null(5)) turn.parts = json::read_parts(row.view(5));
        bytes += bytes_of(turn);
        if (bytes > limits::prompt_bytes ||
            static_cast<std::int64_t>(turns.size()) == limits::prompt_messages)
            break;
        if (answer != waiting.end())
            waiting.erase(answer);
        else
            waiting.push_back({row.integer(2), turns.size()});
        turns.push_back(std::move(turn));
    }
    // Answers whose question fell outside; the last places first.
    while (!waiting.empty()) {
        turns.erase(turns.begin() + static_cast<std::ptrdiff_t>(waiting.back().place));
        waiting.pop_back();
    }
    std::reverse(turns.begin(), turns.end());
    return spread_results(std::move(turns));
}

}  // namespace

find_send::answer find(sql::connection& c, const find_send& query) {
    find_send::answer a;
    sql::cursor row(c,
                    "SELECT " CONCLAVE_SEND_COLUMNS
                    ", t.status, t.fingerprint_key FROM tenant t"
                    " LEFT JOIN send x ON x.tenant_id = t.tenant_id AND x.operation = ?2"
                    " AND x.key_hash = ?3" CONCLAVE_SEND_JOINS
                    " WHERE t.public_id = ?1 AND t.status <> 2",
                    query.scope.id(), query.key.operation, query.key.key_hash);
    if (!row.next()) return a;
    a.tenant = read_enum<tenant_status>(row, send_columns);
    a.fingerprint_key = read_digest(row, send_columns + 1);
    if (!row.is_null(0)) a.send = read_send(row, 0);
    if (planted(planted_bug::key_not_tenant_scoped))
        a.send = load_send(c, tenant_row::none, query.key);
    return a;
}

prepare_send::answer find(sql::connection& c, const prepare_send& query) {
    prepare_send::answer a;
    a.known = find(c, find_send{query.scope, query.key});
    if (!a.known.tenant || (a.known.send && needs_no_call(*a.known.send))) return a;
    auto& turn = a.turn;
    const auto tenant = row_of(c, query.scope);
    auto session = session_row::none;
    {
        sql::cursor row(c,
                        "SELECT (SELECT max(generation) FROM price_version), s.status, s.agent_id,"
                        " " CONCLAVE_LAST_SEQ
                        ", a.version, a.created_at, v.created_at, v.config, s.session_id"
                        " FROM (SELECT 1) LEFT JOIN session s"
                        " ON s.tenant_id = ?1 AND s.public_id = ?2 AND s.status <> 2"
                        " LEFT JOIN agent a ON a.tenant_id = s.tenant_id"
                        " AND a.agent_id = s.agent_id AND a.deleted_at IS NULL"
                        " LEFT JOIN agent_version v ON v.tenant_id = s.tenant_id"
                        " AND v.agent_id = a.agent_id AND v.version = a.version",
                        tenant, query.session);
        row.next();
        a.price_generation = row.integer(0);
        if (row.is_null(1)) return a;
        turn.session = read_enum<session_status>(row, 1);
        session = read_enum<session_row>(row, 8);
        turn.agent_id = row.view(2);
        turn.fingerprint_key = a.known.fingerprint_key;
        turn.next_seq = row.integer(3) + 1;
        if (turn.next_seq == 1) turn.active_days.emplace();
        if (!row.is_null(4)) {
            conclave::agent agent;
            agent.id = turn.agent_id;
            agent.version = row.integer(4);
            agent.created_at = row.time(5);
            agent.updated_at = row.time(6);
            read_agent_config(agent, row.view(7));
            turn.agent = std::make_shared<const conclave::agent>(std::move(agent));
        }
    }
    if (a.known.send) {
        a.rounds = read_rounds(c, tenant, a.known.send->row);
        a.council = read_council(c, tenant, a.known.send->row);
    }
    turn.history =
        read_history(c, tenant, session, a.known.send ? a.known.send->user_seq : turn.next_seq);
    return a;
}

find_unknown_send::answer find(sql::connection& c, const find_unknown_send& query) {
    find_unknown_send::answer a;
    const auto tenant = row_of(c, query.scope);
    a.send = query.key ? load_send(c, tenant, *query.key) : load_send(c, tenant, query.send);
    if (!a.send) return a;
    sql::cursor row(c,
                    "SELECT stage, seat, round, attempt, provider, model, price_id, released_at"
                    " FROM provider_call WHERE tenant_id = ?1 AND send_id = ?2"
                    " UNION ALL SELECT 'answer', 0, 0, 0, open_provider, open_model, open_price,"
                    " open_at FROM send"
                    " WHERE tenant_id = ?1 AND send_id = ?2 AND open_at IS NOT NULL"
                    " ORDER BY 1, 2, 3, 4",
                    tenant, a.send->row);
    while (row.next()) {
        released_attempt r;
        r.key = {row.text(0), row.integer(1), row.integer(2), row.integer(3)};
        r.route = {row.text(4), row.text(5)};
        if (!row.is_null(6)) r.price = price_id(row.view(6));
        r.at = row.time(7);
        a.attempts.push_back(std::move(r));
    }
    return a;
}

list_unknown_sends::answer find(sql::connection& c, const list_unknown_sends& query) {
    std::vector<unknown_send> sends;
    const auto limit = page_limit(query.page);
    sql::cursor row(c,
                    "SELECT x.public_id, x.operation, s.public_id, x.request_id, x.epoch,"
                    " x.attempts, x.created_at, x.updated_at FROM send x"
                    " JOIN session s ON s.tenant_id = x.tenant_id AND s.session_id = x.session_id"
                    " WHERE x.tenant_id = ?1 AND x.state = 5 AND x.public_id < ?2"
                    " ORDER BY x.public_id DESC LIMIT ?3",
                    row_of(c, query.scope), below(query.page), limit + 1);
    while (row.next())
        sends.push_back({row.text(0), row.text(1), row.text(2), row.text(3), row.integer(4),
                         row.integer(5), row.time(6), row.time(7)});
    return {make_page(std::move(sends), limit, [](const auto& s) { return s.send_id.str(); })};
}

}  // namespace conclave::store
