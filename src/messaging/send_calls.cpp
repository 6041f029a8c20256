// Attempts and rounds of a send, top to bottom: an attempt ends, its answer leads on or is the
// last, tools run, the next attempt is released, and what is left is T2 or an end without it.
#include "messaging/send_calls.hpp"

#include "base/limits.hpp"
#include "base/planted_bug.hpp"
#include "messaging/error_document.hpp"
#include "messaging/send_errors.hpp"

#include <algorithm>
#include <utility>

namespace conclave::messaging {

namespace {

using std::chrono::milliseconds;

store::send_fence fence_of(const send& s, const context& c) {
    return {s.order.key, s.claim->send, c.owner, s.claim->epoch, s.claim->row};
}

// --- The end without an answer ------------------------------------------------------------------

/// Commits that this epoch gave no answer. Nothing is billed and the hold is released. A call of a
/// tool whose outcome is not held, and that must not run twice, leaves the send in doubt.
actions give_up(send& s, send_state state, error e, const context& c) {
    if (const auto* lost = s.rounds.open ? find_lost_call(*s.rounds.open) : nullptr) {
        state = send_state::unknown;
        e = lost_call_error(*lost);
    }
    e = with_request(s, std::move(e)).with("send_id", s.claim->send.str());
    s.failure = store::fail_send{
        s.order.scope, fence_of(s, c), state, print_error(e), calls::take_finished(s.plan->call),
        c.now,         s.rounds.open};
    s.failure_error = std::move(e);
    s.at = phase::failing;
    return {commit{store::share(*s.failure)}};
}

actions fail_call(send& s, calls::call_failure why, const context& c) {
    auto e = failure_error(s, why, c.elapsed);
    auto state = send_state::failed_retryable;
    if (why == calls::call_failure::rejected) state = send_state::failed_final;
    if (why == calls::call_failure::in_doubt) state = send_state::unknown;
    return give_up(s, state, std::move(e), c);
}

/// The last attempt of this run, if it has ended.
const call_result* last_result(const send& s) {
    const auto& attempts = s.plan->call.attempts;
    return attempts.empty() || !attempts.back().result ? nullptr : &*attempts.back().result;
}

/// Whether the attempt that was cut on request showed enough to be an answer of its own.
bool may_settle_cut(const send& s) {
    const auto* result = last_result(s);
    return result != nullptr && s.abort_asked && !s.closing &&
           result->outcome == call_class::partial && result->text_shown;
}

/// Whether a provider has run something in this run or before it.
bool may_have_run(const send& s) {
    const auto* result = last_result(s);
    return s.plan->call.position.round > 0 || s.rounds.open ||
           (result != nullptr &&
            (possibly_executed(result->outcome) || result->outcome == call_class::ok));
}

/// The attempt whose row was to be, or is, committed will not be made.
void mark_not_sent(send& s, const context& c) {
    calls::abandon(s.plan->call, c.breakers, c.elapsed);
    auto& attempt = s.plan->call.attempts.back();
    attempt.result = call_result{};
    attempt.result->outcome = call_class::not_sent;
    attempt.result->error = attempt_error::network;
    attempt.finished_at = c.now;
}

// --- The last answer ----------------------------------------------------------------------------

actions settle_now(send& s, const context& c) {
    s.t2 = settle(s.order, *s.plan, s.rounds, *s.claim, s.basis, c.owner, c.ids, c.now);
    s.at = phase::settling;
    // The line that commits the bill, before anybody hears of it.
    return {commit{s.t2->command}};
}

/// What was seen of an aborted answer is the answer: billed as reported or estimated.
actions settle_cut(send& s, const context& c) {
    auto& last = s.plan->call.attempts.back();
    last.settled_cut = true;
    complete_usage(*last.result, s.plan->prompt_bytes);
    return settle_now(s, c);
}

// --- Rounds -------------------------------------------------------------------------------------

/// Commits what earlier attempts became, and the open round as it stands; then the next attempt
/// may leave.
actions release_next(send& s, const context& c) {
    store::release_calls next{s.order.scope,
                              fence_of(s, c),
                              calls::take_finished(s.plan->call),
                              {calls::release(s.plan->call, c.now)},
                              c.now,
                              s.rounds.open};
    s.at = phase::releasing;
    return {commit{store::share(std::move(next))}};
}

/// Commits the answer and its calls before any of them runs: a crash then leaves no doubt about
/// what may have run, and under which ids.
actions note_round(send& s, const context& c) {
    store::release_calls note{s.order.scope, fence_of(s, c), calls::take_finished(s.plan->call), {},
                              c.now,         s.rounds.open};
    s.at = phase::noting_calls;
    return {commit{store::share(std::move(note))}};
}

/// The open round has come to its end and leads to the next attempt.
actions next_round(send& s, const context& c) {
    s.plan->round_turns += close_round(s.rounds, s.plan->request);
    if (auto ok = set_exposure(*s.plan); !ok)
        return give_up(s, send_state::failed_final, std::move(ok).error(), c);
    return follow(s, calls::begin_round(s.plan->call, c.breakers, c.elapsed), c);
}

bool has_calls_to_run(const send_round& round) {
    return std::any_of(round.calls.begin(), round.calls.end(),
                       [](const auto& call) { return call.state == tool_state::begun; });
}

/// The last answer must fit the schema that the caller gave. One that does not is asked for once
/// more; what the model says then is final.
actions on_last_answer(send& s, const context& c) {
    const auto& attempt = s.plan->call.attempts.back();
    if (!s.order.schema || !attempt.result->tool_calls.empty()) return settle_now(s, c);
    auto output = read_output(*s.order.schema, attempt.result->text);
    if (output) {
        s.rounds.output = *std::move(output);
        return settle_now(s, c);
    }
    if (s.rounds.repaired) return give_up(s, send_state::failed_final, misfit(output.error()), c);
    if (s.abort_asked || s.closing) return fail_cut(s, c);
    open_repair(s.rounds, attempt.key, *attempt.result, complain(output.error()));
    return next_round(s, c);
}

/// An answer is the last one, unless it asks for tools that run here.
actions on_answered(send& s, const context& c) {
    const auto& attempt = s.plan->call.attempts.back();
    const auto& answer = *attempt.result;
    if (s.rounds.of_tools >= limits::tool_rounds ||
        !runs_by_itself(*s.basis.agent, answer.tool_calls))
        return on_last_answer(s, c);
    if (s.abort_asked || s.closing) return fail_cut(s, c);
    open_round(s.rounds, attempt.key, answer, *s.basis.agent, c.config);
    if (planted(planted_bug::tools_before_note)) return run_round(s, c);
    return has_calls_to_run(*s.rounds.open) ? note_round(s, c) : next_round(s, c);
}

}  // namespace

// --- Attempts -----------------------------------------------------------------------------------

actions call_now(send& s, const context& c) {
    const auto& call = s.plan->call;
    const auto& route = call.routes[call.route];
    s.plan->request->model = route.target.model;
    s.at = phase::calling;
    return {call_provider{call.attempts.back().key, route.target, s.plan->request,
                          route.policy.connect_timeout_ms, route.policy.first_byte_timeout_ms,
                          calls::attempt_timeout_ms(call, c.elapsed), s.order.caller}};
}

actions on_attempt_end(send& s, attempt_ended e, const context& c) {
    if (e.result.outcome == call_class::ok) complete_usage(e.result, s.plan->prompt_bytes);
    return follow(s,
                  calls::take_result(s.plan->call, std::move(e.result), c.breakers, c.now,
                                     c.elapsed, c.random),
                  c);
}

actions follow(send& s, const calls::next_step& step, const context& c) {
    if (std::holds_alternative<calls::answered>(step)) return on_answered(s, c);
    if (may_settle_cut(s)) return settle_cut(s, c);
    const auto* failed = std::get_if<calls::gave_up>(&step);
    // A cut may be why no route is left, but not why an attempt was refused or is in doubt.
    const bool decided = failed && (failed->why == calls::call_failure::rejected ||
                                    failed->why == calls::call_failure::in_doubt);
    if ((s.abort_asked || s.closing) && !decided) return fail_cut(s, c);
    if (failed) return fail_call(s, failed->why, c);
    if (const auto* later = std::get_if<calls::attempt_later>(&step)) {
        s.at = phase::pausing;
        return {set_timer{c.elapsed + milliseconds(later->wait_ms)}};
    }
    return release_next(s, c);
}

actions run_round(send& s, const context& c) {
    const auto left = std::chrono::duration_cast<milliseconds>(s.plan->call.deadline - c.elapsed);
    auto runs = list_runs(*s.rounds.open, c.config, std::max<std::int64_t>(left.count(), 1));
    if (runs.empty()) return next_round(s, c);
    s.at = phase::using_tools;
    return {run_tools{std::move(runs), s.order.caller}};
}

actions on_tools_end(send& s, tools_ended e, const context& c) {
    take_outcomes(*s.rounds.open, std::move(e.outcomes));
    if (s.abort_asked || s.closing) return fail_cut(s, c);
    return next_round(s, c);
}

namespace {

/// The answer that asks for tools is stored, and they may run; or they will not.
actions on_noted(send& s, calls_released e, const context& c) {
    const bool noted = e.outcome && !e.outcome->fenced_off;
    if (noted && !s.abort_asked && !s.closing) return run_round(s, c);
    take_back_calls(*s.rounds.open);
    if (noted) return fail_cut(s, c);
    if (e.outcome) return on_overtaken(s, calls::take_finished(s.plan->call), c);
    return give_up(s, send_state::failed_retryable, std::move(e.outcome).error(), c);
}

}  // namespace

actions on_released(send& s, calls_released e, const context& c) {
    const bool released = e.outcome && !e.outcome->fenced_off;
    if (released)
        calls::mark_stored(s.plan->call);
    else
        calls::take_back(s.plan->call);
    if (s.at == phase::noting_calls) return on_noted(s, std::move(e), c);
    if (released) s.rounds.open.reset();
    if (released && !s.abort_asked && !s.closing) return call_now(s, c);
    if (released) return cut_before_sending(s, c);
    mark_not_sent(s, c);
    if (e.outcome) return on_overtaken(s, calls::take_finished(s.plan->call), c);
    return give_up(s, send_state::failed_retryable, std::move(e.outcome).error(), c);
}

// --- Cuts and late results ----------------------------------------------------------------------

actions cut_before_sending(send& s, const context& c) {
    mark_not_sent(s, c);
    return fail_cut(s, c);
}

actions fail_cut(send& s, const context& c) {
    const bool in_doubt = may_have_run(s);
    if (s.closing && in_doubt)
        return give_up(s, send_state::unknown,
                       fail(errc::outcome_unknown, "the gateway closed during the call"), c);
    if (s.closing)
        return give_up(s, send_state::failed_retryable,
                       fail(errc::handle_closed, "the gateway closed before a provider ran it"), c);
    const bool stop = in_doubt && s.policy.on_ambiguous == ambiguous_policy::stop;
    return give_up(s, stop ? send_state::unknown : send_state::failed_retryable,
                   fail(stop ? errc::outcome_unknown : errc::cancelled, "the call was aborted"), c);
}

actions on_overtaken(send& s, std::vector<store::finished_attempt> finished, const context& c) {
    s.at = phase::recording;
    s.t2.reset();
    s.failure.reset();
    return {commit{store::share(store::record_late_calls{
        s.order.scope, s.claim->send, s.claim->epoch, std::move(finished), c.now})}};
}

}  // namespace conclave::messaging
