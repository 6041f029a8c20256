// The main path of conclave, top to bottom: read, claim (T1), call, settle (T2), answer.
//
//     state_read -> T1 claim_send -> call_provider -> [wait, release_calls, call_provider ...]
//                -> [release_calls, run_tools, release_calls, call_provider ...]
//                -> T2 settle_send: the bill is committed -> answer_callers
//
// What lies between T1 and T2 is in send_calls. A run goes on behind the rounds of earlier ones.
// A key that is known is answered from the store instead (known_key); one that another turn or
// process works on is waited for.
#include "messaging/send.hpp"

#include "base/limits.hpp"
#include "json/part_text.hpp"
#include "messaging/error_document.hpp"
#include "messaging/known_key.hpp"
#include "messaging/send_calls.hpp"
#include "messaging/send_deliberation.hpp"
#include "messaging/send_errors.hpp"
#include "messaging/turn_cache.hpp"

#include <algorithm>
#include <utility>

namespace conclave::messaging {

namespace {

using std::chrono::milliseconds;

// A send reads its state anew whenever another turn or process was faster.
constexpr std::int64_t max_reads = 10'000;
constexpr std::size_t most_actions = 3;  // of one decision
// T2 and its kin are repeated until the store takes them; callers hear of it after this many.
constexpr std::int64_t write_retries_before_answer = 3;
constexpr std::int64_t write_retry_min_ms = 50;
constexpr std::int64_t write_retry_max_ms = 5'000;

/// Tells the callers, once.
void answer(send& s, actions& out, settled_answer a) {
    if (std::exchange(s.callers_answered, true)) return;
    if (!a.outcome) a.outcome.error() = with_request(s, std::move(a.outcome.error()));
    out.push_back(answer_callers{std::move(a.outcome), a.replay, a.epoch, std::move(a.steps)});
}

actions finish(send& s, settled_answer a, std::optional<store::turn_basis> next = std::nullopt) {
    actions out;
    out.reserve(most_actions);
    answer(s, out, std::move(a));
    if (next) out.push_back(keep_turn{*std::move(next)});
    s.at = phase::ended;
    out.push_back(end{});
    return out;
}

actions finish(send& s, error e) { return finish(s, settled_answer{std::move(e)}); }

/// With the reply that T2 made true.
actions finish_settled(send& s, std::optional<store::turn_basis> next = std::nullopt) {
    return finish(s, {std::move(s.t2->reply), false, s.claim->epoch, std::move(s.rounds.steps)},
                  std::move(next));
}

actions read_again(send& s) {
    if (++s.reads > max_reads)
        return finish(s, fail(errc::store_busy, "the session changes faster than it can be read"));
    s.at = phase::reading;
    return {read_state{state_query(s.order)}};
}

// --- Waiting for another turn or process -------------------------------------------------------

/// Ends a send for which nothing was called.
actions finish_uncalled(send& s) {
    return finish(s, fail(s.closing ? errc::handle_closed : errc::cancelled,
                          "ended before anything was called"));
}

actions wait_for_other(send& s, const context& c) {
    if (s.abort_asked || s.closing) return finish_uncalled(s);
    if (!s.waiting_since) s.waiting_since = c.elapsed;
    const auto waited = c.elapsed - *s.waiting_since;
    if (s.policy.in_progress == in_progress_policy::fail ||
        waited >= milliseconds(limits::in_progress_wait_ms)) {
        auto e = fail(errc::idempotency_in_progress,
                      "another call of this key or session is still running");
        e.retry_after_ms = limits::in_progress_poll_max_ms;
        return finish(s, std::move(e).with("idempotency_key", s.order.key_text));
    }
    constexpr auto span = limits::in_progress_poll_max_ms - limits::in_progress_poll_min_ms + 1;
    const auto pause = limits::in_progress_poll_min_ms +
                       static_cast<std::int64_t>(c.random % static_cast<std::uint64_t>(span));
    s.at = phase::waiting;
    return {set_timer{c.elapsed + milliseconds(pause)}};
}

actions ask_about_owner(send& s, owner_ref owner) {
    s.at = phase::judging;
    s.other_owner = std::move(owner);
    return {judge_owner{s.other_owner}};
}

actions on_owner(send& s, const owner_judged& e, const context& c) {
    switch (e.liveness) {
        case store::owner_liveness::alive:
        case store::owner_liveness::self: return wait_for_other(s, c);
        case store::owner_liveness::dead: {
            s.at = phase::abandoning;
            store::abandon_sends dead;
            dead.owner = s.other_owner.id;
            dead.error_document = print_error(
                fail(errc::outcome_unknown, "the process that made this call has ended"));
            dead.now = c.now;
            return {commit{store::share(std::move(dead))}};
        }
        case store::owner_liveness::conflict:
            return finish(s, fail(errc::conflict,
                                  "a second copy of conclave in this process uses the same store"));
    }
    return finish(s, fail(errc::internal_error, "unknown liveness"));
}

std::int64_t retry_pause_ms(const send& s) {
    const auto doublings = std::min<std::int64_t>(s.write_retries - 1, 10);
    return std::min(write_retry_max_ms, write_retry_min_ms << doublings);
}

/// T1 may stand although the store could not say so; an orphan of ours would block its session. So
/// the state is read until it is known, then the claim is taken up, or given back if the callers
/// were told of the failure meanwhile.
actions look_again(send& s, error e, const context& c) {
    actions out;
    s.claim_in_doubt = !s.write_fenced_off;
    if (++s.write_retries >= write_retries_before_answer) {
        s.abort_asked = true;
        answer(s, out, {std::move(e)});
    }
    s.at = phase::waiting;
    out.push_back(set_timer{c.elapsed + milliseconds(retry_pause_ms(s))});
    return out;
}

bool outcome_unknown(const error& e) {
    return std::any_of(e.details.begin(), e.details.end(),
                       [](const auto& d) { return d.key == "outcome_unknown"; });
}

// --- T1: the claim ------------------------------------------------------------------------------

/// Nothing can be called; but a key that was not read may have its answer.
actions refuse(send& s, error why) {
    if (s.key_unread) return read_again(s);
    return finish(s, std::move(why));
}

/// Makes the plan go on behind the rounds of earlier runs.
result<void> resume(send& s, std::vector<store::stored_round> stored, const context& c) {
    s.rounds = {};
    // A structured answer stands alone, so that the message is what fits.
    s.rounds.text_is_shown = !s.order.schema;
    if (stored.empty()) return {};
    const auto& last = stored.back();
    const auto next = last.round.number + 1;
    const route answered{last.answer.provider, last.answer.model};
    s.plan->round_turns =
        resume_rounds(s.rounds, std::move(stored), s.plan->request, *s.basis.agent, c.config);
    calls::go_on_at(s.plan->call, s.rounds.open ? next - 1 : next, answered);
    return set_exposure(*s.plan);
}

/// What a single model is asked, or where its rounds go on.
result<void> prepare(send& s, store::prepare_send::answer& state, const context& c) {
    auto plan = plan_send(s.order, s.basis, c.config, c.now, c.elapsed);
    if (!plan) return std::move(plan).error();
    s.plan = *std::move(plan);
    if (auto ok = resume(s, std::move(state.rounds), c); !ok) return ok;
    if (s.rounds.open) return {};
    const auto first = calls::begin(s.plan->call, c.breakers, c.elapsed);
    if (const auto* given_up = std::get_if<calls::gave_up>(&first))
        return failure_error(s, given_up->why, c.elapsed);
    return {};
}

actions claim(send& s, store::prepare_send::answer& state, const may_run& run, const context& c) {
    const bool council = is_council(s.order, state);
    s.basis = std::move(state.turn);
    const auto id = state.known.send ? state.known.send->id : c.ids.send();
    if (auto ok = council ? prepare_council(s, state, id, c) : prepare(s, state, c); !ok) {
        if (s.council) drop_council(s, c);
        return refuse(s, std::move(ok).error());
    }
    store::claim_send t1{s.order.scope,
                         s.order.key,
                         fingerprint(s.order, state.known.fingerprint_key),
                         id,
                         s.order.session,
                         s.basis.next_seq,
                         s.basis.agent_id,
                         s.basis.agent->version,
                         c.config.price_generation,
                         c.ids.message(),
                         s.order.role,
                         s.order.content,
                         s.order.metadata,
                         s.order.request,
                         c.owner,
                         s.plan->hold,
                         {},
                         run.recover_unknown,
                         c.now};
    if (!s.order.parts.empty()) t1.parts = json::print_parts(s.order.parts);
    if (state.known.send) t1.known_epoch = state.known.send->epoch;
    t1.tools_first = s.rounds.open;
    if (council)
        t1.council = claim_of(*s.council);
    else if (!t1.tools_first)
        t1.first = calls::release(s.plan->call, c.now);
    s.at = phase::claiming;
    return {commit{store::share(std::move(t1))}};
}

/// Ends an orphan of ours as what it is: a call that was never sent, or tools that were never run.
actions give_back(send& s, store::prepare_send::answer& state, const context& c) {
    const auto& orphan = *state.known.send;
    std::optional<send_round> last;
    if (!state.rounds.empty()) take_back_calls(last.emplace(state.rounds.back().round));
    store::finished_attempt never_sent;
    never_sent.key.round = static_cast<std::int64_t>(state.rounds.size());
    never_sent.key.attempt = orphan.attempts - 1;
    never_sent.result.outcome = call_class::not_sent;
    never_sent.result.error = attempt_error::network;
    never_sent.cost = money();
    never_sent.at = c.now;
    std::vector<store::finished_attempt> attempts{never_sent};
    if (state.council) {
        attempts.clear();
        for (const auto& call : state.council->calls) {
            if (!call.unfinished) continue;
            never_sent.key = call.key;
            attempts.push_back(never_sent);
        }
    }
    s.at = phase::returning;
    return {commit{store::share(store::fail_send{
        s.order.scope,
        {s.order.key, orphan.id, c.owner, orphan.epoch},
        send_state::failed_retryable,
        print_error(fail(errc::store_unavailable, "the claim could not be confirmed")),
        std::move(attempts),
        c.now,
        std::move(last)})}};
}

actions on_given_back(send& s, send_failed e, const context& c) {
    if (!e.outcome && !s.closing) return look_again(s, std::move(e.outcome).error(), c);
    return read_again(s);
}

actions on_fence_seen(send& s, const store::prepare_send::answer& state, const context& c) {
    const auto& stored = state.known.send;
    const bool same_run = stored && stored->epoch == s.claim->epoch && stored->owner.id == c.owner;
    if (s.t2) {
        auto& reply = s.t2->reply;
        const bool stands =
            same_run && stored->reply_message && stored->reply_message->id == reply.message.id;
        if (!stands) return on_overtaken(s, s.t2->transaction().finished, c);
        reply.message.seq = stored->reply_message->seq;
        return finish_settled(s);
    }
    if (!same_run || stored->state != s.failure->state)
        return on_overtaken(s, std::move(s.failure->finished), c);
    return finish(s, *std::move(s.failure_error));
}

bool is_in_doubt(const key_verdict& verdict) {
    const auto* settled = std::get_if<settled_answer>(&verdict);
    return settled && !settled->outcome && settled->outcome.error().code == errc::outcome_unknown;
}

/// No policy makes a call again that must not run twice.
settled_answer in_doubt(const send& s, const store::prepare_send::answer& state,
                        const round_call& lost) {
    return {lost_call_error(lost)
                .with("idempotency_key", s.order.key_text)
                .with("send_id", state.known.send->id.str())};
}

actions on_state(send& s, state_read e, const context& c) {
    s.key_unread = e.key_unread;
    if (!e.answer) {
        if ((s.claim_in_doubt || s.write_fenced_off) && !s.closing)
            return look_again(s, std::move(e.answer).error(), c);
        return finish(s, std::move(e.answer).error());
    }
    if (std::exchange(s.write_fenced_off, false)) return on_fence_seen(s, *e.answer, c);
    auto policy = key_policy(e.answer->turn, c.config);
    if (!policy) return finish(s, std::move(policy).error());
    s.policy = *policy;

    auto verdict = judge_key(s.order, e.answer->known, s.policy, c.owner);
    const auto* lost = find_lost_call(e.answer->rounds);
    const bool may_go_on = std::holds_alternative<may_run>(verdict);
    if (lost != nullptr && (may_go_on || is_in_doubt(verdict)))
        verdict = in_doubt(s, *e.answer, *lost);
    if (auto* known = std::get_if<settled_answer>(&verdict)) return finish(s, std::move(*known));
    if (std::holds_alternative<own_orphan>(verdict)) return give_back(s, *e.answer, c);
    s.claim_in_doubt = false;
    if (s.abort_asked || s.closing) return finish_uncalled(s);
    if (auto* elsewhere = std::get_if<owned_elsewhere>(&verdict))
        return ask_about_owner(s, std::move(elsewhere->owner));
    return claim(s, *e.answer, std::get<may_run>(verdict), c);
}

/// T1 met a key that a cached turn did not know of.
actions on_existing(send& s, const store::send_snapshot& existing, const context& c) {
    const store::find_send::answer known{tenant_status::active, s.basis.fingerprint_key, existing};
    auto verdict = judge_key(s.order, known, s.policy, c.owner);
    if (auto* settled = std::get_if<settled_answer>(&verdict))
        return finish(s, std::move(*settled));
    return read_again(s);
}

/// T1 stands: its attempt leaves, or the tools that an earlier run left over begin.
actions begin_run(send& s, const context& c) {
    auto& call = s.plan->call;
    const bool cut = s.abort_asked || s.closing;
    if (s.council) return begin_deliberation(s, c);
    call.position.attempt = s.claim->first_attempt;
    if (s.rounds.open) {
        if (!cut) return run_round(s, c);
        take_back_calls(*s.rounds.open);
        return fail_cut(s, c);
    }
    call.attempts.back().key.attempt = call.position.attempt++;
    return cut ? cut_before_sending(s, c) : call_now(s, c);
}

actions on_claim(send& s, claim_committed e, const context& c) {
    using verdict = store::claim_send::verdict;
    if (!e.outcome || e.outcome->what != verdict::claimed) {
        calls::abandon(s.plan->call, c.breakers, c.elapsed);
        if (s.council) drop_council(s, c);
    }
    if (!e.outcome) {
        if (outcome_unknown(e.outcome.error()) && !s.closing)
            return look_again(s, std::move(e.outcome).error(), c);
        return finish(s, std::move(e.outcome).error());
    }
    switch (e.outcome->what) {
        case verdict::claimed: s.claim = e.outcome->claim; return begin_run(s, c);
        case verdict::existing: return on_existing(s, *e.outcome->existing, c);
        case verdict::changed: return read_again(s);
        case verdict::session_busy:
            if (e.outcome->existing) return ask_about_owner(s, e.outcome->existing->owner);
            return wait_for_other(s, c);
        default: return finish(s, claim_error(s, e.outcome->what));
    }
}

// --- T2: the bill -------------------------------------------------------------------------------

/// The store did not take T2 (or its kin): keep the result and try again; never success without a
/// bill.
actions write_later(send& s, error e, bool executed, const context& c) {
    actions out;
    if (++s.write_retries >= write_retries_before_answer || s.closing) {
        if (executed) e.with("executed", true);
        answer(s, out, {std::move(e)});
    }
    if (s.closing) {
        s.at = phase::ended;
        out.push_back(end{});
        return out;
    }
    s.write_waiting = true;
    out.push_back(set_timer{c.elapsed + milliseconds(retry_pause_ms(s))});
    return out;
}

/// A repeated write is refused when the first one stands although the store could not say so.
actions look_at_fence(send& s) {
    s.write_fenced_off = true;
    return read_again(s);
}

actions on_settled(send& s, send_settled e, const context& c) {
    if (!e.outcome) return write_later(s, std::move(e.outcome).error(), true, c);
    if (e.outcome->fenced_off) return look_at_fence(s);
    s.t2->reply.message.seq = e.outcome->reply_seq;
    // The prompt of a council is shared by its calls; the next turn reads it.
    if (s.council) return finish_settled(s);
    s.basis.active_days = std::move(e.outcome->active_days);
    auto next = next_turn(*s.plan, std::move(s.basis), *s.claim, s.t2->reply.message);
    return finish_settled(s, std::move(next));
}

actions on_failed(send& s, send_failed e, const context& c) {
    if (s.at == phase::returning) return on_given_back(s, std::move(e), c);
    if (!e.outcome) return write_later(s, std::move(e.outcome).error(), false, c);
    if (e.outcome->fenced_off) return look_at_fence(s);
    actions out;
    if (s.council) out = show_failed_council(s);
    for (auto& a : finish(s, *std::move(s.failure_error))) out.push_back(std::move(a));
    return out;
}

actions write_again(send& s) {
    if (!std::exchange(s.write_waiting, false)) return {};
    if (s.at == phase::settling) return {commit{s.t2->command}};
    return {commit{store::share(*s.failure)}};
}

actions on_woken(send& s, const context& c) {
    switch (s.at) {
        case phase::waiting: return read_again(s);
        case phase::pausing:
            return follow(s, calls::resume(s.plan->call, c.breakers, c.elapsed), c);
        case phase::deliberating: return on_council_woken(s, c);
        case phase::settling:
        case phase::failing: return write_again(s);
        default: return {};
    }
}

actions on_cut(send& s, const context& c) {
    switch (s.at) {
        case phase::waiting:
            if ((s.claim_in_doubt || s.write_fenced_off) && !s.closing) return {};
            return finish_uncalled(s);
        case phase::pausing: return fail_cut(s, c);
        case phase::calling: return {cancel_attempt{}};
        case phase::using_tools: return {cancel_tools{}};
        case phase::deliberating: return cut_council(s, c);
        case phase::settling:
        case phase::failing: return write_again(s);
        default: return {};  // The event that is due looks at the flag.
    }
}

}  // namespace

store::prepare_send state_query(const send_order& order) {
    return store::prepare_send{order.scope, order.key, order.session};
}

actions decide(send& s, event e, const context& c) {
    struct visitor {
        send& s;
        const context& c;
        actions operator()(state_read& e) { return on_state(s, std::move(e), c); }
        actions operator()(claim_committed& e) { return on_claim(s, std::move(e), c); }
        actions operator()(calls_released& e) {
            if (s.at == phase::deliberating) return on_council_committed(s, std::move(e), c);
            return on_released(s, std::move(e), c);
        }
        actions operator()(seat_ended& e) { return on_seat_end(s, std::move(e), c); }
        actions operator()(attempt_ended& e) { return on_attempt_end(s, std::move(e), c); }
        actions operator()(tools_ended& e) {
            if (s.at == phase::deliberating) return on_host_ranked(s, std::move(e), c);
            return on_tools_end(s, std::move(e), c);
        }
        actions operator()(send_settled& e) { return on_settled(s, std::move(e), c); }
        actions operator()(send_failed& e) { return on_failed(s, std::move(e), c); }
        actions operator()(late_calls_recorded&) { return read_again(s); }
        actions operator()(owner_judged& e) { return on_owner(s, e, c); }
        actions operator()(owner_abandoned& e) {
            if (!e.outcome) return finish(s, std::move(e.outcome).error());
            return read_again(s);
        }
        actions operator()(woken&) { return on_woken(s, c); }
        actions operator()(abort_requested&) {
            s.abort_asked = true;
            return on_cut(s, c);
        }
        actions operator()(messaging::closing&) {
            s.closing = true;
            return on_cut(s, c);
        }
    };
    return std::visit(visitor{s, c}, e);
}

}  // namespace conclave::messaging
