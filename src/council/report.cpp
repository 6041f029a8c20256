// Prints reports, and ranks the scores of stored ones again.
#include "council/report.hpp"

#include "council/stages.hpp"
#include "crypto/text_forms.hpp"
#include "json/council_text.hpp"
#include "json/parse.hpp"
#include "json/writer.hpp"

#include <algorithm>
#include <utility>

namespace conclave::council {

namespace {

std::size_t count(const std::vector<seat_work>& work, seat_state s) {
    return static_cast<std::size_t>(
        std::count_if(work.begin(), work.end(), [&](const auto& w) { return w.state == s; }));
}

std::string_view mode_word(council_mode m) {
    switch (m) {
        case council_mode::select: return "select";
        case council_mode::improve: return "improve";
        case council_mode::improve_k: return "improve_k";
        case council_mode::fuse: return "fuse";
        case council_mode::automatic: return "auto";
    }
    return "";
}

void optional_number(json::writer& w, std::string_view key, const std::optional<double>& n) {
    w.key(key);
    n ? w.number(*n) : w.null();
}

void print_costs(json::writer& w, std::size_t seat, const std::vector<seat_cost>& costs) {
    token_usage tokens;
    std::optional<money> sum = money();
    std::int64_t calls = 0;
    for (const auto& c : costs) {
        if (c.seat != seat) continue;
        tokens += c.tokens;
        calls += c.calls;
        sum = sum && c.cost ? std::optional(*sum + *c.cost) : std::nullopt;
    }
    w.key("calls").integer(calls).key("tokens_in").integer(tokens.input);
    w.key("tokens_out").integer(tokens.output).key("cost_usd");
    sum ? w.string(sum->to_usd_string()) : w.null();
    w.key("cost_nano_usd");
    sum ? w.exact_integer(sum->nano_usd()) : w.null();
}

void print_flags(json::writer& w, const seat_work& work) {
    w.key("flags").begin_array();
    if (work.check.refusal) w.string("refusal");
    if (work.truncated) w.string("truncated");
    if (work.check.injection_suspect) w.string("injection_suspect");
    w.end_array();
}

void print_seat(json::writer& w, const deliberation& d, std::size_t i,
                const std::vector<seat_cost>& costs) {
    const auto& s = d.terms.table.seats[i];
    const auto& answer = d.answers[i];
    const auto& sheet = d.sheets[i];
    const bool member = i < d.terms.table.members;
    w.begin_object().key("seat").string(s.name);
    w.key("role").string(member                          ? "member"
                         : i < d.terms.table.critics_end ? "critic"
                                                         : "synthesizer");
    w.key("provider").string(s.target.provider).key("model").string(s.target.model);
    w.key("answer");
    if (member && answer.state != seat_state::idle) {
        w.begin_object().key("state").string(name_of(answer.state));
        w.key("chars").integer(static_cast<std::int64_t>(trimmed_chars(answer.text)));
        w.key("latency_ms").integer(answer.latency_ms).key("error_code");
        answer.trouble.empty() ? w.null() : w.string(answer.trouble);
        print_flags(w, answer);
        w.key("text").string(answer.text).end_object();
    } else {
        w.null();
    }
    w.key("sheet");
    if (sheet.state != seat_state::idle) {
        w.begin_object().key("state").string(name_of(sheet.state));
        w.key("parse_path").string(name_of(sheet.sheet ? sheet.sheet->path : parse_path::none));
        w.key("asked_again").boolean(sheet.asked_again);
        w.key("latency_ms").integer(sheet.latency_ms).key("error_code");
        sheet.trouble.empty() ? w.null() : w.string(sheet.trouble);
        w.end_object();
    } else {
        w.null();
    }
    print_costs(w, i, costs);
    w.end_object();
}

/// `name` gives the name of a seat.
template <class Name>
void print_verdict(json::writer& w, const verdict& v, Name name) {
    w.key("rule").string(name_of(v.rule)).key("ranking").begin_array();
    for (const auto& p : v.ranking) {
        w.begin_object().key("seat").string(name(p.seat)).key("quality").number(p.quality);
        optional_number(w, "mean_score", p.mean_score);
        w.key("scores").integer(static_cast<std::int64_t>(p.scores)).end_object();
    }
    w.end_array().key("winner").string(name(v.winner().seat));
    optional_number(w, "p_best", v.p_best);
    w.key("margin").number(v.margin);
    optional_number(w, "agreement", v.agreement);
    w.key("contested").boolean(v.contested).key("flip_critics").begin_array();
    for (const auto critic : v.flip_critics) w.string(name(critic));
    w.end_array().key("dissent").begin_array();
    for (const auto& x : v.dissent) {
        w.begin_object().key("critic").string(name(x.critic)).key("prefers");
        x.prefers ? w.string(name(*x.prefers)) : w.null();
        w.key("winner_z").number(x.winner_z).end_object();
    }
    w.end_array().key("spikes").begin_array();
    for (const auto& s : v.spikes)
        w.begin_object()
            .key("critic")
            .string(name(s.critic))
            .key("answer")
            .string(name(s.answer))
            .end_object();
    w.end_array();
}

void print_without_verdict(json::writer& w, const deliberation& d, const conclusion& end) {
    w.key("rule").null().key("ranking").begin_array().end_array();
    w.key("winner").string(d.terms.table.seats[end.seat].name);
    w.key("p_best").null().key("margin").null().key("agreement").null();
    w.key("contested").boolean(false).key("flip_critics").begin_array().end_array();
    w.key("dissent").begin_array().end_array().key("spikes").begin_array().end_array();
}

void print_end(json::writer& w, const deliberation& d, const conclusion& end) {
    w.key("synthesis").string(name_of(end.synthesis)).key("synthesis_seat");
    const bool accepted = end.synthesis == synthesis_status::accepted;
    accepted ? w.string(d.terms.table.seats[end.seat].name) : w.null();
    w.key("synthesis_reason");
    end.reason.empty() ? w.null() : w.string(end.reason);
    if (d.candidate) {
        w.key("gate");
        print_gate(w, d);
    }
    w.key("degradations").begin_array();
    for (const auto& x : d.degradations)
        w.begin_object().key("step").string(x.step).key("reason").string(x.reason).end_object();
    w.end_array();
}

}  // namespace

void print_scores(json::writer& w, const deliberation& d) {
    const auto name = [&](std::int64_t seat) {
        return d.terms.table.seats[static_cast<std::size_t>(seat)].name;
    };
    for (const auto& view : d.views) {
        const auto& work = d.sheets[static_cast<std::size_t>(view.critic)];
        if (work.state != seat_state::answered) continue;
        for (const auto& shown : view.answers)
            for (const auto& a : work.sheet->assessments) {
                if (a.label != shown.label || !a.score) continue;
                w.begin_object().key("critic").string(name(view.critic));
                w.key("answer").string(name(shown.seat)).key("score").number(*a.score);
                w.key("severity");
                a.severity ? w.string(name_of(*a.severity)) : w.null();
                w.key("flaws").string(a.flaws).key("strengths").string(a.strengths).end_object();
            }
    }
}

std::string_view basis_of(const deliberation& d) {
    if (d.answered.size() == 1) return "single_survivor";
    const auto sheets = count(d.sheets, seat_state::answered);
    const bool by_host = d.judged && d.judged->basis == ranking_basis::external;
    if (!d.judged || (sheets == 0 && !by_host)) return "unranked";
    if (d.judged->basis == ranking_basis::absolute) return "two_answers";
    if (sheets * 2 < d.critics_asked || (!by_host && !all_are_scored(d))) return "partial_scores";
    const bool full = d.answered.size() == d.terms.table.members && sheets == d.critics_asked &&
                      d.degradations.empty();
    return full ? "full" : "quorum";
}

std::string report(const deliberation& d, const conclusion& end,
                   const std::vector<seat_cost>& costs) {
    json::writer w(8'192);
    w.begin_object().key("basis").string(basis_of(d));
    w.key("asked").integer(static_cast<std::int64_t>(d.terms.table.asked));
    w.key("answered").integer(static_cast<std::int64_t>(d.answered.size()));
    w.key("critics").integer(static_cast<std::int64_t>(d.critics_asked));
    w.key("scored").integer(static_cast<std::int64_t>(count(d.sheets, seat_state::answered)));
    w.key("mode").string(mode_word(d.terms.options.mode));
    if (d.judged) {
        print_verdict(w, *d.judged, [&](std::int64_t seat) {
            return d.terms.table.seats[static_cast<std::size_t>(seat)].name;
        });
    } else {
        print_without_verdict(w, d, end);
    }
    print_end(w, d, end);
    w.key("scores").begin_array();
    print_scores(w, d);
    w.end_array().key("seats").begin_array();
    for (std::size_t i = 0; i < d.terms.table.seats.size(); ++i) print_seat(w, d, i, costs);
    w.end_array().key("seed").string(crypto::hex(d.terms.seed)).end_object();
    return std::move(w).text();
}

namespace {

/// A stored report as far as a ranking needs it.
struct stored_scores {
    std::vector<std::string> names;  ///< of all seats
    std::vector<candidate> candidates;
    std::vector<ballot> ballots;
    turn_seed seed{};

    std::optional<std::int64_t> seat(const json::value& of, std::string_view key) const {
        const auto* text = json::find(of, key);
        if (text == nullptr || !text->as_string()) return std::nullopt;
        const auto found = std::find(names.begin(), names.end(), *text->as_string());
        if (found == names.end()) return std::nullopt;
        return found - names.begin();
    }
};

const json::array& list(const json::value& report, std::string_view key) {
    static const json::array none;
    const auto* found = json::find(report, key);
    return found != nullptr && found->as_array() ? *found->as_array() : none;
}

void read_seed(const json::value& report, turn_seed& seed) {
    const auto* text = json::find(report, "seed");
    if (text == nullptr || !text->as_string()) return;
    const auto digit = [](char c) { return c >= 'a' ? c - 'a' + 10 : c - '0'; };
    for (std::size_t i = 0; i < seed.size() && 2 * i + 1 < text->as_string()->size(); ++i)
        seed[i] = static_cast<std::byte>(digit((*text->as_string())[2 * i]) * 16 +
                                         digit((*text->as_string())[2 * i + 1]));
}

void add_score(stored_scores& s, const json::value& item) {
    const auto critic = s.seat(item, "critic");
    const auto answer = s.seat(item, "answer");
    const auto* score = json::find(item, "score");
    if (!critic || !answer || score == nullptr || !score->as_number()) return;
    const auto at = std::find_if(s.candidates.begin(), s.candidates.end(),
                                 [&](const candidate& c) { return c.seat == *answer; });
    if (at == s.candidates.end()) return;
    if (s.ballots.empty() || s.ballots.back().critic != *critic)
        s.ballots.push_back({*critic, std::vector<cell>(s.candidates.size())});
    const auto* severity = json::find(item, "severity");
    const bool serious = severity != nullptr && severity->as_string() &&
                         (*severity->as_string() == "major" || *severity->as_string() == "fatal");
    s.ballots.back().cells[static_cast<std::size_t>(at - s.candidates.begin())] = {
        *score->as_number(), serious};
}

stored_scores read_scores(const json::value& report) {
    stored_scores s;
    read_seed(report, s.seed);
    for (const auto& item : list(report, "seats"))
        if (const auto* name = json::find(item, "seat"); name != nullptr && name->as_string())
            s.names.push_back(*name->as_string());
    for (const auto& item : list(report, "ranking"))
        if (const auto seat = s.seat(item, "seat"))
            s.candidates.push_back({*seat, *seat, std::nullopt});
    // In the order in which they were judged first: sums depend on it.
    std::sort(s.candidates.begin(), s.candidates.end(),
              [](const auto& a, const auto& b) { return a.seat < b.seat; });
    for (const auto& item : list(report, "scores")) add_score(s, item);
    return s;
}

}  // namespace

result<std::string> rank_again(std::string_view stored, std::string_view rule) {
    auto named = rule_of(rule, "rule");
    if (!named) return std::move(named).error();
    if (*named == council::rule::external)
        return invalid("rule", "must be `robust/1`, `mean` or `borda`");
    const auto parsed = json::parse(stored, "council");
    const auto scores = parsed ? read_scores(*parsed) : stored_scores();
    if (scores.ballots.empty())
        return fail(errc::unsupported, "the message rests on no scores that could be ranked");
    const auto verdict = aggregate(*named, scores.candidates, scores.ballots, scores.seed);
    json::writer w(1'024);
    w.begin_object();
    print_verdict(w, verdict,
                  [&](std::int64_t seat) { return scores.names[static_cast<std::size_t>(seat)]; });
    w.end_object();
    return std::move(w).text();
}

}  // namespace conclave::council
