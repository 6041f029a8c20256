// Calls of a council beside one another, commits one after another.
#include "messaging/send_deliberation.hpp"

#include "base/planted_bug.hpp"
#include "crypto/text_forms.hpp"
#include "messaging/council_settlement.hpp"
#include "messaging/error_document.hpp"
#include "messaging/send_calls.hpp"
#include "messaging/send_errors.hpp"
#include "model/turn.hpp"

#include <algorithm>
#include <utility>

namespace conclave::messaging {

namespace {

using std::chrono::milliseconds;

council::circumstances circumstances_of(const context& c) { return {c.elapsed, c.latencies}; }

store::send_fence fence_of(const send& s, const context& c) {
    return {s.order.key, s.claim->send, c.owner, s.claim->epoch, s.claim->row};
}

/// The machine decides nothing more.
bool is_stopping(const send& s) {
    return s.abort_asked || s.closing || s.council->overtaken || s.council->store_failed;
}

bool all_ended(const send_council& co) {
    return !co.ranking && std::all_of(co.slots.begin(), co.slots.end(), [](const auto& slot) {
        return slot.at == slot_state::ended;
    });
}

// --- Calls --------------------------------------------------------------------------------------

void take(send& s, council::step step, actions& out, const context& c);

/// Tells the machine what became of a call.
void end_slot(send& s, std::size_t i, actions& out, const context& c) {
    auto& slot = s.council->slots[i];
    slot.at = slot_state::ended;
    council::call_end e;
    e.call = i;
    e.cost = calls::sum_costs(slot.call);
    const auto& attempts = slot.call.attempts;
    if (!attempts.empty() && attempts.back().result) {
        e.result = *attempts.back().result;
        e.error_code = to_string(e.result.error);
    } else {
        e.result.outcome = call_class::not_sent;
        e.error_code = to_string(attempt_error::circuit_open);
    }
    if (is_stopping(s)) return;
    take(s, council::on_call_end(s.council->plan.machine, std::move(e), circumstances_of(c)), out,
         c);
}

/// The next attempt of a call waits for the commit of its row.
void plan_attempt(council_slot& slot, const context& c) {
    slot.row = calls::release(slot.call, c.now);
    if (slot.row.price) slot.row.worst = slot.call.routes.front().exposure;
    slot.at = slot_state::planned;
}

/// The attempt whose row was to be, or is, committed will not be made.
void mark_not_sent(council_slot& slot, const context& c) {
    calls::abandon(slot.call, c.breakers, c.elapsed);
    auto& attempt = slot.call.attempts.back();
    attempt.result = call_result{};
    attempt.result->outcome = call_class::not_sent;
    attempt.result->error = attempt_error::network;
    attempt.finished_at = c.now;
}

/// As if the attempt had never been planned: it has no row.
void forget_attempt(council_slot& slot, const context& c) {
    calls::abandon(slot.call, c.breakers, c.elapsed);
    slot.call.attempts.pop_back();
    --slot.call.position.attempt;
}

std::int64_t next_attempt(const send_council& co, council::stage stage, std::size_t seat) {
    for (auto slot = co.slots.rbegin(); slot != co.slots.rend(); ++slot)
        if (slot->stage == stage && slot->seat == seat) return slot->call.position.attempt;
    const auto earlier = co.plan.next_attempt.find({stage, seat});
    return earlier == co.plan.next_attempt.end() ? 0 : earlier->second;
}

/// False if the circuit of its route is open.
bool plan_slot(send& s, council::ask ask, const context& c) {
    auto& co = *s.council;
    council_slot slot;
    slot.call.routes = {co.plan.routes[ask.seat]};
    slot.call.routes.front().exposure = co.plan.machine.calls[ask.call].worst;
    slot.call.position = {std::string(council::name_of(ask.stage)),
                          static_cast<std::int64_t>(ask.seat), 0,
                          next_attempt(co, ask.stage, ask.seat)};
    slot.call.deadline = ask.deadline;
    slot.stage = ask.stage;
    slot.seat = ask.seat;
    slot.prompt = std::move(ask.prompt);
    const auto next = calls::begin(slot.call, c.breakers, c.elapsed);
    const bool admitted = std::holds_alternative<calls::attempt_now>(next);
    slot.at = slot_state::ended;
    if (admitted) plan_attempt(slot, c);
    co.slots.push_back(std::move(slot));
    return admitted;
}

void cut_slot(send& s, std::size_t i, actions& out, const context& c) {
    auto& slot = s.council->slots[i];
    slot.cut = true;
    switch (slot.at) {
        case slot_state::planned: forget_attempt(slot, c); return end_slot(s, i, out, c);
        case slot_state::pausing: return end_slot(s, i, out, c);
        case slot_state::in_flight: out.push_back(cut_seat{i}); return;
        case slot_state::releasing:
        case slot_state::ended: return;
    }
}

/// Carries out a decision.
void take(send& s, council::step step, actions& out, const context& c) {
    auto& co = *s.council;
    for (auto& e : step.events) co.notes.push_back({e.number, std::move(e.document)});
    co.wake = step.wake;
    if (step.rank) co.rank = std::move(step.rank);
    if (step.concluded) co.concluded = std::move(step.concluded);
    if (step.failed) co.failed = std::move(step.failed);
    std::vector<std::size_t> refused;
    for (auto& ask : step.asks) {
        const auto call = ask.call;
        if (!plan_slot(s, std::move(ask), c)) refused.push_back(call);
    }
    for (const auto call : step.cuts) cut_slot(s, call, out, c);
    for (const auto call : refused) end_slot(s, call, out, c);
}

void ask_now(send& s, std::size_t i, actions& out, const context& c) {
    auto& slot = s.council->slots[i];
    const auto& route = slot.call.routes.front();
    slot.at = slot_state::in_flight;
    out.push_back(ask_seat{
        i, call_provider{slot.call.attempts.back().key, route.target, slot.prompt,
                         route.policy.connect_timeout_ms, route.policy.first_byte_timeout_ms,
                         calls::attempt_timeout_ms(slot.call, c.elapsed), s.order.caller}});
}

/// The host's tool ranks the answers, as long as the critics had time.
void ask_host_now(send& s, actions& out, const context& c) {
    auto& co = *s.council;
    const auto asked = *std::exchange(co.rank, std::nullopt);
    const auto& name = co.plan.machine.terms.options.ranker;
    const auto tool = c.config.tools.find(name);
    const auto left = std::chrono::duration_cast<milliseconds>(asked.deadline - c.elapsed).count();
    const auto most = tool == c.config.tools.end() ? left : tool->second.timeout_ms;
    tool_run run{{"rank_" + crypto::hex(co.plan.basis.seed), name, asked.document},
                 std::max<std::int64_t>(1, std::min(left, most))};
    co.ranking = true;
    out.push_back(run_tools{{std::move(run)}, s.order.caller});
}

// --- Commits ------------------------------------------------------------------------------------

std::vector<store::finished_attempt> take_finished(send_council& co) {
    std::vector<store::finished_attempt> all;
    for (auto& slot : co.slots)
        for (auto& f : calls::take_finished(slot.call)) all.push_back(std::move(f));
    return all;
}

std::vector<store::released_attempt> take_released(send_council& co) {
    std::vector<store::released_attempt> rows;
    for (auto& slot : co.slots) {
        if (slot.at != slot_state::planned) continue;
        slot.at = slot_state::releasing;
        rows.push_back(slot.row);
    }
    return rows;
}

bool has_results(const send_council& co) {
    return std::any_of(co.slots.begin(), co.slots.end(), [](const auto& slot) {
        const auto& attempts = slot.call.attempts;
        return std::any_of(attempts.begin(), attempts.end(), [](const auto& a) {
            return a.result && a.kept == calls::keeping::none;
        });
    });
}

bool has_planned(const send_council& co) {
    return std::any_of(co.slots.begin(), co.slots.end(),
                       [](const auto& slot) { return slot.at == slot_state::planned; });
}

commit commit_progress(send& s, const context& c) {
    auto& co = *s.council;
    store::release_calls next{s.order.scope, fence_of(s, c), take_finished(co), take_released(co),
                              c.now};
    co.on_way = std::exchange(co.notes, {});
    next.events = co.on_way;
    if (!next.released.empty()) {
        const auto worst = co.plan.machine.exposure();
        next.more_held = worst - co.held;
        co.held = worst;
    }
    co.committing = true;
    return {commit{store::share(std::move(next))}};
}

/// Ends a run that gave no answer.
actions give_up(send& s, send_state state, error e, const context& c) {
    auto& co = *s.council;
    e = with_request(s, std::move(e)).with("send_id", s.claim->send.str());
    s.failure = store::fail_send{s.order.scope,  fence_of(s, c),    state,
                                 print_error(e), take_finished(co), c.now};
    s.failure->events = std::exchange(co.notes, {});
    s.failure_error = std::move(e);
    s.at = phase::failing;
    return {commit{store::share(*s.failure)}};
}

/// Whether a provider may have run a call whose answer is not held.
bool is_in_doubt(const send_council& co) {
    return co.plan.has_earlier_doubts ||
           std::any_of(co.slots.begin(), co.slots.end(), [](const auto& slot) {
               const auto& attempts = slot.call.attempts;
               return !attempts.empty() && attempts.back().result &&
                      possibly_executed(attempts.back().result->outcome);
           });
}

actions settle_now(send& s, const context& c, message_status status) {
    auto& co = *s.council;
    s.t2 = settle_council(s.order, co, *s.claim, s.basis.agent_id, status, fence_of(s, c), c.ids,
                          c.now, take_finished(co));
    s.rounds.steps = co.shown;
    s.at = phase::settling;
    return {commit{s.t2->command}};
}

/// A caller who breaks off what it has begun to read has the text as far as it came.
bool take_aborted_text(send& s) {
    auto& co = *s.council;
    if (!s.abort_asked || s.closing || !co.speaker || co.bytes_shown == 0) return false;
    const auto& slot = co.slots[*co.speaker];
    const auto& attempts = slot.call.attempts;
    if (attempts.empty() || !attempts.back().settled_cut) return false;
    co.concluded = council::conclusion{attempts.back().result->text,
                                       slot.seat,
                                       council::synthesis_status::aborted,
                                       {},
                                       *co.speaker,
                                       false};
    return true;
}

actions finish_failed(send& s, const context& c) {
    auto& co = *s.council;
    if (is_in_doubt(co) && s.policy.on_ambiguous == ambiguous_policy::stop) {
        auto e = fail(errc::outcome_unknown,
                      "members may have answered, and policy forbids to ask them again");
        e.details = co.failed->details;
        return give_up(s, send_state::unknown, std::move(e), c);
    }
    return give_up(s, send_state::failed_retryable, *co.failed, c);
}

/// All calls have ended, on request or because nothing could come of them.
actions finish_stopped(send& s, const context& c) {
    auto& co = *s.council;
    if (co.overtaken) return on_overtaken(s, take_finished(co), c);
    if (take_aborted_text(s)) return settle_now(s, c, message_status::aborted);
    const bool in_doubt = is_in_doubt(co);
    if (s.closing)
        return in_doubt
                   ? give_up(s, send_state::unknown,
                             fail(errc::outcome_unknown, "the gateway closed during the call"), c)
                   : give_up(s, send_state::failed_retryable,
                             fail(errc::handle_closed, "the gateway closed before an answer"), c);
    if (co.store_failed) return finish_failed(s, c);
    const bool stop = in_doubt && s.policy.on_ambiguous == ambiguous_policy::stop;
    return give_up(s, stop ? send_state::unknown : send_state::failed_retryable,
                   fail(stop ? errc::outcome_unknown : errc::cancelled, "the call was aborted"), c);
}

/// The rest of a decision: the next commit, the end, or the time to look again.
actions go_on(send& s, actions out, const context& c) {
    auto& co = *s.council;
    if (co.rank && !is_stopping(s)) ask_host_now(s, out, c);
    const auto append = [&](actions more) {
        for (auto& a : more) out.push_back(std::move(a));
        return std::move(out);
    };
    if (co.committing) {
        // What waits goes with the next commit.
    } else if (co.concluded && !co.overtaken && !co.store_failed) {
        if (all_ended(co)) return append(settle_now(s, c, message_status::complete));
    } else if (is_stopping(s)) {
        if (all_ended(co)) return append(finish_stopped(s, c));
    } else if (co.failed) {
        if (all_ended(co)) return append(finish_failed(s, c));
    } else if (!co.notes.empty() || has_planned(co) || has_results(co)) {
        out.push_back(commit_progress(s, c));
        for (std::size_t i = 0; planted(planted_bug::seats_before_release) && i < co.slots.size();
             ++i)
            if (co.slots[i].at == slot_state::releasing) ask_now(s, i, out, c);
    }
    auto next = co.wake && !is_stopping(s) ? *co.wake : instant::max();
    for (const auto& slot : co.slots)
        if (slot.at == slot_state::pausing) next = std::min(next, slot.resume_at);
    if (next != instant::max()) out.push_back(set_timer{std::max(next, c.elapsed)});
    return out;
}

/// What is in flight ends as soon as it can; nothing else begins.
void stop_calls(send& s, actions& out, const context& c) {
    auto& co = *s.council;
    if (co.ranking) out.push_back(cancel_tools{});
    for (std::size_t i = 0; i < co.slots.size(); ++i) {
        if (co.slots[i].at == slot_state::in_flight) {
            out.push_back(cut_seat{i});
        } else if (co.slots[i].at == slot_state::planned) {
            forget_attempt(co.slots[i], c);
            end_slot(s, i, out, c);
        } else if (co.slots[i].at == slot_state::pausing) {
            end_slot(s, i, out, c);
        }
    }
}

/// Estimates what a call that nobody waited for has generated, within what it was allowed.
void count_cut(call_result& result, const council_slot& slot) {
    if (!possibly_executed(result.outcome)) return;
    const auto estimate = calls::estimate_tokens(bytes_of(*slot.prompt), result.text.size());
    if (!result.usage) {
        result.usage = estimate;
        result.usage_estimated = true;
    }
    if (const auto most = slot.prompt->max_tokens)
        result.usage->output = std::min(result.usage->output, *most);
}

}  // namespace

result<void> prepare_council(send& s, store::prepare_send::answer& state, const send_id& send,
                             const context& c) {
    auto plan = plan_question(s.order, s.basis, c.config, c.elapsed);
    if (!plan) return std::move(plan).error();
    s.plan = *std::move(plan);
    auto council = plan_council(s.order, *s.plan, *s.basis.agent, state, send, c.config, c.now);
    if (!council) return std::move(council).error();
    s.council.emplace().plan = *std::move(council);
    auto& co = *s.council;
    for (const auto& e : state.council ? state.council->events : std::vector<std::string>())
        stand(co, e);
    actions none;
    take(s, council::begin(co.plan.machine, circumstances_of(c)), none, c);
    if (co.failed && all_ended(co)) return *co.failed;
    s.plan->hold = co.held = co.plan.machine.exposure();
    return {};
}

store::claim_send::deliberation claim_of(send_council& co) {
    co.on_way = std::exchange(co.notes, {});
    co.committing = true;
    return {co.plan.basis, take_released(co), co.on_way};
}

void drop_council(send& s, const context& c) {
    for (auto& slot : s.council->slots) calls::abandon(slot.call, c.breakers, c.elapsed);
    s.council.reset();
}

actions begin_deliberation(send& s, const context& c) {
    s.at = phase::deliberating;
    return on_council_committed(s, calls_released{store::release_calls::outcome{}}, c);
}

actions on_council_committed(send& s, calls_released e, const context& c) {
    auto& co = *s.council;
    co.committing = false;
    const bool stands = e.outcome && !e.outcome->fenced_off;
    for (auto& slot : co.slots)
        stands ? calls::mark_stored(slot.call) : calls::take_back(slot.call);
    actions out;
    if (stands) {
        for (const auto& note : std::exchange(co.on_way, {})) stand(co, note.document);
        out.push_back(show_council{});
    } else {
        co.notes.insert(co.notes.begin(), std::make_move_iterator(co.on_way.begin()),
                        std::make_move_iterator(co.on_way.end()));
        co.on_way.clear();
        co.overtaken = e.outcome.has_value();
        co.store_failed = !e.outcome.has_value();
        if (co.store_failed) co.failed = std::move(e.outcome).error();
    }
    const auto slots = co.slots.size();
    for (std::size_t i = 0; i < slots; ++i) {
        if (co.slots[i].at != slot_state::releasing) continue;
        if (!is_stopping(s) && !co.slots[i].cut) {
            ask_now(s, i, out, c);
            continue;
        }
        mark_not_sent(co.slots[i], c);
        end_slot(s, i, out, c);
    }
    if (!stands || is_stopping(s)) stop_calls(s, out, c);
    return go_on(s, std::move(out), c);
}

actions on_seat_end(send& s, seat_ended e, const context& c) {
    auto& co = *s.council;
    auto& slot = co.slots[e.slot];
    auto& r = e.result;
    if (r.outcome == call_class::ok) complete_usage(r, bytes_of(*slot.prompt));
    const bool cut_by_caller =
        s.abort_asked && !s.closing && co.speaker == e.slot && r.outcome == call_class::partial;
    const bool cut = (slot.cut && possibly_executed(r.outcome)) || cut_by_caller;
    if (cut) count_cut(r, slot);
    if (r.outcome == call_class::ok || cut)
        c.latencies.note(slot.call.routes.front().target, council::name_of(slot.stage),
                         {r.latency_ms, cut}, co.plan.machine.terms.share_ms(slot.stage));
    r.text_shown = co.speaker == e.slot;
    const auto next =
        calls::take_result(slot.call, std::move(r), c.breakers, c.now, c.elapsed, c.random);
    slot.call.attempts.back().settled_cut = cut;
    actions out;
    const auto* later = std::get_if<calls::attempt_later>(&next);
    if (later != nullptr && !slot.cut && !is_stopping(s)) {
        slot.at = slot_state::pausing;
        slot.resume_at = c.elapsed + milliseconds(later->wait_ms);
    } else {
        end_slot(s, e.slot, out, c);
    }
    return go_on(s, std::move(out), c);
}

actions on_host_ranked(send& s, tools_ended e, const context& c) {
    s.council->ranking = false;
    actions out;
    if (!is_stopping(s)) {
        auto& said = e.outcomes.front();
        auto answer = said.failed ? result<std::string>(fail(errc::tool_failed, said.content))
                                  : result<std::string>(std::move(said.content));
        take(s, council::on_ranking(s.council->plan.machine, answer, circumstances_of(c)), out, c);
    }
    return go_on(s, std::move(out), c);
}

actions on_council_woken(send& s, const context& c) {
    auto& co = *s.council;
    actions out;
    if (is_stopping(s)) return go_on(s, std::move(out), c);
    const auto slots = co.slots.size();
    for (std::size_t i = 0; i < slots; ++i) {
        auto& slot = co.slots[i];
        if (slot.at != slot_state::pausing || slot.resume_at > c.elapsed) continue;
        const auto next = calls::resume(slot.call, c.breakers, c.elapsed);
        if (std::holds_alternative<calls::attempt_now>(next))
            plan_attempt(slot, c);
        else
            end_slot(s, i, out, c);
    }
    if (co.wake && c.elapsed >= *co.wake && !co.concluded && !co.failed)
        take(s, council::on_wake(co.plan.machine, circumstances_of(c)), out, c);
    return go_on(s, std::move(out), c);
}

actions cut_council(send& s, const context& c) {
    actions out;
    // One that has its answer only has to be written down.
    if (s.council->concluded) return out;
    stop_calls(s, out, c);
    return go_on(s, std::move(out), c);
}

actions show_failed_council(send& s) {
    for (const auto& note : s.failure->events) stand(*s.council, note.document);
    return {show_council{}};
}

bool hear_seat(send& s, std::size_t i, std::string_view text, instant now) {
    if (!s.council || s.at != phase::deliberating) return false;
    auto& co = *s.council;
    auto& slot = co.slots[i];
    (void)council::hear(co.plan.machine, i, now);
    const bool first = !std::exchange(slot.spoke, true);
    if (slot.stage != council::stage::synthesis || co.plan.machine.terms.has_gate()) return false;
    if (first && !co.speaker) co.speaker = i;
    if (co.speaker != i) return false;
    co.bytes_shown += text.size();
    return true;
}

}  // namespace conclave::messaging
