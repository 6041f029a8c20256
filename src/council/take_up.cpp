// Rebuilds a deliberation from what earlier runs of the same turn stored.
#include "base/planted_bug.hpp"
#include "council/stages.hpp"
#include "json/parse.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace conclave::council {

namespace {

/// What the stored events say of the stages.
struct history {
    /// By stage: whose work counted.
    std::optional<std::vector<std::size_t>> closed[all_stages.size()];
};

std::string_view text_of(const json::value& v, std::string_view key) {
    const auto* found = json::find(v, key);
    return found != nullptr && found->as_string() ? std::string_view(*found->as_string()) : "";
}

/// A verdict that was told stands: the host is not asked for another.
void take_verdict(deliberation& d, const json::value& event) {
    d.verdict_told = true;
    const auto* ranking = json::find(event, "ranking");
    if (text_of(event, "rule") != name_of(rule::external) || ranking == nullptr) return;
    for (const auto& placed : *ranking->as_array()) {
        const auto seat = d.terms.table.find(text_of(placed, "seat"));
        const auto* quality = json::find(placed, "quality");
        if (seat && quality != nullptr && quality->as_number())
            d.host_scores[*seat] = *quality->as_number();
    }
}

/// Who stood at the gate, before whom.
void take_gate(deliberation& d, const json::value& event) {
    d.candidate = d.terms.table.find(text_of(event, "seat"));
    d.panel.clear();
    const auto* critics = json::find(event, "critics");
    if (critics == nullptr || critics->as_array() == nullptr) return;
    for (const auto& name : *critics->as_array())
        if (const auto seat = d.terms.table.find(name.as_string() ? *name.as_string() : ""))
            d.panel.push_back(*seat);
}

history read_history(deliberation& d, const std::vector<std::string>& events) {
    history h;
    for (const auto& text : events) {
        ++d.events;
        const auto event = json::parse(text, "event");
        if (!event) continue;
        const auto kind = text_of(*event, "event");
        if (kind == "quorum_met") d.quorum_told = true;
        if (kind == "aggregated") take_verdict(d, *event);
        if (kind == "gate_started") take_gate(d, *event);
        if (kind == "degraded" && text_of(*event, "step") == "rule") {
            d.ranking_failed = true;
            d.degradations.push_back({"rule", std::string(text_of(*event, "reason"))});
        }
        const auto s = stage_of(text_of(*event, "stage"));
        const auto* seats = json::find(*event, "seats");
        if (kind != "stage_closed" || !s || seats == nullptr || !seats->as_array()) continue;
        auto& closed = h.closed[static_cast<std::size_t>(*s)].emplace();
        for (const auto& name : *seats->as_array())
            if (const auto seat = d.terms.table.find(name.as_string() ? *name.as_string() : ""))
                closed.push_back(*seat);
    }
    return h;
}

/// What is left of a call without an answer.
seat_state unanswered(const past_call& call, bool after_failure) {
    if (after_failure) return seat_state::idle;
    if (call.cut) return seat_state::cut;
    return possibly_executed(call.outcome) ? seat_state::doubtful : seat_state::failed;
}

void take_answer(const deliberation& d, seat_work& work, const past_call& call) {
    work.text = call.text;
    work.truncated = call.truncated;
    const auto end = call.truncated ? text_end::truncated : text_end::finished;
    work.check = check_answer(work.text, end, static_cast<std::size_t>(d.terms.options.min_chars));
    work.state = work.check.valid ? seat_state::answered : seat_state::rejected;
    if (!work.check.valid) work.trouble = "TOO_SHORT";
}

void take_sheet(const deliberation& d, seat_work& work, const past_call& call) {
    const auto* view = view_of(d, call.seat);
    if (view == nullptr) return;
    work.asked_again = work.sheet.has_value();
    work.text = call.text;
    work.sheet = read_score_sheet(work.text, labels_of(*view), call.truncated);
    work.state = work.sheet->valid() ? seat_state::answered : seat_state::rejected;
    if (!work.sheet->valid()) work.trouble = "UNREADABLE";
}

void take_calls(deliberation& d, stage s, const std::vector<past_call>& calls, bool after_failure) {
    auto& all = d.work(s);
    for (const auto& call : calls) {
        if (call.stage != s || call.seat >= all.size()) continue;
        auto& work = all[call.seat];
        work.latency_ms = call.latency_ms;
        if (s == stage::generate && planted(planted_bug::durable_seat_asked_again)) continue;
        if (call.outcome != call_class::ok) {
            // A sheet that could not be read stays so if the second try came to nothing.
            if (work.sheet) work.asked_again = true;
            if (work.state == seat_state::answered || work.sheet) continue;
            work.state = unanswered(call, after_failure);
            work.trouble = call.error_code;
            continue;
        }
        switch (s) {
            case stage::generate: take_answer(d, work, call); break;
            case stage::critique: take_sheet(d, work, call); break;
            case stage::synthesis:
                work.text = call.text;
                work.truncated = call.truncated;
                work.state = seat_state::answered;
                break;
            case stage::gate:
            case stage::gate_swapped:
                work.text = call.text;
                read_vote(d, s, call.seat, work);
                break;
        }
    }
}

/// What counted when the stage was closed counts, and nothing that came later.
void keep_closed(std::vector<seat_work>& work, const std::vector<std::size_t>& closed) {
    for (std::size_t i = 0; i < work.size(); ++i) {
        const bool counted = std::find(closed.begin(), closed.end(), i) != closed.end();
        if (!counted && work[i].state == seat_state::answered) work[i].state = seat_state::cut;
        if (!counted && work[i].state == seat_state::idle) work[i].state = seat_state::failed;
    }
}

/// A failed run has tried all that it could; answers that did not count are asked for anew.
void ask_rejected_again(std::vector<seat_work>& work) {
    for (auto& w : work)
        if (w.state == seat_state::rejected) w.state = seat_state::idle;
}

}  // namespace

void take_up(deliberation& d, const std::vector<past_call>& calls,
             const std::vector<std::string>& events, bool after_failure) {
    d.resumed = !events.empty();
    for (const auto& call : calls) d.spent += call.cost;
    auto h = read_history(d, events);
    auto& answers = h.closed[static_cast<std::size_t>(stage::generate)];
    take_calls(d, stage::generate, calls, after_failure);
    if (!answers || answers->size() < d.terms.answers_needed()) {
        if (after_failure) ask_rejected_again(d.answers);
        return;
    }
    keep_closed(d.answers, *answers);
    d.answered = *std::move(answers);
    d.at = stage::critique;
    if (d.answered.size() < 2) return;
    plan_views(d);
    take_calls(d, stage::critique, calls, after_failure);
    const auto& sheets = h.closed[static_cast<std::size_t>(stage::critique)];
    const bool complete = d.terms.options.on_partial != council_partial::fail ||
                          (sheets && sheets->size() == d.critics_asked);
    if (!sheets || !complete) return;
    keep_closed(d.sheets, *sheets);
    d.at = stage::synthesis;
    if (awaits_host(d)) return;
    aggregate_sheets(d);
    for (const auto s : {stage::synthesis, stage::gate, stage::gate_swapped})
        take_calls(d, s, calls, after_failure);
}

}  // namespace conclave::council
