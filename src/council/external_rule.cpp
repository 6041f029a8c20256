// The rule `external`: what the host is told, and what it may say.
#include "council/stages.hpp"
#include "json/parse.hpp"

#include <cmath>
#include <utility>

namespace conclave::council {

namespace {

void print_answers(json::writer& w, const deliberation& d, const verdict& scored) {
    for (const auto seat : d.answered) {
        w.begin_object().key("seat").string(d.terms.table.seats[seat].name);
        w.key("text").string(d.answers[seat].text).key("mean_score");
        for (const auto& p : scored.ranking) {
            if (static_cast<std::size_t>(p.seat) != seat) continue;
            p.mean_score ? w.number(*p.mean_score) : w.null();
        }
        w.end_object();
    }
}

/// A finite number for each answer; empty where one is missing.
std::map<std::size_t, double> read_host_scores(const deliberation& d, const std::string& text) {
    std::map<std::size_t, double> scores;
    const auto document = json::parse(text, "ranking");
    const auto* given = document ? json::find(*document, "scores") : nullptr;
    for (const auto seat : d.answered) {
        const auto* score =
            given != nullptr ? json::find(*given, d.terms.table.seats[seat].name) : nullptr;
        const auto number = score != nullptr ? score->as_number() : std::nullopt;
        if (!number || !std::isfinite(*number)) return {};
        scores[seat] = *number;
    }
    return scores;
}

}  // namespace

bool awaits_host(const deliberation& d) {
    const auto named = rule_of(d.terms.options.rule, "rule");
    return named && *named == rule::external && !d.ranking_failed && d.host_scores.empty();
}

void ask_host(draft& w) {
    auto& d = w.d;
    json::writer document(1'024);
    const auto& turns = d.terms.question->turns;
    document.begin_object().key("question");
    document.string(turns.empty() ? std::string_view() : turns.back().content);
    document.key("answers").begin_array();
    print_answers(document, d, judge_sheets(d, rule::mean));
    document.end_array().key("scores").begin_array();
    print_scores(document, d);
    document.end_array().end_object();
    d.ranking_due = true;
    w.out.rank =
        ranking_request{std::move(document).text(), w.at_ms(d.terms.stage_end_ms(stage::critique))};
}

void take_ranking(draft& w, const result<std::string>& answer) {
    auto& d = w.d;
    if (answer) d.host_scores = read_host_scores(d, *answer);
    if (!d.host_scores.empty()) return;
    d.ranking_failed = true;
    const std::string reason = answer ? "ranking_unreadable" : "ranker_failed";
    d.degradations.push_back({"rule", reason});
    w.tell("degraded",
           [&](json::writer& j) { j.key("step").string("rule").key("reason").string(reason); });
}

}  // namespace conclave::council
