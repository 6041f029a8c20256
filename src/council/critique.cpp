// The second stage: each critic scores all answers but its own, and the scores become a verdict.
#include "council/budget.hpp"
#include "council/stages.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace conclave::council {

namespace {

std::size_t place_of(const std::vector<std::size_t>& seats, std::int64_t seat) {
    const auto found = std::find(seats.begin(), seats.end(), static_cast<std::size_t>(seat));
    return static_cast<std::size_t>(found - seats.begin());
}

std::size_t count_sheets(const deliberation& d) {
    return static_cast<std::size_t>(
        std::count_if(d.sheets.begin(), d.sheets.end(),
                      [](const auto& w) { return w.state == seat_state::answered; }));
}

bool is_serious(const assessment& a) { return a.severity && *a.severity >= severity::major; }

/// What the critics of an answer say of it, in the order of the critics.
template <class F>
void each_assessment(const deliberation& d, std::size_t answer, F f) {
    for (const auto& view : d.views) {
        const auto critic = static_cast<std::size_t>(view.critic);
        const auto& work = d.sheets[critic];
        if (work.state != seat_state::answered) continue;
        for (const auto& shown : view.answers) {
            if (static_cast<std::size_t>(shown.seat) != answer) continue;
            for (const auto& a : work.sheet->assessments)
                if (a.label == shown.label) f(critic, a);
        }
    }
}

bool has_quorum(const deliberation& d) {
    if (d.terms.options.on_partial == council_partial::fail)
        return count_sheets(d) == d.critics_asked;
    return count_sheets(d) * 2 >= d.critics_asked && all_are_scored(d);
}

void tell_sheet(draft& w, std::size_t critic) {
    const auto& work = w.d.sheets[critic];
    const auto* view = view_of(w.d, critic);
    w.tell("sheet_scored", [&](json::writer& j) {
        j.key("critic").string(w.seat_at(critic).name);
        j.key("parse_path").string(name_of(work.sheet->path));
        j.key("asked_again").boolean(work.asked_again).key("ms").integer(work.latency_ms);
        j.key("scores").begin_object();
        for (const auto& shown : view->answers)
            for (const auto& a : work.sheet->assessments)
                if (a.label == shown.label && a.score)
                    j.key(w.seat_at(static_cast<std::size_t>(shown.seat)).name).number(*a.score);
        j.end_object();
    });
}

void tell_abstained(draft& w, std::size_t critic, std::string_view reason) {
    w.tell("sheet_abstained", [&](json::writer& j) {
        j.key("critic").string(w.seat_at(critic).name).key("reason").string(reason);
    });
}

void tell_verdict(draft& w) {
    const auto& v = *w.d.judged;
    w.tell("aggregated", [&](json::writer& j) {
        j.key("ranking").begin_array();
        for (const auto& p : v.ranking) {
            j.begin_object().key("seat");
            j.string(w.seat_at(static_cast<std::size_t>(p.seat)).name).key("mean_score");
            p.mean_score ? j.number(*p.mean_score) : j.null();
            j.key("quality").number(p.quality).end_object();
        }
        j.end_array().key("winner").string(w.seat_at(winner_of(w.d)).name).key("p_best");
        v.p_best ? j.number(*v.p_best) : j.null();
        j.key("contested").boolean(v.contested).key("rule").string(name_of(v.rule));
    });
}

/// Once more, about a sheet that could not be read. False without time or money.
bool ask_again(draft& w, std::size_t critic) {
    auto& work = w.d.sheets[critic];
    work.asked_again = true;
    const auto labels = labels_of(*view_of(w.d, critic));
    return w.has_time(stage::critique) &&
           w.call(stage::critique, critic, ask_critic_again(*work.sheet, labels, work.text),
                  w.d.terms.options.straggler.q);
}

void note_partial(draft& w, std::string reason) {
    w.d.degradations.push_back({"critics", reason});
    w.tell("degraded",
           [&](json::writer& j) { j.key("step").string("critics").key("reason").string(reason); });
}

}  // namespace

const critic_view* view_of(const deliberation& d, std::size_t critic) {
    for (const auto& view : d.views)
        if (static_cast<std::size_t>(view.critic) == critic) return &view;
    return nullptr;
}

std::vector<std::string> labels_of(const critic_view& view) {
    std::vector<std::string> labels;
    for (const auto& shown : view.answers) labels.push_back(shown.label);
    return labels;
}

void plan_views(deliberation& d) {
    const auto& table = d.terms.table;
    std::vector<participant> answers;
    for (const auto seat : d.answered) answers.push_back(table.judge(seat));
    auto critics = d.terms.options.critics.members ? answers : std::vector<participant>();
    for (auto i = table.members; i < table.critics_end; ++i) critics.push_back(table.judge(i));
    std::optional<std::size_t> sample;
    if (const auto n = d.terms.options.critics.sample) sample = static_cast<std::size_t>(*n);
    if (sample && *sample >= critics.size()) sample.reset();
    d.views = plan_critique(d.terms.seed, answers, critics, sample);
    d.critics_asked = d.views.size();
}

