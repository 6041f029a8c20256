// Writes the rows of the ledger.
#include "store/ledger.hpp"

#include "base/planted_bug.hpp"
#include "store/rows.hpp"

#include <algorithm>
#include <limits>

namespace conclave::store {

namespace {

using sql::run;

/// Stands for the day before a session's first one.
constexpr date never = date(std::chrono::days(std::numeric_limits<std::int32_t>::min()));

/// The last day of the session among those of its models that `matches` accepts.
template <class F>
date last_day(const ledger_send& send, F matches) {
    auto latest = never;
    for (const auto& active : send.active_days)
        if (matches(active)) latest = std::max(latest, active.day);
    return latest;
}

/// Counts the session once in each scope in which it was not active on this day before.
void count_sessions(batch& c, tenant_row tenant, const ledger_send& send,
                    std::span<const usage_line> lines, date day) {
    const auto count = [&](session_scope scope, const std::string& subject,
                           const std::string& model, date previous) {
        c.count_session({tenant, day, scope, subject, model, previous});
    };
    const auto of_tenant = last_day(send, [](const active_day&) { return true; });
    if (of_tenant < day && !lines.empty()) {
        count(session_scope::tenant, "", "", of_tenant);
        // A session keeps its agent, so both scopes have the same history.
        count(session_scope::agent, send.agent.str(), "", of_tenant);
    }
    for (auto line = lines.begin(); line != lines.end(); ++line) {
        const auto of_model = last_day(send, [&](const active_day& a) {
            return a.provider == line->provider && a.model == line->model;
        });
        if (of_model == day) continue;
        const auto of_provider =
            last_day(send, [&](const active_day& a) { return a.provider == line->provider; });
        const bool first_of_provider = std::none_of(
            lines.begin(), line, [&](const auto& l) { return l.provider == line->provider; });
        if (of_provider < day && first_of_provider)
            count(session_scope::provider, line->provider, "", of_provider);
        count(session_scope::model, line->provider, line->model, of_model);
        run(c,
            "INSERT INTO usage_session (tenant_id, session_id, provider, model, last_day)"
            " VALUES (?1, ?2, ?3, ?4, ?5)"
            " ON CONFLICT (tenant_id, session_id, provider, model)"
            " DO UPDATE SET last_day = excluded.last_day",
            tenant, send.session, line->provider, line->model, day);
    }
}

void insert_reply(sql::connection& c, tenant_row tenant, const ledger_send& send,
                  const ledger_reply& reply) {
    run(c,
        "INSERT INTO message (tenant_id, session_id, seq, message_id, role, status, send_id,"
        " reply_to_seq, created_at, metadata, reply_metadata, content, tool_calls, tool_steps)"
        " VALUES (?1, ?2, ?3, ?4, 2, ?5, ?6, ?7, ?8, '{}', ?9, ?10, ?11, ?12)",
        tenant, send.session, send.next_seq, reply.message, reply.status, send.row, send.user_seq,
        reply.now, reply.metadata, reply.content, reply.tool_calls, reply.tool_steps);
}

/// A result may be written again, by a run that does not know that its first write stands.
void keep_text(sql::connection& c, tenant_row tenant, send_row send,
               const finished_attempt& attempt) {
    const auto& key = attempt.key;
    if (attempt.result.text.empty()) return;
    run(c,
        "INSERT INTO call_text (tenant_id, send_id, stage, seat, round, attempt, text)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
        tenant, send, key.stage, key.seat, key.round, key.attempt, attempt.result.text);
}

/// Runs a statement whose first 21 arguments are what an attempt became and whose others, `row`,
/// tell where it is written. A route that names no model is billed under the name that the provider
/// gives.
template <class... Row>
std::int64_t write_result(sql::connection& c, const char* sql, const finished_attempt& attempt,
                          const attempt_booking& booking, const Row&... row) {
    const auto& r = attempt.result;
    const auto tokens = r.usage.value_or(token_usage{});
    std::optional<std::int64_t> cost;
    if (attempt.cost) cost = attempt.cost->nano_usd();
    return run(c, sql, attempt.at, booking.day, r.outcome, r.error, r.http_status, r.latency_ms,
               tokens.input, tokens.cached_input, tokens.cache_write, tokens.output,
               tokens.reasoning, cost, attempt.basis, booking.billable, booking.duplicate,
               r.provider_code, r.model, r.cache_write_1h, r.service_tier, r.finish, attempt.cut,
               row...);
}

}  // namespace

send_row row_of(sql::connection& c, tenant_row tenant, const send_id& send) {
    sql::cursor row(c, "SELECT send_id FROM send WHERE tenant_id = ?1 AND public_id = ?2", tenant,
                    send);
    return row.next() ? read_enum<send_row>(row, 0) : send_row::none;
}

send_row row_of(sql::connection& c, tenant_row tenant, const send_fence& fence) {
    return fence.row != send_row::none ? fence.row : row_of(c, tenant, fence.send);
}

std::optional<ledger_send> read_ledger_send(sql::connection& c, tenant_row tenant, send_row send) {
    ledger_send s;
    {
        sql::cursor row(c,
                        "SELECT public_id, operation, key_hash, state, owner, epoch,"
                        " hold_nano_usd, agent_id, user_seq, attempts FROM send"
                        " WHERE tenant_id = ?1 AND send_id = ?2",
                        tenant, send);
        if (!row.next()) return std::nullopt;
        s.row = send;
        s.id = row.view(0);
        s.key = {row.text(1), read_digest(row, 2)};
        s.state = read_enum<send_state>(row, 3);
        s.owner = row.text(4);
        s.epoch = row.integer(5);
        s.hold = money::from_nano_usd(row.integer(6));
        s.agent = row.view(7);
        s.user_seq = row.integer(8);
        s.attempts = row.integer(9);
    }
    read_session_of(c, tenant, s);
    return s;
}

void read_session_of(sql::connection& c, tenant_row tenant, ledger_send& send) {
    sql::cursor row(c,
                    "SELECT s.session_id, " CONCLAVE_LAST_SEQ
                    ", u.provider, u.model, u.last_day FROM send s LEFT JOIN usage_session u"
                    " ON u.tenant_id = ?1 AND u.session_id = s.session_id"
                    " WHERE s.tenant_id = ?1 AND s.send_id = ?2",
                    tenant, send.row);
    while (row.next()) {
        send.session = read_enum<session_row>(row, 0);
        send.next_seq = row.integer(1) + 1;
        if (!row.is_null(2))
            send.active_days.push_back({row.text(2), row.text(3), read_date(row, 4)});
    }
}

date booking_day(const ledger_send& send, timestamp now) {
    return std::max(day_of(now), last_day(send, [](const active_day&) { return true; }));
}

#define CONCLAVE_SUCCEEDED                                                               \
    "UPDATE send SET state = 2, reply_seq = ?6, hold_nano_usd = 0, error_document = ''," \
    " updated_at = ?7, batch = ?10"
#define CONCLAVE_FENCE                                                                    \
    " WHERE tenant_id = ?1 AND send_id = ?2 AND owner = ?3 AND epoch = ?4 AND state = ?5" \
    " AND public_id = ?8 AND session_id = ?9"

bool mark_succeeded(batch& c, tenant_row tenant, const ledger_send& send, first_call first,
                    timestamp now) {
    const char* const sql = first == first_call::is_open ? CONCLAVE_SUCCEEDED
                                ", " CONCLAVE_NO_OPEN_CALL CONCLAVE_FENCE " AND open_at IS NOT NULL"
                                                         : CONCLAVE_SUCCEEDED CONCLAVE_FENCE;
    if (run(c, sql, tenant, send.row, send.owner, send.epoch, send.state, send.next_seq, now,
            send.id, send.session, c.number_for(send.owner)) != 1)
        return false;
    c.number_borne_by(send.row, send.owner);
    return true;
}

std::int64_t write_reply(batch& c, tenant_row tenant, const ledger_send& send,
                         const ledger_reply& reply) {
    insert_reply(c, tenant, send, reply);

    const auto day = booking_day(send, reply.now);
    money spent;
    for (std::size_t i = 0; i < reply.lines.size(); ++i) {
        const auto& line = reply.lines[i];
        const auto earlier = reply.lines.first(i);
        const bool first_of_provider =
            std::none_of(earlier.begin(), earlier.end(),
                         [&](const usage_line& l) { return l.provider == line.provider; });
        const usage_entry entry{send, reply.message,     line,     static_cast<std::int64_t>(i),
                                day,  first_of_provider, reply.now};
        insert_usage_event(c, tenant, entry);
        if (!planted(planted_bug::rollup_outside_settle)) add_to_rollup(c, tenant, entry);
        spent += line.cost.value_or(money());
    }
    count_sessions(c, tenant, send, reply.lines, day);
    const auto released = planted(planted_bug::hold_not_released) ? money() : send.hold;
    c.add_to_balance(tenant, money() - released, spent);
    return send.next_seq;
}

void insert_attempt(sql::connection& c, tenant_row tenant, send_row send, std::int64_t epoch,
                    const released_attempt& attempt, std::int64_t number) {
    std::optional<std::int64_t> worst;
    if (attempt.worst) worst = attempt.worst->nano_usd();
    run(c,
        "INSERT INTO provider_call (tenant_id, send_id, stage, seat, round, attempt, epoch,"
        " provider, model, price_id, released_at, worst_nano_usd)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        tenant, send, attempt.key.stage, attempt.key.seat, attempt.key.round, number, epoch,
        attempt.route.provider, attempt.route.model, attempt.price, attempt.at, worst);
}

void write_open_call(sql::connection& c, tenant_row tenant, send_row send) {
    const auto written =
        run(c,
            "INSERT INTO provider_call (tenant_id, send_id, stage, seat, round, attempt, epoch,"
            " provider, model, price_id, released_at, worst_nano_usd)"
            " SELECT tenant_id, send_id, 'answer', 0, 0, 0, 1, open_provider, open_model,"
            " open_price, open_at, open_worst FROM send"
            " WHERE tenant_id = ?1 AND send_id = ?2 AND open_at IS NOT NULL",
            tenant, send);
    if (written == 1)
        run(c, "UPDATE send SET " CONCLAVE_NO_OPEN_CALL " WHERE tenant_id = ?1 AND send_id = ?2",
            tenant, send);
}

void insert_finished(sql::connection& c, tenant_row tenant, const ledger_send& send,
                     const released_attempt& released, const finished_attempt& attempt,
                     const attempt_booking& booking) {
    const auto& key = attempt.key;
    std::optional<std::int64_t> worst;
    if (released.worst) worst = released.worst->nano_usd();
    write_result(
        c,
        "INSERT INTO provider_call (tenant_id, send_id, stage, seat, round, attempt, epoch,"
        " provider, model, price_id, released_at, worst_nano_usd, finished_at, day, class,"
        " error, http_status, latency_ms, input, cached_input, cache_write, output,"
        " reasoning, cost_nano_usd, basis, billable, duplicate, provider_code,"
        " cache_write_1h, service_tier, finish, cut)"
        " VALUES (?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29,"
        " CASE ?30 WHEN '' THEN ?17 ELSE ?30 END, ?31, ?32, ?33, ?1, ?2, ?3, ?4, ?5, ?6,"
        " ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?18, ?19, ?20, ?21)",
        attempt, booking, tenant, send.row, key.stage, key.seat, key.round, key.attempt, send.epoch,
        released.route.provider, released.route.model, released.price, released.at, worst);
    keep_text(c, tenant, send.row, attempt);
}

void finish_attempt(sql::connection& c, tenant_row tenant, send_row send, std::int64_t epoch,
                    const finished_attempt& attempt, const attempt_booking& booking) {
    const auto& key = attempt.key;
    const bool finished =
        write_result(
            c,
            "UPDATE provider_call SET finished_at = ?1, day = ?2, class = ?3, error = ?4,"
            " http_status = ?5, latency_ms = ?6, input = ?7, cached_input = ?8, cache_write = ?9,"
            " output = ?10, reasoning = ?11, cost_nano_usd = ?12, basis = ?13, billable = ?14,"
            " duplicate = ?15, provider_code = ?16,"
            " model = CASE model WHEN '' THEN ?17 ELSE model END,"
            " cache_write_1h = ?18, service_tier = ?19, finish = ?20, cut = ?21"
            " WHERE tenant_id = ?22 AND send_id = ?23 AND stage = ?24 AND seat = ?25"
            " AND round = ?26 AND attempt = ?27 AND epoch = ?28 AND billable = 0",
            attempt, booking, tenant, send, key.stage, key.seat, key.round, key.attempt,
            epoch) == 1;
    if (finished) keep_text(c, tenant, send, attempt);
}

void lose_attempts(sql::connection& c, tenant_row tenant, send_row send, money hold,
                   timestamp now) {
    write_open_call(c, tenant, send);
    run(c,
        "UPDATE provider_call SET finished_at = ?4, day = ?5, class = 5, error = 0,"
        " http_status = 0,"
        " latency_ms = CASE WHEN ?4 > released_at THEN ?4 - released_at ELSE 0 END,"
        " cost_nano_usd = CASE WHEN price_id IS NULL THEN NULL"
        " ELSE coalesce(worst_nano_usd, ?3) END, basis = 3"
        " WHERE tenant_id = ?1 AND send_id = ?2 AND finished_at IS NULL",
        tenant, send, hold.nano_usd(), now, day_of(now));
}

void insert_usage_event(sql::connection& c, tenant_row tenant, const usage_entry& entry) {
    const auto& line = entry.line;
    std::optional<std::int64_t> cost;
    if (line.cost) cost = line.cost->nano_usd();
    run(c,
        "INSERT INTO usage_event (tenant_id, day, event_id, send_id, line, epoch,"
        " session_id, agent_id, message_id, provider, model, price_id, input, cached_input,"
        " cache_write, output, reasoning, cost_nano_usd, estimated, created_at, cost_reported)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,"
        " ?19, ?20, ?21)",
        tenant, entry.day, line.id, entry.send.row, entry.number, entry.send.epoch,
        entry.send.session, entry.send.agent, entry.message, line.provider, line.model, line.price,
        line.tokens.input, line.tokens.cached_input, line.tokens.cache_write, line.tokens.output,
        line.tokens.reasoning, cost, line.estimated, entry.now, line.cost_reported);
}

void add_to_rollup(batch& c, tenant_row tenant, const usage_entry& entry) {
    const auto& line = entry.line;
    c.add_to_rollup({tenant, entry.day, line.provider, line.model, entry.send.agent.str()},
                    {1, entry.first_of_provider ? 1 : 0, entry.number == 0 ? 1 : 0, line.tokens,
                     line.cost.value_or(money()), line.cost ? 0 : line.tokens.total()});
}

}  // namespace conclave::store
