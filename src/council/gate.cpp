// The gate: critics who know of neither say whether the synthesis is better than the best answer.
#include "council/budget.hpp"
#include "council/gate_vote.hpp"
#include "council/stages.hpp"

#include <algorithm>
#include <utility>

namespace conclave::council {

namespace {

constexpr std::array gate_stages{stage::gate, stage::gate_swapped};

/// Critics whose sheets could be read come first; neither text is a critic's own.
std::vector<std::size_t> choose_panel(const deliberation& d) {
    const auto& table = d.terms.table;
    std::vector<std::size_t> critics;
    for (std::size_t i = d.terms.options.critics.members ? 0 : table.members; i < table.critics_end;
         ++i)
        if (i != winner_of(d) && i != *d.candidate) critics.push_back(i);
    seeded_stream(d.terms.seed, "gate").shuffle(critics);
    std::stable_partition(critics.begin(), critics.end(),
                          [&](std::size_t i) { return d.sheets[i].state == seat_state::answered; });
    critics.resize(std::min(critics.size(), gate_critics));
    return critics;
}

std::vector<std::string> labels_at(const deliberation& d, stage s, std::size_t critic) {
    const auto purpose = std::string(name_of(s)) + "/" + std::to_string(critic);
    return draw_labels(d.terms.seed, purpose, 2);
}

bool is_synthesis_first(stage s) { return s == stage::gate_swapped; }

request comparison(const deliberation& d, stage s, std::size_t critic) {
    const auto labels = labels_at(d, s, critic);
    const auto& answer = d.answers[winner_of(d)].text;
    const auto& synthesis = d.syntheses[*d.candidate].text;
    const bool swapped = is_synthesis_first(s);
    return ask_to_compare(*d.terms.question, {labels[0], swapped ? synthesis : answer},
                          {labels[1], swapped ? answer : synthesis});
}

struct count_of_votes {
    std::size_t all = 0;
    std::size_t for_synthesis = 0;
};

count_of_votes count_votes(const deliberation& d) {
    count_of_votes n;
    for (const auto s : gate_stages)
        for (const auto& work : d.work(s)) {
            if (work.state != seat_state::answered) continue;
            ++n.all;
            if (*work.for_synthesis) ++n.for_synthesis;
        }
    return n;
}

void tell_gate_started(draft& w, std::size_t asked) {
    const auto& d = w.d;
    w.tell("gate_started", [&](json::writer& j) {
        j.key("seat").string(w.seat_at(*d.candidate).name).key("critics").begin_array();
        for (const auto critic : d.panel) j.string(w.seat_at(critic).name);
        j.end_array().key("asked").integer(static_cast<std::int64_t>(asked));
        j.key("held_usd").string(d.exposure().to_usd_string());
    });
}

void decide(draft& w) {
    auto& d = w.d;
    const auto votes = count_votes(d);
    const auto seat = *d.candidate;
    if (votes.all > 0 && votes.for_synthesis * 2 >= votes.all)
        return w.conclude({d.syntheses[seat].text,
                           seat,
                           synthesis_status::accepted,
                           {},
                           d.candidate_call,
                           false});
    refuse_synthesis(w, seat, votes.all > 0 ? "gate" : "gate_without_votes");
    fall_back(w);
}

}  // namespace

void begin_gate(draft& w) {
    auto& d = w.d;
    d.at = stage::gate;
    for (std::size_t i = 0; i < d.syntheses.size(); ++i)
        if (d.syntheses[i].state == seat_state::asked)
            w.cut(stage::synthesis, i, cut_reason::not_needed);
    if (d.panel.empty()) d.panel = choose_panel(d);
    std::size_t asked = 0;
    for (const auto s : gate_stages)
        for (const auto critic : d.panel) {
            auto& work = d.work(s)[critic];
            if (work.state != seat_state::idle) continue;
            if (w.has_time(s) &&
                w.call(s, critic, comparison(d, s, critic), d.terms.options.straggler.q))
                ++asked;
            else
                work.state = seat_state::failed;
        }
    if (asked > 0) tell_gate_started(w, asked);
}

bool go_on_gate(draft& w) {
    const auto& d = w.d;
    const bool met = count_votes(d).all >= d.panel.size();
    bool settled = true;
    for (const auto s : gate_stages) settled = w.all_settled(s, met) && settled;
    if (!settled) return false;
    decide(w);
    return true;
}

void read_vote(const deliberation& d, stage s, std::size_t seat, seat_work& work) {
    const auto better = read_gate_vote(work.text, labels_at(d, s, seat));
    work.state = better ? seat_state::answered : seat_state::rejected;
    if (!better)
        work.trouble = "UNREADABLE";
    else
        work.for_synthesis = (*better == 0) == is_synthesis_first(s);
}

void take_vote(draft& w, stage s, std::size_t seat, call_end& e) {
    auto& work = w.d.work(s)[seat];
    work.text = std::move(e.result.text);
    read_vote(w.d, s, seat, work);
    w.tell("gate_vote", [&](json::writer& j) {
        j.key("critic").string(w.seat_at(seat).name).key("stage").string(name_of(s));
        j.key("ms").integer(work.latency_ms);
        if (!work.for_synthesis) return (void)j.key("reason").string("unreadable");
        j.key("prefers").string(*work.for_synthesis ? "synthesis" : "best");
    });
}

void print_gate(json::writer& w, const deliberation& d) {
    const auto votes = count_votes(d);
    w.begin_object().key("asked").integer(static_cast<std::int64_t>(d.panel.size() * 2));
    w.key("votes").integer(static_cast<std::int64_t>(votes.all)).key("for_synthesis");
    w.integer(static_cast<std::int64_t>(votes.for_synthesis)).end_object();
}

}  // namespace conclave::council
