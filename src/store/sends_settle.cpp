// T2, and the other ways in which a run ends.
#include "base/planted_bug.hpp"
#include "json/tool_text.hpp"
#include "store/councils.hpp"
#include "store/handlers.hpp"
#include "store/ledger.hpp"
#include "store/rounds.hpp"
#include "store/rows.hpp"

#include <algorithm>
#include <utility>

namespace conclave::store {

namespace {

using sql::run;

bool admits(const ledger_send& send, const send_fence& fence) {
    if (send.state != send_state::dispatching || send.id != fence.send) return false;
    return send.owner == fence.owner && send.epoch == fence.epoch;
}

/// Answers that earlier transactions of this run stored become part of the bill, those of runs
/// before it whose rounds it went on behind, and all of a council, which rests on each of them. All
/// others stay spend.
void bill_stored_calls(sql::connection& c, tenant_row tenant, const ledger_send& send, date day) {
    run(c,
        "UPDATE provider_call SET billable = 1, day = ?4 WHERE tenant_id = ?1 AND send_id = ?2"
        " AND (epoch = ?3 OR stage <> 'answer' OR EXISTS (SELECT 1 FROM send_round r WHERE "
        "r.tenant_id = ?1"
        " AND r.send_id = ?2 AND r.round = provider_call.round"
        " AND r.attempt = provider_call.attempt))"
        " AND (class = 0 OR cut = 1) AND billable = 0 AND duplicate = 0",
        tenant, send.row, send.epoch, day);
}

std::optional<std::string> calls_column(const std::vector<tool_call>& calls) {
    if (calls.empty()) return std::nullopt;
    return json::print_tool_calls(calls);
}

std::optional<std::string> steps_column(const std::string& steps) {
    if (steps.empty()) return std::nullopt;
    return steps;
}

/// The attempts that the lines of a hand-made bill stand for, each to its line: doubtful ones, or
/// ones whose answer is known and was no reply. Empty if a line has none.
std::vector<attempt_key> find_doubtful_calls(sql::connection& c, tenant_row tenant,
                                             const resolve_send& command, send_row send) {
    std::vector<attempt_key> keys;
    for (const auto& line : command.lines) {
        sql::cursor row(c,
                        "SELECT stage, seat, round, attempt FROM provider_call"
                        " WHERE tenant_id = ?1 AND send_id = ?2 AND provider = ?3"
                        " AND (model = ?4 OR model = '')"
                        " AND (class IN (4, 5, 6) OR (class = 0 AND billable = 0))"
                        " ORDER BY epoch DESC, attempt DESC LIMIT 1",
                        tenant, send, line.provider, line.model);
        if (!row.next()) return {};
        attempt_key key{row.text(0), row.integer(1), row.integer(2), row.integer(3)};
        if (std::find(keys.begin(), keys.end(), key) != keys.end()) return {};
        keys.push_back(std::move(key));
    }
    return keys;
}

/// What was doubtful is now known by other means: it ran, and this is what it cost.
void confirm_call(sql::connection& c, tenant_row tenant, send_row send, const attempt_key& key,
                  const usage_line& line, date day) {
    std::optional<std::int64_t> cost;
    if (line.cost) cost = line.cost->nano_usd();
    const auto basis = !line.cost       ? cost_basis::unpriced
                       : line.estimated ? cost_basis::estimated
                                        : cost_basis::known;
    run(c,
        "UPDATE provider_call SET class = 0, error = 0, model = ?7, price_id = ?8, day = ?9,"
        " input = ?10, cached_input = ?11, cache_write = ?12, output = ?13, reasoning = ?14,"
        " cost_nano_usd = ?15, basis = ?16, billable = 1, duplicate = 0, cache_write_1h = 0,"
        " service_tier = ''"
        " WHERE tenant_id = ?1 AND send_id = ?2 AND stage = ?3"
        " AND seat = ?4 AND round = ?5 AND attempt = ?6",
        tenant, send, key.stage, key.seat, key.round, key.attempt, line.model, line.price, day,
        line.tokens.input, line.tokens.cached_input, line.tokens.cache_write, line.tokens.output,
        line.tokens.reasoning, cost, basis);
}

resolve_send::outcome succeed(batch& c, tenant_row tenant, const resolve_send& command,
                              const ledger_send& send) {
    const auto calls = find_doubtful_calls(c, tenant, command, send.row);
    if (calls.empty()) return {true, send.state, false};
    const auto day = booking_day(send, command.now);
    for (std::size_t i = 0; i < calls.size(); ++i)
        confirm_call(c, tenant, send.row, calls[i], command.lines[i], day);
    if (!mark_succeeded(c, tenant, send, first_call::not_told, command.now))
        throw sql::failure(sql::failure_kind::misuse, "a settle must change exactly one send");
    forget_rounds(c, tenant, send.row);
    write_reply(c, tenant, send,
                {command.reply_message, command.content, message_status::complete,
                 command.reply_metadata, command.lines, command.now});
    return {true, send_state::succeeded, true};
}

/// Ends a run or a doubt without an answer.
void end_unanswered(batch& c, tenant_row tenant, const ledger_send& send, send_state state,
                    const std::string& error_document, timestamp now) {
    run(c,
        "UPDATE send SET state = ?3, hold_nano_usd = 0, error_document = ?4, updated_at = ?5"
        " WHERE tenant_id = ?1 AND send_id = ?2",
        tenant, send.row, state, error_document, now);
    c.add_to_balance(tenant, money() - send.hold, money());
}

/// Whether a later run goes on behind this answer: it is no duplicate then.
bool is_round(sql::connection& c, tenant_row tenant, send_row send, const attempt_key& key) {
    sql::cursor row(c,
                    "SELECT 1 FROM send_round WHERE tenant_id = ?1 AND send_id = ?2"
                    " AND round = ?3 AND attempt = ?4",
                    tenant, send, key.round, key.attempt);
    return row.next();
}

/// Makes the days what they are once the lines are billed.
void note_activity(std::vector<active_day>& days, const std::vector<usage_line>& lines, date day) {
    for (const auto& line : lines) {
        const auto known = std::find_if(days.begin(), days.end(), [&](const active_day& a) {
            return a.provider == line.provider && a.model == line.model;
        });
        if (known == days.end())
            days.push_back({line.provider, line.model, day});
        else
            known->day = day;
    }
}

/// Whether nothing came into the session after the send's own message.
bool is_last(sql::connection& c, tenant_row tenant, session_row session, std::int64_t user_seq) {
    sql::cursor row(c,
                    "SELECT 1 FROM message WHERE tenant_id = ?1 AND session_id = ?2 AND seq = ?3",
                    tenant, session, user_seq + 1);
    return !row.next();
}

/// The send as its owner knows it; the fence proves that its row says the same.
ledger_send as_claimed(sql::connection& c, tenant_row tenant, const settle_send& t2) {
    const auto& fence = t2.fence;
    ledger_send send;
    send.row = row_of(c, tenant, fence);
    send.id = fence.send;
    send.key = fence.key;
    send.owner = fence.owner;
    send.epoch = fence.epoch;
    send.hold = t2.hold;
    send.agent = t2.agent;
    send.user_seq = t2.user_seq;
    if (planted(planted_bug::no_fencing))
        if (auto row = read_ledger_send(c, tenant, send.row);
            row && row->state == send_state::dispatching)
            return *std::move(row);
    if (!t2.books || !is_last(c, tenant, t2.books->row, t2.user_seq)) {
        read_session_of(c, tenant, send);
        return send;
    }
    send.session = t2.books->row;
    send.next_seq = t2.user_seq + 1;
    send.active_days = t2.books->active_days;
    return send;
}

}  // namespace

settle_send::outcome perform(batch& c, const settle_send& t2) {
    const auto tenant = c.row_of(t2.scope);
    auto send = as_claimed(c, tenant, t2);
    const auto day = booking_day(send, t2.now);
    const auto booking = [day](const finished_attempt& attempt) {
        const bool billable = attempt.result.outcome == call_class::ok || attempt.cut;
        return attempt_booking{.day = day, .billable = billable};
    };
    const bool open = t2.open && !planted(planted_bug::no_fencing);
    const auto first = open ? first_call::is_open : first_call::not_told;
    if (!mark_succeeded(c, tenant, send, first, t2.now)) return {.fenced_off = true};
    if (!open)
        write_open_call(c, tenant, send.row);
    else if (t2.finished.empty() || t2.finished.front().key != t2.open->key)
        throw sql::failure(sql::failure_kind::misuse, "the open call has not ended");
    for (const auto& attempt : t2.finished)
        if (open && attempt.key == t2.open->key)
            insert_finished(c, tenant, send, *t2.open, attempt, booking(attempt));
        else
            finish_attempt(c, tenant, send.row, send.epoch, attempt, booking(attempt));
    if (t2.has_earlier_results) bill_stored_calls(c, tenant, send, day);
    write_council_events(c, tenant, send.row, t2.events, t2.now);
    const auto seq =
        write_reply(c, tenant, send,
                    {t2.reply_message, t2.content, t2.status, t2.reply_metadata, t2.lines, t2.now,
                     calls_column(t2.tool_calls), steps_column(t2.tool_steps)});
    note_activity(send.active_days, t2.lines, day);
    return {.reply_seq = seq, .active_days = std::move(send.active_days)};
}

fail_send::outcome perform(batch& c, const fail_send& command) {
    const auto tenant = c.row_of(command.scope);
    const auto send = read_ledger_send(c, tenant, row_of(c, tenant, command.fence));
    if (!send || !admits(*send, command.fence)) return {.fenced_off = true};
    write_open_call(c, tenant, send->row);
    for (const auto& attempt : command.finished)
        finish_attempt(c, tenant, send->row, send->epoch, attempt, {.day = day_of(command.now)});
    if (command.round) write_round(c, tenant, send->row, *command.round);
    write_council_events(c, tenant, send->row, command.events, command.now);
    // What never came back may have run all the same.
    lose_attempts(c, tenant, send->row, send->hold, command.now);
    end_unanswered(c, tenant, *send, command.state, command.error_document, command.now);
    return {};
}

record_late_calls::outcome perform(batch& c, const record_late_calls& command) {
    const auto tenant = c.row_of(command.scope);
    const auto send = row_of(c, tenant, command.send);
    for (const auto& attempt : command.finished)
        if (!is_round(c, tenant, send, attempt.key))
            finish_attempt(c, tenant, send, command.epoch, attempt,
                           {.day = day_of(command.now), .duplicate = true});
    // Once every attempt is known not to have run, nothing is in doubt any more.
    run(c,
        "UPDATE send SET state = 4, updated_at = ?3 WHERE tenant_id = ?1 AND send_id = ?2"
        " AND state = 5 AND NOT EXISTS (SELECT 1 FROM provider_call p"
        " WHERE p.tenant_id = ?1 AND p.send_id = ?2 AND p.class IN (0, 4, 5, 6))",
        tenant, send, command.now);
    return {};
}

resolve_send::outcome perform(batch& c, const resolve_send& command) {
    const auto tenant = c.row_of(command.scope);
    const auto known =
        command.key ? load_send(c, tenant, *command.key) : load_send(c, tenant, command.send);
    if (!known) return {};
    const auto send = read_ledger_send(c, tenant, known->row);
    if (!send) return {};
    if (send->state != send_state::unknown) return {true, send->state, false};
    if (command.decision == resolve_decision::succeed) return succeed(c, tenant, command, *send);
    const auto state = command.decision == resolve_decision::retry ? send_state::failed_retryable
                                                                   : send_state::failed_final;
    if (command.decision == resolve_decision::retry) allow_calls_again(c, tenant, send->row);
    end_unanswered(c, tenant, *send, state, command.error_document, command.now);
    return {true, state, true};
}

}  // namespace conclave::store