void begin_critique(draft& w) {
    auto& d = w.d;
    d.at = stage::critique;
    if (d.views.empty()) plan_views(d);
    std::size_t asked = 0;
    for (const auto& view : d.views) {
        const auto critic = static_cast<std::size_t>(view.critic);
        auto& work = d.sheets[critic];
        if (work.state == seat_state::rejected && !work.asked_again && ask_again(w, critic)) {
            ++asked;
            continue;
        }
        if (work.state != seat_state::idle) continue;
        if (w.call(stage::critique, critic, prompt_of(d, stage::critique, critic),
                   d.terms.options.straggler.q)) {
            ++asked;
            continue;
        }
        work.state = seat_state::failed;
        note_partial(w, "budget");
    }
    if (asked > 0) w.tell_stage_started(stage::critique, asked);
}

bool all_are_scored(const deliberation& d) {
    std::map<std::int64_t, std::size_t> possible;
    for (const auto& view : d.views)
        for (const auto& shown : view.answers) ++possible[shown.seat];
    return std::all_of(possible.begin(), possible.end(), [&](const auto& one) {
        std::size_t scores = 0;
        each_assessment(d, static_cast<std::size_t>(one.first),
                        [&](std::size_t, const assessment& a) { scores += a.score ? 1 : 0; });
        return scores >= std::min<std::size_t>(2, one.second);
    });
}

bool go_on_critique(draft& w) {
    auto& d = w.d;
    const bool met = has_quorum(d);
    if (!w.all_settled(stage::critique, met)) return false;
    const auto half = (d.critics_asked + 1) / 2;
    const auto have = count_sheets(d);
    if (!met && w.repeat_doubtful(stage::critique, have < half ? half - have : 1)) return false;
    w.tell_stage_closed(stage::critique);
    if (!met && d.terms.options.on_partial == council_partial::fail) {
        w.give_up(fail(errc::council_quorum_failed, "too few critics scored the answers")
                      .with("scored", static_cast<std::int64_t>(have))
                      .with("needed", static_cast<std::int64_t>(d.critics_asked)));
        return true;
    }
    judge(w);
    return true;
}

void take_sheet(draft& w, std::size_t seat, call_end& e) {
    auto& d = w.d;
    auto& work = d.sheets[seat];
    const auto labels = labels_of(*view_of(d, seat));
    work.text = std::move(e.result.text);
    work.sheet = read_score_sheet(work.text, labels, e.result.finish == finish_reason::length);
    if (work.sheet->valid()) {
        work.state = seat_state::answered;
        return tell_sheet(w, seat);
    }
    work.state = seat_state::rejected;
    work.trouble = "UNREADABLE";
    if (!work.asked_again && ask_again(w, seat)) return;
    tell_abstained(w, seat, "unreadable");
}

verdict judge_sheets(const deliberation& d, rule r) {
    std::vector<candidate> candidates;
    for (const auto seat : d.answered) {
        const auto place = static_cast<std::int64_t>(seat);
        auto& c = candidates.emplace_back(candidate{place, place, std::nullopt});
        const auto given = d.host_scores.find(seat);
        if (given != d.host_scores.end()) c.external_score = given->second;
    }
    std::vector<ballot> ballots;
    for (const auto& view : d.views) {
        const auto& work = d.sheets[static_cast<std::size_t>(view.critic)];
        if (work.state != seat_state::answered) continue;
        ballot b{view.critic, std::vector<cell>(candidates.size())};
        for (const auto& shown : view.answers)
            for (const auto& a : work.sheet->assessments)
                if (a.label == shown.label)
                    b.cells[place_of(d.answered, shown.seat)] = {a.score, is_serious(a)};
        ballots.push_back(std::move(b));
    }
    return aggregate(r, candidates, ballots, d.terms.seed);
}

void aggregate_sheets(deliberation& d) {
    const auto named = rule_of(d.terms.options.rule, "rule");
    d.judged = judge_sheets(d, named && !d.ranking_failed ? *named : rule::robust);
}

std::size_t winner_of(const deliberation& d) {
    return static_cast<std::size_t>(d.judged->winner().seat);
}

bool has_serious_flaw(const deliberation& d, std::size_t answer) {
    bool serious = false;
    each_assessment(d, answer,
                    [&](std::size_t, const assessment& a) { serious = serious || is_serious(a); });
    return serious;
}

std::vector<std::string> flaws_of(const deliberation& d, std::size_t answer) {
    std::vector<std::pair<severity, std::string>> found;
    each_assessment(d, answer, [&](std::size_t, const assessment& a) {
        if (!a.flaws.empty()) found.emplace_back(a.severity.value_or(severity::minor), a.flaws);
    });
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<std::string> flaws;
    flaws.reserve(found.size());
    for (auto& [how_bad, text] : found) flaws.push_back(std::move(text));
    return flaws;
}

void judge(draft& w) {
    auto& d = w.d;
    if (awaits_host(d)) return ask_host(w);
    if (!d.judged) aggregate_sheets(d);
    if (!std::exchange(d.verdict_told, true)) tell_verdict(w);
    const auto winner = winner_of(d);
    const auto& answer = d.answers[winner];
    const auto verbatim = [&](synthesis_status s) {
        w.conclude({answer.text, winner, s, {}, {}, answer.truncated});
    };
    constexpr double sure = 0.9;
    const bool is_sure = d.judged->p_best && *d.judged->p_best >= sure;
    if (d.terms.options.mode == council_mode::select) return verbatim(synthesis_status::none);
    if (d.terms.options.mode == council_mode::automatic && is_sure && !has_serious_flaw(d, winner))
        return verbatim(synthesis_status::skipped);
    begin_synthesis(w);
}

}  // namespace conclave::council
