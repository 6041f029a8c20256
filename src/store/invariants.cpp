// Checks the ledger's invariants: each is a query for the rows that break it.
#include "store/invariants.hpp"

#include "store/handlers.hpp"
#include "store/price_columns.hpp"
#include "store/rows.hpp"

#include <iterator>

namespace conclave::store {

namespace {

constexpr std::int64_t offending_rows = 20;

// How a row names its tenant or its send to those outside.
#define CONCLAVE_TENANT_OF(row) \
    "coalesce((SELECT public_id FROM tenant WHERE tenant_id = " row ".tenant_id), '?')"
#define CONCLAVE_SEND_OF(row)                                     \
    "coalesce((SELECT public_id FROM send WHERE tenant_id = " row \
    ".tenant_id "                                                 \
    "AND send_id = " row ".send_id), '?')"

struct invariant_query {
    const char* name;
    const char* statement;
    const char* sql;  ///< gives one text per offending row; ?1 is the most it may give
};

// Of a send's events the first one is asked for by its whole key (line 0; I9 says that no line is
// missing): by a part of it a tenant's events would be searched through for each send.
constexpr invariant_query queries[] = {
    {"I1", "Each assistant message has its usage events, and each event its message.",
     "SELECT 'message ' || m.message_id || ' has no usage event'"
     " FROM message m"
     " LEFT JOIN send x ON x.tenant_id = m.tenant_id AND x.send_id = m.send_id"
     " WHERE m.role = 2 AND NOT EXISTS (SELECT 1 FROM usage_event e"
     " WHERE e.tenant_id = x.tenant_id AND e.send_id = x.send_id AND e.line = 0"
     " AND e.corrects IS NULL AND e.message_id = m.message_id)"
     " UNION ALL SELECT 'event ' || e.event_id || ' has no message'"
     " FROM usage_event e"
     " LEFT JOIN send x ON x.tenant_id = e.tenant_id AND x.send_id = e.send_id"
     " LEFT JOIN session s ON s.tenant_id = e.tenant_id AND s.session_id = e.session_id"
     " WHERE e.corrects IS NULL AND e.session_id > 0 AND coalesce(s.status, 0) <> 2 AND NOT EXISTS"
     " (SELECT 1 FROM message m WHERE m.tenant_id = x.tenant_id"
     " AND m.session_id = x.session_id AND m.seq = x.reply_seq"
     " AND m.message_id = e.message_id AND m.role = 2) LIMIT ?1"},

    {"I2", "Events and roll-ups have the same sums and sessions on every day, in every grouping.",
     "SELECT 'roll-up of ' || " CONCLAVE_TENANT_OF(
         "sums") " || ', day ' || day || ', ' || provider || '/' || model || ', ' || agent_id FROM "
                 "("
                 " SELECT tenant_id, day, provider, model, agent_id,"
                 " corrects IS NULL AND session_id > 0 AS messages,"
                 " CASE WHEN corrects IS NOT NULL OR session_id < 0 THEN 0 ELSE row_number() OVER"
                 " (PARTITION BY tenant_id, send_id, provider, corrects IS NULL ORDER BY line) = 1"
                 " END AS messages_of_provider,"
                 " corrects IS NULL AND line = 0 AND session_id > 0 AS messages_of_tenant, input, "
                 "cached_input, "
                 "cache_write,"
                 " output, reasoning, coalesce(cost_nano_usd, 0) AS cost_nano_usd,"
                 " CASE WHEN cost_nano_usd IS NULL THEN input + output ELSE 0 END AS "
                 "unpriced_tokens"
                 " FROM usage_event UNION ALL"
                 " SELECT tenant_id, day, provider, model, agent_id, -messages, "
                 "-messages_of_provider,"
                 " -messages_of_tenant, -input, -cached_input, -cache_write, -output, -reasoning,"
                 " -cost_nano_usd, -unpriced_tokens FROM usage_rollup) sums"
                 " GROUP BY tenant_id, day, provider, model, agent_id"
                 " HAVING sum(messages) <> 0 OR sum(messages_of_provider) <> 0"
                 " OR sum(messages_of_tenant) <> 0 OR sum(input) <> 0 OR sum(cached_input) <> 0"
                 " OR sum(cache_write) <> 0 OR sum(output) <> 0 OR sum(reasoning) <> 0"
                 " OR sum(cost_nano_usd) <> 0 OR sum(unpriced_tokens) <> 0"
                 " UNION ALL"
                 " SELECT 'sessions of ' || " CONCLAVE_TENANT_OF(
                     "sums") " || ', day ' || day || ', ' || subject || ' ' || model"
                             " FROM ("
                             " SELECT tenant_id, day, 0 AS scope, '' AS subject, '' AS model,"
                             " count(DISTINCT session_id) AS sessions FROM usage_event"
                             " WHERE session_id > 0 GROUP BY tenant_id, day"
                             " UNION ALL SELECT tenant_id, day, 1, provider, '', count(DISTINCT "
                             "session_id)"
                             " FROM usage_event WHERE session_id > 0"
                             " GROUP BY tenant_id, day, provider"
                             " UNION ALL SELECT tenant_id, day, 2, provider, model, count(DISTINCT "
                             "session_id)"
                             " FROM usage_event WHERE session_id > 0"
                             " GROUP BY tenant_id, day, provider, model"
                             " UNION ALL SELECT tenant_id, day, 3, agent_id, '', count(DISTINCT "
                             "session_id)"
                             " FROM usage_event WHERE session_id > 0"
                             " GROUP BY tenant_id, day, agent_id"
                             " UNION ALL SELECT tenant_id, day, scope, subject, model, -sessions"
                             " FROM usage_session_days) sums"
                             " GROUP BY tenant_id, day, scope, subject, model HAVING sum(sessions) "
                             "<> 0 LIMIT ?1"},

    {"I3", "The total is the sum by provider and the sum by agent.",
     "SELECT 'usage of ' || " CONCLAVE_TENANT_OF(
         "sums") " || ' by ' || kind || ' ' || subject FROM ("
                 " SELECT tenant_id, 'all' AS kind, '' AS subject, cost_nano_usd, input + output "
                 "AS tokens"
                 " FROM usage_event"
                 " UNION ALL SELECT tenant_id, 'all', '', -cost_nano_usd, -input - output"
                 " FROM usage_rollup"
                 " UNION ALL SELECT tenant_id, 'provider', provider, cost_nano_usd, input + output"
                 " FROM usage_event"
                 " UNION ALL SELECT tenant_id, 'provider', provider, -cost_nano_usd, -input - "
                 "output"
                 " FROM usage_rollup"
                 " UNION ALL SELECT tenant_id, 'agent', agent_id, cost_nano_usd, input + output"
                 " FROM usage_event"
                 " UNION ALL SELECT tenant_id, 'agent', agent_id, -cost_nano_usd, -input - output"
                 " FROM usage_rollup) sums"
                 " GROUP BY tenant_id, kind, subject"
                 " HAVING coalesce(sum(cost_nano_usd), 0) <> 0 OR sum(tokens) <> 0 LIMIT ?1"},

    {"I4", "An event has the cost and the tokens of its billable calls.",
     "SELECT 'send ' || " CONCLAVE_SEND_OF(
         "sums") " || ', ' || provider || '/' || model FROM ("
                 " SELECT x.tenant_id, x.send_id, e.provider, e.model, e.cost_nano_usd, e.input,"
                 " e.cached_input, e.cache_write, e.output, e.reasoning, 1 AS events, 0 AS calls"
                 " FROM usage_event e JOIN send x ON x.tenant_id = e.tenant_id"
                 " AND x.send_id = e.send_id WHERE e.corrects IS NULL"
                 " UNION ALL SELECT tenant_id, send_id, provider, model, -cost_nano_usd, -input,"
                 " -cached_input, -cache_write, -output, -reasoning, 0, 1"
                 " FROM provider_call WHERE billable = 1) sums"
                 " GROUP BY tenant_id, send_id, provider, model"
                 " HAVING coalesce(sum(cost_nano_usd), 0) <> 0 OR sum(input) <> 0"
                 " OR sum(cached_input) <> 0 OR sum(cache_write) <> 0 OR sum(output) <> 0"
                 " OR sum(reasoning) <> 0 OR sum(events) <> 1 OR sum(calls) = 0 LIMIT ?1"},

    {"I5", "What a tenant holds is the sum of the holds of its sends.",
     "SELECT 'balance of ' || " CONCLAVE_TENANT_OF(
         "b") " FROM tenant_balance b WHERE b.held_nano_usd <>"
              " (SELECT coalesce(sum(x.hold_nano_usd), 0) FROM send x WHERE x.tenant_id = "
              "b.tenant_id)"
              " LIMIT ?1"},

    {"I6", "What a tenant has spent is the sum of its events.",
     "SELECT 'balance of ' || " CONCLAVE_TENANT_OF(
         "b") " FROM tenant_balance b WHERE b.spent_nano_usd <>"
              " (SELECT coalesce(sum(e.cost_nano_usd), 0) FROM usage_event e"
              " WHERE e.tenant_id = b.tenant_id) LIMIT ?1"},

    {"I8", "Only a dispatching send holds money.",
     "SELECT 'send ' || public_id FROM send WHERE hold_nano_usd <> 0 AND state <> 1 LIMIT ?1"},

    {"I9", "A key has one set of charges.",
     "SELECT 'events of message ' || min(message_id) FROM usage_event WHERE corrects IS NULL"
     " GROUP BY tenant_id, send_id"
     " HAVING count(DISTINCT message_id) <> 1 OR max(line) + 1 <> count(*)"
     " OR count(DISTINCT provider || '/' || model) <> count(*) LIMIT ?1"},

    {"I10", "A succeeded send has its message, reply and events; no other open or failed one has.",
     "SELECT 'send ' || x.public_id || ' is succeeded without its reply' FROM send x"
     " LEFT JOIN message m ON m.tenant_id = x.tenant_id AND m.session_id = x.session_id"
     " AND m.seq = x.reply_seq"
     " WHERE x.state = 2 AND x.session_id > 0 AND (m.role IS NULL OR m.role <> 2 OR m.send_id <> "
     "x.send_id"
     " OR m.reply_metadata IS NULL OR m.reply_to_seq <> x.user_seq OR NOT EXISTS"
     " (SELECT 1 FROM usage_event e WHERE e.tenant_id = x.tenant_id"
     " AND e.send_id = x.send_id AND e.line = 0 AND e.corrects IS NULL"
     " AND e.epoch = x.epoch))"
     " UNION ALL SELECT 'call ' || x.public_id || ' is succeeded without its event' FROM send x"
     " WHERE x.state = 2 AND x.session_id < 0 AND NOT EXISTS"
     " (SELECT 1 FROM usage_event e WHERE e.tenant_id = x.tenant_id"
     " AND e.send_id = x.send_id AND e.line = 0 AND e.corrects IS NULL)"
     " UNION ALL SELECT 'event ' || e.event_id || ' is of a send that has not succeeded'"
     " FROM usage_event e JOIN send x ON x.tenant_id = e.tenant_id"
     " AND x.send_id = e.send_id"
     " WHERE x.state NOT IN (2, 6) OR e.epoch <> x.epoch"
     " UNION ALL SELECT 'message ' || m.message_id || ' is of a send that has not succeeded'"
     " FROM message m JOIN send x ON x.tenant_id = m.tenant_id AND x.send_id = m.send_id"
     " WHERE m.role = 2 AND x.state NOT IN (2, 6) LIMIT ?1"},

    {"I11", "A send has one user message, at most one reply and the calls that it counts.",
     "SELECT 'messages of send ' || " CONCLAVE_SEND_OF(
         "m") " FROM message m GROUP BY tenant_id, send_id"
              " HAVING sum(CASE role WHEN 2 THEN 0 ELSE 1 END) <> 1"
              " OR sum(CASE role WHEN 2 THEN 1 ELSE 0 END) > 1"
              " UNION ALL SELECT 'calls of send ' || x.public_id FROM send x WHERE x.attempts <>"
              " (x.open_at IS NOT NULL) + (SELECT count(*) FROM provider_call p"
              " WHERE p.tenant_id = x.tenant_id AND p.send_id = x.send_id)"
              " UNION ALL SELECT 'open call of send ' || public_id FROM send"
              " WHERE open_at IS NOT NULL AND state <> 1 LIMIT ?1"},

    {"I12", "A correction names an earlier event of the same tenant.",
     "SELECT 'event ' || e.event_id FROM usage_event e WHERE e.corrects IS NOT NULL"
     " AND NOT EXISTS (SELECT 1 FROM usage_event o WHERE o.tenant_id = e.tenant_id"
     " AND o.event_id = e.corrects AND o.event_id <> e.event_id) LIMIT ?1"},

    {"I13", "On every day a tenant's spend is at least its bill.",
     "SELECT 'spend of ' || " CONCLAVE_TENANT_OF(
         "sums") " || ', day ' || day FROM ("
                 " SELECT tenant_id, day, cost_nano_usd FROM provider_call WHERE day IS NOT NULL"
                 " UNION ALL SELECT tenant_id, day, -cost_nano_usd FROM usage_event"
                 " WHERE corrects IS NULL) sums"
                 " GROUP BY tenant_id, day HAVING coalesce(sum(cost_nano_usd), 0) < 0 LIMIT ?1"},

    {"I17", "A reply is billed for all rounds that it rests on, of whichever run, and no others.",
     "SELECT 'round ' || r.round || ' of send ' || " CONCLAVE_SEND_OF(
         "r") " FROM send_round r"
              " LEFT JOIN send x ON x.tenant_id = r.tenant_id AND x.send_id = r.send_id"
              " LEFT JOIN provider_call p ON p.tenant_id = r.tenant_id AND p.send_id = r.send_id"
              " AND p.stage = 'answer' AND p.seat = 0 AND p.round = r.round AND p.attempt = "
              "r.attempt"
              " WHERE p.send_id IS NULL OR p.class IS NULL OR p.class <> 0 OR p.duplicate <> 0"
              " OR p.billable <> (x.state = 2)"
              " UNION ALL SELECT 'call ' || p.attempt || ' of send ' || x.public_id FROM "
              "provider_call p"
              " JOIN send x ON x.tenant_id = p.tenant_id AND x.send_id = p.send_id"
              // A reply by hand rests on no rounds and may be billed for a call of any run.
              " WHERE p.billable = 1 AND p.epoch <> x.epoch AND x.state = 2"
              " AND p.stage = 'answer' AND EXISTS"
              " (SELECT 1 FROM provider_call q WHERE q.tenant_id = p.tenant_id"
              " AND q.send_id = p.send_id AND q.billable = 1 AND (q.round <> p.round"
              " OR q.attempt <> p.attempt)) AND NOT EXISTS (SELECT 1 FROM send_round r"
              " WHERE r.tenant_id = p.tenant_id AND r.send_id = p.send_id AND r.round = p.round"
              " AND r.attempt = p.attempt)"
              " UNION ALL SELECT 'tool call ' || t.number || ' of send ' || x.public_id"
              " FROM tool_call t JOIN send x ON x.tenant_id = t.tenant_id AND x.send_id = t.send_id"
              " WHERE x.state = 2 AND t.state NOT IN (1, 2) LIMIT ?1"},

    {"I18", "A council's events have no gaps, and a reply of one is billed for all of its answers.",
     "SELECT 'events of send ' || " CONCLAVE_SEND_OF(
         "e") " FROM council_event e GROUP BY tenant_id, send_id"
              " HAVING min(seq) <> 1 OR max(seq) <> count(*)"
              " UNION ALL SELECT 'call of ' || p.stage || ' ' || p.seat || ' of send ' ||"
              " x.public_id FROM provider_call p"
              " JOIN send x ON x.tenant_id = p.tenant_id AND x.send_id = p.send_id"
              " WHERE p.stage NOT IN ('answer', 'embedding') AND x.state = 2 AND p.duplicate = 0"
              " AND p.billable <> (p.class IS NOT NULL AND (p.class = 0 OR p.cut = 1))"
              " UNION ALL SELECT 'call of ' || p.stage || ' of send number ' || p.send_id"
              " FROM provider_call p"
              " JOIN send x ON x.tenant_id = p.tenant_id AND x.send_id = p.send_id"
              " LEFT JOIN council_turn t ON t.tenant_id = p.tenant_id AND t.send_id = p.send_id"
              " WHERE p.stage NOT IN ('answer', 'embedding') AND x.state <> 6"
              " AND t.send_id IS NULL LIMIT ?1"},
};

constexpr invariant_query isolation = {
    "I16", "No row references another tenant's row.",
    "SELECT 'API key ' || d.key_id FROM api_key_directory d LEFT JOIN api_key k"
    " ON k.tenant_id = d.tenant_id AND k.key_id = d.key_id WHERE k.key_id IS NULL"
    " UNION ALL SELECT 'version ' || v.version || ' of agent ' || v.agent_id"
    " FROM agent_version v LEFT JOIN agent a"
    " ON a.tenant_id = v.tenant_id AND a.agent_id = v.agent_id WHERE a.agent_id IS NULL"
    " UNION ALL SELECT 'session ' || s.public_id FROM session s LEFT JOIN agent a"
    " ON a.tenant_id = s.tenant_id AND a.agent_id = s.agent_id WHERE a.agent_id IS NULL"
    " UNION ALL SELECT 'message ' || m.message_id FROM message m"
    " LEFT JOIN session s ON s.tenant_id = m.tenant_id AND s.session_id = m.session_id"
    " LEFT JOIN send x ON x.tenant_id = m.tenant_id AND x.send_id = m.send_id"
    " WHERE s.session_id IS NULL OR x.send_id IS NULL OR x.session_id <> m.session_id"
    " UNION ALL SELECT 'send ' || x.public_id FROM send x"
    " LEFT JOIN session s ON s.tenant_id = x.tenant_id AND s.session_id = x.session_id"
    " WHERE x.session_id > 0 AND (s.session_id IS NULL OR s.agent_id <> x.agent_id)"
    " UNION ALL SELECT 'call of send number ' || p.send_id FROM provider_call p LEFT JOIN send x"
    " ON x.tenant_id = p.tenant_id AND x.send_id = p.send_id WHERE x.send_id IS NULL"
    " UNION ALL SELECT 'text of send number ' || t.send_id FROM call_text t"
    " LEFT JOIN provider_call p"
    " ON p.tenant_id = t.tenant_id AND p.send_id = t.send_id AND p.stage = t.stage"
    " AND p.seat = t.seat AND p.round = t.round AND p.attempt = t.attempt"
    " WHERE p.send_id IS NULL"
    " UNION ALL SELECT 'round of send number ' || r.send_id FROM send_round r LEFT JOIN send x"
    " ON x.tenant_id = r.tenant_id AND x.send_id = r.send_id WHERE x.send_id IS NULL"
    " UNION ALL SELECT 'tool call of send number ' || t.send_id FROM tool_call t"
    " LEFT JOIN send_round r ON r.tenant_id = t.tenant_id AND r.send_id = t.send_id"
    " AND r.round = t.round"
    " WHERE r.send_id IS NULL"
    " UNION ALL SELECT 'council of send number ' || t.send_id FROM council_turn t"
    " LEFT JOIN send x ON x.tenant_id = t.tenant_id AND x.send_id = t.send_id"
    " WHERE x.send_id IS NULL"
    " UNION ALL SELECT 'council event of send number ' || e.send_id FROM council_event e"
    " LEFT JOIN council_turn t ON t.tenant_id = e.tenant_id AND t.send_id = e.send_id"
    " WHERE t.send_id IS NULL"
    " UNION ALL SELECT 'event ' || e.event_id FROM usage_event e"
    " LEFT JOIN send x ON x.tenant_id = e.tenant_id AND x.send_id = e.send_id"
    " WHERE x.send_id IS NULL OR x.session_id <> e.session_id"
    " OR x.agent_id <> e.agent_id"
    " UNION ALL SELECT 'roll-up of ' || " CONCLAVE_TENANT_OF("r") " || ', ' || r.agent_id"
    " FROM usage_rollup r"
    " LEFT JOIN agent a ON a.tenant_id = r.tenant_id AND a.agent_id = r.agent_id"
    " WHERE a.agent_id IS NULL AND r.agent_id <> ''"
    " UNION ALL SELECT 'usage of session number ' || u.session_id FROM usage_session u"
    " LEFT JOIN session s ON s.tenant_id = u.tenant_id AND s.session_id = u.session_id"
    " WHERE s.session_id IS NULL LIMIT ?1"};

invariant check(sql::connection& c, const invariant_query& query) {
    invariant found{query.name, query.statement, true, {}};
    sql::cursor row(c, query.sql, offending_rows);
    while (row.next()) found.offending.push_back(row.text(0));
    found.ok = found.offending.empty();
    return found;
}

/// The cost of a call as its tokens and the price version that it names give it.
std::optional<std::int64_t> recompute(const sql::cursor& row) {
    if (row.is_null(11)) return std::nullopt;  // unpriced: no version was found
    const auto cost =
        metering::cost(read_price(row, 10), read_tokens(row, 3), {row.integer(8), row.view(9)});
    if (!cost) return std::nullopt;
    return cost->nano_usd();
}

/// With I4, which adds calls up to events, this recomputes every event from tokens and price. A
/// cost that the provider reported is its own proof.
invariant check_costs(sql::connection& c) {
    invariant found{"I14", "The tokens and the price version of a bill give its cost.", true, {}};
    sql::cursor row(c,
                    "SELECT " CONCLAVE_SEND_OF("a")
                    ", a.attempt, a.cost_nano_usd, a.input, a.cached_input,"
                    " a.cache_write, a.output, a.reasoning, a.cache_write_1h, a.service_tier,"
                    " " CONCLAVE_PRICE_COLUMNS
                    " FROM provider_call a LEFT JOIN price_version p ON p.price_id = a.price_id"
                    " WHERE a.billable = 1 AND a.basis <> 5");
    while (row.next() && std::ssize(found.offending) < offending_rows)
        if (recompute(row) != row.maybe_integer(2))
            found.offending.push_back("attempt " + std::to_string(row.integer(1)) + " of send " +
                                      row.text(0));
    found.ok = found.offending.empty();
    return found;
}

}  // namespace

check_invariants::answer find(sql::connection& c, const check_invariants&) {
    check_invariants::answer a;
    for (const auto& query : queries) a.report.invariants.push_back(check(c, query));
    a.report.invariants.push_back(check_costs(c));
    a.report.invariants.push_back(check(c, isolation));
    return a;
}

}  // namespace conclave::store
