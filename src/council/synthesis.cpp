// The last stage: the best answer is improved, or stands word for word.
#include "base/planted_bug.hpp"
#include "council/stages.hpp"

#include <algorithm>
#include <utility>

namespace conclave::council {

namespace {

constexpr std::size_t most_attempts = 2;
constexpr double hedge_q = 0.95;

/// The configured synthesiser, the winner's author, then the next ranked: those of other providers
/// than the first come first.
std::vector<std::size_t> list_chain(const deliberation& d) {
    std::vector<std::size_t> chain;
    const auto add = [&](std::size_t seat) {
        if (std::find(chain.begin(), chain.end(), seat) == chain.end()) chain.push_back(seat);
    };
    const auto& seats = d.terms.table.seats;
    if (d.terms.table.synthesizer) add(*d.terms.table.synthesizer);
    add(winner_of(d));
    const auto& family = seats[chain.front()].target.provider;
    for (const bool other_family : {true, false})
        for (const auto& p : d.judged->ranking) {
            const auto seat = static_cast<std::size_t>(p.seat);
            if ((seats[seat].target.provider != family) == other_family) add(seat);
        }
    return chain;
}

synthesis_material material_of(const deliberation& d) {
    const auto winner = winner_of(d);
    synthesis_material m{d.answers[winner].text, flaws_of(d, winner), {}};
    const auto most = further_answers(d.terms.options, d.answered.size() - 1);
    for (const auto& p : d.judged->ranking)
        if (static_cast<std::size_t>(p.seat) != winner && m.others.size() < most)
            m.others.push_back(d.answers[static_cast<std::size_t>(p.seat)].text);
    return m;
}

std::size_t attempts(const deliberation& d) {
    return static_cast<std::size_t>(
        std::count_if(d.syntheses.begin(), d.syntheses.end(),
                      [](const auto& w) { return w.state != seat_state::idle; }));
}

/// Asks the next of the chain; false if there is none, no time or no money.
bool ask_next(draft& w, bool hedge) {
    auto& d = w.d;
    while (d.chain_next < d.chain.size() && attempts(d) < most_attempts &&
           w.has_time(stage::synthesis)) {
        const auto seat = d.chain[d.chain_next++];
        if (!w.call(stage::synthesis, seat, ask_synthesizer(*d.terms.question, material_of(d)),
                    hedge_q)) {
            d.synthesis_trouble = "budget";
            continue;
        }
        w.tell("synthesis_started", [&](json::writer& j) {
            j.key("seat").string(w.seat_at(seat).name).key("hedge").boolean(hedge);
            j.key("attempt").integer(static_cast<std::int64_t>(attempts(d)));
            j.key("held_usd").string(d.exposure().to_usd_string());
        });
        return true;
    }
    return false;
}

}  // namespace

void refuse_synthesis(draft& w, std::size_t seat, std::string reason) {
    auto& d = w.d;
    auto& work = d.syntheses[seat];
    work.state = seat_state::rejected;
    work.trouble = d.synthesis_trouble = std::move(reason);
    w.tell("synthesis_rejected", [&](json::writer& j) {
        j.key("seat").string(w.seat_at(seat).name).key("reason").string(work.trouble);
    });
}

void fall_back(draft& w) {
    auto& d = w.d;
    const auto winner = winner_of(d);
    const auto reason = d.synthesis_trouble.empty() ? std::string("deadline") : d.synthesis_trouble;
    w.tell("synthesis_fallback", [&](json::writer& j) {
        j.key("reason").string(reason).key("seat").string(w.seat_at(winner).name);
    });
    w.conclude({d.answers[winner].text,
                winner,
                synthesis_status::fallback_best,
                reason,
                {},
                d.answers[winner].truncated});
}

namespace {

/// A second one starts when the first takes longer than it nearly ever did.
void hedge_if_slow(draft& w) {
    auto& d = w.d;
    if (d.hedged || d.terms.options.hedge == council_hedge::none) return;
    const auto first = std::find_if(d.syntheses.begin(), d.syntheses.end(),
                                    [](const auto& s) { return s.state == seat_state::asked; });
    if (first == d.syntheses.end() || !first->usual_ms) return;
    const auto slow_at = first->asked_at + std::chrono::milliseconds(*first->usual_ms);
    if (w.c.now < slow_at) return w.wake_at(slow_at);
    d.hedged = true;
    ask_next(w, true);
}

/// Whether a text may take the winner's place.
void check(draft& w, std::size_t seat, std::optional<std::size_t> call) {
    auto& d = w.d;
    auto& work = d.syntheses[seat];
    const auto winner = winner_of(d);
    std::vector<std::string> labels;
    for (const auto& view : d.views)
        for (const auto& shown : view.answers) labels.push_back(shown.label);
    const auto flaws = flaws_of(d, winner);
    const auto fault =
        check_synthesis(work.text, work.truncated ? text_end::truncated : text_end::finished,
                        {.winner = d.answers[winner].text,
                         .min_chars = static_cast<std::size_t>(d.terms.options.min_chars),
                         .labels = labels,
                         .flaws = flaws});
    if (!fault) {
        work.state = seat_state::answered;
        if (!d.terms.has_gate())
            return w.conclude({work.text, seat, synthesis_status::accepted, {}, call, false});
        d.candidate = seat;
        d.candidate_call = call;
        return begin_gate(w);
    }
    refuse_synthesis(w, seat, std::string(name_of(*fault)));
    if (call) w.take_back_text(*call);
}

}  // namespace

void begin_synthesis(draft& w) {
    auto& d = w.d;
    d.at = stage::synthesis;
    if (d.chain.empty()) d.chain = list_chain(d);
    // What stood at the gate is what was voted on.
    if (const auto before = std::exchange(d.candidate, std::nullopt);
        before && d.syntheses[*before].state == seat_state::answered)
        return check(w, *before, std::nullopt);
    // What an earlier run left is judged first. A call of it that may have run is not made again:
    // the winner is at hand, free of charge.
    for (std::size_t i = 0; i < d.syntheses.size() && !d.ended && !d.candidate; ++i) {
        if (d.syntheses[i].state == seat_state::answered) check(w, i, std::nullopt);
        if (d.syntheses[i].state != seat_state::doubtful) continue;
        if (planted(planted_bug::lost_synthesis_repeated)) continue;
        d.chain_next = d.chain.size();
        d.synthesis_trouble = "lost";
    }
}

bool go_on_synthesis(draft& w) {
    auto& d = w.d;
    // Who comes later would have to be waited for as well, so the deadline alone cuts.
    const bool settled = w.all_settled(stage::synthesis, false);
    for (const auto& s : d.syntheses)
        if (s.state == seat_state::cut) d.synthesis_trouble = "deadline";
    if (d.ended) return true;
    if (!settled) {
        hedge_if_slow(w);
        return false;
    }
    if (ask_next(w, false)) return true;
    fall_back(w);
    return true;
}

void take_synthesis(draft& w, std::size_t seat, call_end& e) {
    auto& work = w.d.syntheses[seat];
    work.text = std::move(e.result.text);
    work.truncated = e.result.finish == finish_reason::length;
    check(w, seat, e.call);
}

}  // namespace conclave::council
