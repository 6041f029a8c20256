// The first stage: each member answers the question by itself.
#include "base/utf8.hpp"
#include "council/budget.hpp"
#include "council/stages.hpp"

#include <algorithm>
#include <utility>

namespace conclave::council {

namespace {

constexpr std::size_t excerpt_bytes = 200;

std::size_t count(const std::vector<seat_work>& work, seat_state s) {
    return static_cast<std::size_t>(
        std::count_if(work.begin(), work.end(), [&](const auto& w) { return w.state == s; }));
}

void tell_started(draft& w) {
    const auto& t = w.d.terms;
    w.tell("started", [&](json::writer& j) {
        j.key("members").begin_array();
        for (std::size_t i = 0; i < t.table.asked; ++i) j.string(w.seat_at(i).name);
        j.end_array().key("critics").begin_array();
        for (auto i = t.table.members; i < t.table.critics_end; ++i) j.string(w.seat_at(i).name);
        j.end_array().key("rule").string(t.options.rule).key("deadline_ms");
        j.integer(t.deadline_ms());
        j.key("estimate_usd").string(estimate(t).to_usd_string());
    });
    for (const auto& given_up : w.d.degradations)
        w.tell("degraded", [&](json::writer& j) {
            j.key("step").string(given_up.step).key("reason").string(given_up.reason);
        });
}

/// What each member of a council that has too few answers ran into.
error quorum_failed(const deliberation& d, std::size_t have, std::size_t need) {
    std::string seats;
    for (std::size_t i = 0; i < d.terms.table.asked; ++i) {
        const auto& work = d.answers[i];
        if (!seats.empty()) seats += "; ";
        seats += d.terms.table.seats[i].name + ": ";
        seats += work.state == seat_state::answered || work.trouble.empty()
                     ? std::string(name_of(work.state))
                     : work.trouble;
    }
    return fail(errc::council_quorum_failed, "too few members of the council gave an answer")
        .with("answered", static_cast<std::int64_t>(have))
        .with("needed", static_cast<std::int64_t>(need))
        .with("seats", std::move(seats));
}

/// The answers are settled.
void close(draft& w) {
    auto& d = w.d;
    w.tell_stage_closed(stage::generate);
    for (std::size_t i = 0; i < d.terms.table.asked; ++i)
        if (d.answers[i].state == seat_state::answered) d.answered.push_back(i);
    const auto need = d.terms.answers_needed();
    if (d.answered.size() < need) return w.give_up(quorum_failed(d, d.answered.size(), need));
    begin_after_answers(w);
}

}  // namespace

void begin_after_answers(draft& w) {
    const auto& d = w.d;
    if (d.answered.size() > 1) return begin_critique(w);
    const auto only = d.answered.front();
    const auto& answer = d.answers[only];
    w.conclude({answer.text, only, synthesis_status::none, {}, {}, answer.truncated});
}

request prompt_of(const deliberation& d, stage s, std::size_t seat) {
    if (s == stage::generate) return ask_member(*d.terms.question);
    std::vector<shown_text> shown;
    for (const auto& a : view_of(d, seat)->answers)
        shown.push_back({a.label, d.answers[static_cast<std::size_t>(a.seat)].text});
    return ask_critic(*d.terms.question, shown);
}

void begin_generate(draft& w) {
    auto& d = w.d;
    if (d.events == 0) tell_started(w);
    std::size_t asked = 0;
    for (std::size_t i = 0; i < d.terms.table.asked; ++i) {
        if (d.answers[i].state != seat_state::idle) continue;
        if (w.call(stage::generate, i, prompt_of(d, stage::generate, i),
                   d.terms.options.straggler.q))
            ++asked;
        else
            d.answers[i].state = seat_state::failed;
    }
    if (asked > 0) w.tell_stage_started(stage::generate, asked);
}

bool go_on_generate(draft& w) {
    auto& d = w.d;
    const auto need = d.terms.answers_needed();
    const auto have = count(d.answers, seat_state::answered);
    const bool met = have >= need;
    if (met && !std::exchange(d.quorum_told, true))
        w.tell("quorum_met", [&](json::writer& j) {
            j.key("stage").string(name_of(stage::generate));
            j.key("have").integer(static_cast<std::int64_t>(have));
            j.key("need").integer(static_cast<std::int64_t>(need));
        });
    if (!w.all_settled(stage::generate, met)) return false;
    if (!met && w.repeat_doubtful(stage::generate, need - have)) return false;
    close(w);
    return true;
}

void take_answer(draft& w, std::size_t seat, call_end& e) {
    auto& work = w.d.answers[seat];
    work.text = std::move(e.result.text);
    work.truncated = e.result.finish == finish_reason::length;
    const auto end = work.truncated ? text_end::truncated : text_end::finished;
    work.check =
        check_answer(work.text, end, static_cast<std::size_t>(w.d.terms.options.min_chars));
    work.state = work.check.valid ? seat_state::answered : seat_state::rejected;
    const auto chars = static_cast<std::int64_t>(trimmed_chars(work.text));
    if (!work.check.valid) {
        work.trouble = "TOO_SHORT";
        return w.tell("member_failed", [&](json::writer& j) {
            j.key("stage").string(name_of(stage::generate)).key("seat");
            j.string(w.seat_at(seat).name).key("code").string(work.trouble);
            j.key("chars").integer(chars).key("ms").integer(work.latency_ms);
        });
    }
    w.tell("member_answered", [&](json::writer& j) {
        j.key("seat").string(w.seat_at(seat).name).key("ms").integer(work.latency_ms);
        j.key("chars").integer(chars).key("cost_usd").string(e.cost.to_usd_string());
        if (work.check.injection_suspect) j.key("injection_suspect").boolean(true);
        j.key("excerpt").string(utf8::truncate(work.text, excerpt_bytes));
    });
}

}  // namespace conclave::council
