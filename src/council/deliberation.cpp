// What all stages of a deliberation share.
#include "council/deliberation.hpp"

#include "base/limits.hpp"
#include "council/budget.hpp"
#include "council/stages.hpp"

#include <algorithm>
#include <utility>

namespace conclave::council {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

namespace {

/// A call is cut by its stage; its own timeout is a net below that.
constexpr std::int64_t call_slack_ms = 1'000;

std::string_view word_of(cut_reason why) {
    switch (why) {
        case cut_reason::own_quantile: return "own_quantile";
        case cut_reason::deadline: return "deadline";
        case cut_reason::stall: return "stall";
        case cut_reason::not_needed: return "not_needed";
    }
    return "";
}

void go_on(draft& w) {
    const auto one_stage = [&] {
        switch (w.d.at) {
            case stage::generate: return go_on_generate(w);
            case stage::critique: return go_on_critique(w);
            case stage::synthesis: return go_on_synthesis(w);
            case stage::gate:
            case stage::gate_swapped: return go_on_gate(w);
        }
        return false;
    };
    while (!w.d.ended && !w.d.ranking_due && one_stage()) {
    }
}

}  // namespace

std::string_view name_of(seat_state s) noexcept {
    switch (s) {
        case seat_state::idle: return "not_asked";
        case seat_state::asked: return "asked";
        case seat_state::answered: return "answered";
        case seat_state::rejected: return "rejected";
        case seat_state::failed: return "failed";
        case seat_state::doubtful: return "lost";
        case seat_state::cut: return "cut";
    }
    return "";
}

std::string_view name_of(synthesis_status s) noexcept {
    switch (s) {
        case synthesis_status::none: return "none";
        case synthesis_status::skipped: return "skipped";
        case synthesis_status::accepted: return "accepted";
        case synthesis_status::fallback_best: return "fallback_best";
        case synthesis_status::aborted: return "aborted";
    }
    return "";
}

const std::vector<seat_work>& deliberation::work(council::stage s) const {
    switch (s) {
        case stage::generate: return answers;
        case stage::critique: return sheets;
        case stage::synthesis: return syntheses;
        case stage::gate: return votes;
        case stage::gate_swapped: break;
    }
    return votes_swapped;
}

std::vector<seat_work>& deliberation::work(council::stage s) {
    return const_cast<std::vector<seat_work>&>(std::as_const(*this).work(s));
}

money deliberation::exposure() const {
    auto sum = spent;
    for (const auto s : all_stages)
        for (const auto& w : work(s))
            if (w.state == seat_state::asked) sum += w.worst;
    return sum;
}

result<deliberation> open(terms t) {
    if (t.options.max_usd && !t.question->max_tokens) {
        // A cap can be kept only where each answer has one.
        auto capped = std::make_shared<provider_request>(*t.question);
        capped->max_tokens = limits::hold_output_tokens;
        t.question = std::move(capped);
    }
    auto given_up = fit_budget(t);
    if (!given_up) return std::move(given_up).error();
    deliberation d;
    const auto seats = t.table.seats.size();
    d.terms = std::move(t);
    d.answers.resize(seats);
    d.sheets.resize(seats);
    d.syntheses.resize(seats);
    d.votes.resize(seats);
    d.votes_swapped.resize(seats);
    d.degradations = *std::move(given_up);
    return d;
}

// --- A decision in the making -------------------------------------------------------------------

std::int64_t draft::elapsed_ms() const {
    return duration_cast<milliseconds>(c.now - d.began).count();
}

instant draft::at_ms(std::int64_t since_begin_ms) const {
    return d.began + milliseconds(since_begin_ms);
}

void draft::wake_at(instant then) {
    if (!out.wake || then < *out.wake) out.wake = then;
}

bool draft::call(stage s, std::size_t seat, request prompt, double usual_q) {
    auto& work = d.work(s)[seat];
    const auto& who = seat_at(seat);
    prompt->model = who.target.model;
    const auto worst = worst_case(who, *prompt);
    if (!is_affordable(d, worst)) {
        work.trouble = "BUDGET";
        return false;
    }
    work.state = seat_state::asked;
    work.worst = worst;
    work.call = d.calls.size();
    ++work.tries;
    work.asked_at = c.now;
    work.last_text.reset();
    work.trouble.clear();
    work.usual_ms = c.latencies.quantile(who.target, name_of(s), usual_q);
    d.calls.push_back({s, seat, worst});
    out.asks.push_back(
        {work.call, s, seat, std::move(prompt), at_ms(d.terms.stage_end_ms(s) + call_slack_ms)});
    return true;
}

void draft::cut(stage s, std::size_t seat, cut_reason why) {
    auto& work = d.work(s)[seat];
    // One that never began, or stopped, has failed; it is not that nobody waited for it.
    work.state = why == cut_reason::stall ? seat_state::doubtful : seat_state::cut;
    work.trouble = why == cut_reason::stall ? "TIMEOUT" : "CUT";
    work.latency_ms = duration_cast<milliseconds>(c.now - work.asked_at).count();
    // Until its end is told, it may still cost all of it.
    d.spent += work.worst;
    d.calls[work.call].cut = true;
    out.cuts.push_back(work.call);
    tell("member_cut", [&](json::writer& w) {
        w.key("stage").string(name_of(s)).key("seat").string(seat_at(seat).name);
        w.key("reason").string(word_of(why)).key("ms").integer(work.latency_ms);
    });
    if (s == stage::synthesis) take_back_text(work.call);
}

void draft::take_back_text(std::size_t call) {
    if (d.speaker != call) return;
    d.speaker.reset();
    tell("synthesis_reset", [](json::writer&) {});
}

bool draft::all_settled(stage s, bool quorum_met) {
    std::vector<pending_seat> pending;
    const auto since_begin = [&](instant t) {
        return duration_cast<milliseconds>(t - d.began).count();
    };
    const auto& work = d.work(s);
    for (std::size_t i = 0; i < work.size(); ++i) {
        if (work[i].state != seat_state::asked) continue;
        pending_seat p{i, since_begin(work[i].asked_at), work[i].usual_ms, {}};
        if (work[i].last_text) p.last_text_ms = since_begin(*work[i].last_text);
        p.streams = seat_at(i).streams;
        pending.push_back(p);
    }
    if (pending.empty()) return true;
    const stage_limits limits{d.terms.options.straggler.mode, d.terms.stage_end_ms(s)};
    const auto decision = decide_cuts(limits, quorum_met, pending, elapsed_ms());
    for (const auto& [seat, why] : decision.cuts) cut(s, seat, why);
    if (decision.cuts.size() == pending.size()) return true;
    wake_at(at_ms(decision.look_again_ms));
    return false;
}

bool draft::repeat_doubtful(stage s, std::size_t wanted) {
    constexpr std::int64_t most_tries = 2;
    if (!d.terms.may_repeat || !has_time(s)) return false;
    auto& work = d.work(s);
    bool any = false;
    for (std::size_t i = 0; i < work.size() && wanted > 0; ++i) {
        if (work[i].state != seat_state::doubtful || work[i].tries >= most_tries) continue;
        if (!call(s, i, prompt_of(d, s, i), d.terms.options.straggler.q)) {
            work[i].state = seat_state::failed;
            continue;
        }
        --wanted;
        any = true;
    }
    return any;
}

void draft::tell_stage_started(stage s, std::size_t seats) {
    tell("stage_started", [&](json::writer& w) {
        w.key("stage").string(name_of(s)).key("asked").integer(static_cast<std::int64_t>(seats));
        w.key("deadline_ms").integer(d.terms.stage_end_ms(s));
        w.key("held_usd").string(d.exposure().to_usd_string());
    });
}

void draft::tell_stage_closed(stage s) {
    tell("stage_closed", [&](json::writer& w) {
        std::int64_t cut = 0;
        std::int64_t failed = 0;
        w.key("stage").string(name_of(s)).key("seats").begin_array();
        const auto& work = d.work(s);
        for (std::size_t i = 0; i < work.size(); ++i) {
            if (work[i].state == seat_state::answered) w.string(seat_at(i).name);
            if (work[i].state == seat_state::cut) ++cut;
            if (work[i].state == seat_state::failed || work[i].state == seat_state::doubtful ||
                work[i].state == seat_state::rejected)
                ++failed;
        }
        w.end_array().key("cut").integer(cut).key("failed").integer(failed);
        w.key("ms").integer(elapsed_ms()).key("spent_usd").string(d.spent.to_usd_string());
    });
}

void draft::conclude(conclusion end) {
    d.ended = true;
    for (const auto s : all_stages)
        for (std::size_t i = 0; i < d.work(s).size(); ++i)
            if (d.work(s)[i].state == seat_state::asked) cut(s, i, cut_reason::not_needed);
    tell("concluded", [&](json::writer& w) {
        w.key("synthesis")
            .string(name_of(end.synthesis))
            .key("seat")
            .string(seat_at(end.seat).name);
    });
    out.concluded = std::move(end);
}

void draft::give_up(error why) {
    d.ended = true;
    tell("failed", [&](json::writer& w) { w.key("code").string(to_string(why.code)); });
    out.failed = std::move(why);
}

// --- Events -------------------------------------------------------------------------------------

step begin(deliberation& d, const circumstances& c) {
    d.began = c.now;
    draft w{d, c, {}};
    if (d.resumed)
        w.tell("resumed", [&](json::writer& j) { j.key("stage").string(name_of(d.at)); });
    switch (d.at) {
        case stage::generate: begin_generate(w); break;
        case stage::critique: begin_after_answers(w); break;
        case stage::synthesis:
        case stage::gate:
        case stage::gate_swapped: judge(w); break;
    }
    go_on(w);
    return std::move(w.out);
}

step on_call_end(deliberation& d, call_end e, const circumstances& c) {
    draft w{d, c, {}};
    const auto& call = d.calls[e.call];
    const auto s = call.stage;
    const auto seat = call.seat;
    d.spent += e.cost;
    if (call.cut) {
        d.spent = d.spent - call.worst;
        if (!d.ended) go_on(w);
        return std::move(w.out);
    }
    auto& work = d.work(s)[seat];
    work.latency_ms = e.result.latency_ms;
    if (e.result.outcome != call_class::ok) {
        take_failure(w, s, seat, e);
    } else {
        switch (s) {
            case stage::generate: take_answer(w, seat, e); break;
            case stage::critique: take_sheet(w, seat, e); break;
            case stage::synthesis: take_synthesis(w, seat, e); break;
            case stage::gate:
            case stage::gate_swapped: take_vote(w, s, seat, e); break;
        }
    }
    go_on(w);
    return std::move(w.out);
}

step on_ranking(deliberation& d, const result<std::string>& answer, const circumstances& c) {
    draft w{d, c, {}};
    d.ranking_due = false;
    take_ranking(w, answer);
    judge(w);
    go_on(w);
    return std::move(w.out);
}

step on_wake(deliberation& d, const circumstances& c) {
    draft w{d, c, {}};
    go_on(w);
    return std::move(w.out);
}

bool hear(deliberation& d, std::size_t call, instant now) {
    const auto& info = d.calls[call];
    auto& work = d.work(info.stage)[info.seat];
    if (work.state != seat_state::asked || work.call != call) return false;
    const bool first = !work.last_text;
    work.last_text = now;
    // What may not pass the gate is not shown before it has.
    if (info.stage != stage::synthesis || d.terms.has_gate()) return false;
    if (first && !d.speaker) d.speaker = call;
    return d.speaker == call;
}

void take_failure(draft& w, stage s, std::size_t seat, const call_end& e) {
    auto& work = w.d.work(s)[seat];
    const bool maybe = possibly_executed(e.result.outcome);
    work.state = maybe ? seat_state::doubtful : seat_state::failed;
    work.trouble = e.error_code.empty() ? std::string("NETWORK") : e.error_code;
    if (s == stage::synthesis) w.d.synthesis_trouble = work.trouble;
    w.tell("member_failed", [&](json::writer& j) {
        j.key("stage").string(name_of(s)).key("seat").string(w.seat_at(seat).name);
        j.key("code").string(work.trouble).key("ms").integer(work.latency_ms);
        j.key("may_have_run").boolean(maybe);
    });
    if (s == stage::synthesis) w.take_back_text(e.call);
}

}  // namespace conclave::council
