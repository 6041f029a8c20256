// Describes deliberations.
#include "sessions/council_text.hpp"

#include "json/parse.hpp"
#include "json/print.hpp"

#include <map>
#include <utility>
#include <vector>

namespace conclave::sessions {

namespace {

std::string text_of(const json::value& of, std::string_view key) {
    const auto* v = json::find(of, key);
    if (v == nullptr || v->is_null()) return {};
    return v->as_string() ? *v->as_string() : json::print(*v);
}

const json::array& list(const json::value& of, std::string_view key) {
    static const json::array none;
    const auto* v = json::find(of, key);
    return v != nullptr && v->as_array() ? *v->as_array() : none;
}

/// A cell of a table: no line breaks, no bars.
std::string cell(std::string text) {
    for (auto& c : text)
        if (c == '\n' || c == '|') c = ' ';
    return text;
}

std::string head(const json::value& report) {
    std::string out = "\n### Council\n\n- Basis: " + text_of(report, "basis") + ", " +
                      text_of(report, "answered") + " of " + text_of(report, "asked") +
                      " answered, " + text_of(report, "scored") + " of " +
                      text_of(report, "critics") + " scored\n";
    out += "- Winner: " + text_of(report, "winner");
    if (const auto p = text_of(report, "p_best"); !p.empty())
        out += ", the best with a probability of " + p;
    if (text_of(report, "contested") == "true") out += ", contested";
    out += "\n- Synthesis: " + text_of(report, "synthesis");
    if (const auto seat = text_of(report, "synthesis_seat"); !seat.empty()) out += " by " + seat;
    if (const auto why = text_of(report, "synthesis_reason"); !why.empty()) out += ", " + why;
    if (const auto* gate = json::find(report, "gate"))
        out += ", with " + text_of(*gate, "for_synthesis") + " of " + text_of(*gate, "votes") +
               " votes at the gate";
    out += '\n';
    for (const auto& d : list(report, "degradations"))
        out += "- Given up: " + text_of(d, "step") + " (" + text_of(d, "reason") + ")\n";
    return out;
}

std::string score_matrix(const json::value& report) {
    std::map<std::pair<std::string, std::string>, std::string> scores;
    std::vector<std::string> critics;
    for (const auto& s : list(report, "scores")) {
        const auto critic = text_of(s, "critic");
        if (critics.empty() || critics.back() != critic) critics.push_back(critic);
        scores[{critic, text_of(s, "answer")}] = text_of(s, "score");
    }
    if (critics.empty()) return {};
    std::string out = "\n| Critic |";
    std::string rule = "|---|";
    for (const auto& p : list(report, "ranking")) {
        out += " " + text_of(p, "seat") + " |";
        rule += "---|";
    }
    out += "\n" + rule + "\n";
    for (const auto& critic : critics) {
        out += "| " + critic + " |";
        for (const auto& p : list(report, "ranking"))
            out += " " + scores[{critic, text_of(p, "seat")}] + " |";
        out += '\n';
    }
    out += "| mean |";
    for (const auto& p : list(report, "ranking")) out += " " + text_of(p, "mean_score") + " |";
    return out + "\n";
}

/// What somebody else wrote, line by line, so that it cannot pass for a part of the description.
std::string quoted(std::string_view text) {
    std::string out = "> ";
    for (const char c : text) {
        out += c;
        if (c == '\n') out += "> ";
    }
    return out + "\n";
}

std::string reasons(const json::value& report) {
    std::string out;
    for (const auto& s : list(report, "scores")) {
        const auto flaws = text_of(s, "flaws");
        const auto strengths = text_of(s, "strengths");
        if (flaws.empty() && strengths.empty()) continue;
        out += "\n- " + text_of(s, "critic") + " on " + text_of(s, "answer");
        if (const auto severity = text_of(s, "severity"); !severity.empty())
            out += " (" + severity + ")";
        out += ":";
        if (!flaws.empty()) out += " against it: " + cell(flaws);
        if (!strengths.empty()) out += " for it: " + cell(strengths);
    }
    if (out.empty()) return {};
    return "\n#### What the critics found\n" + out + "\n";
}

std::string dissent(const json::value& report) {
    std::string out;
    for (const auto& d : list(report, "dissent")) {
        const auto prefers = text_of(d, "prefers");
        out += "- Dissent: " + text_of(d, "critic") +
               (prefers.empty() ? " thinks little of the winner" : " prefers " + prefers) + "\n";
    }
    return out;
}

std::string seats(const json::value& report) {
    std::string out = "\n| Seat | Model | Answer | Calls | Cost in USD |\n|---|---|---|---|---|\n";
    for (const auto& s : list(report, "seats")) {
        const auto* answer = json::find(s, "answer");
        const auto state = answer != nullptr ? text_of(*answer, "state") : std::string();
        out += "| " + text_of(s, "seat") + " | " + cell(text_of(s, "provider")) + "/" +
               cell(text_of(s, "model")) + " | " + state + " | " + text_of(s, "calls") + " | " +
               text_of(s, "cost_usd") + " |\n";
    }
    for (const auto& s : list(report, "seats")) {
        const auto* answer = json::find(s, "answer");
        const auto text = answer != nullptr ? text_of(*answer, "text") : std::string();
        if (!text.empty()) out += "\n#### Answer of " + text_of(s, "seat") + "\n\n" + quoted(text);
    }
    return out;
}

}  // namespace

std::string describe_council(std::string_view report) {
    const auto parsed = json::parse(report, "council");
    if (!parsed || parsed->as_object() == nullptr) return {};
    return head(*parsed) + dissent(*parsed) + score_matrix(*parsed) + reasons(*parsed) +
           seats(*parsed);
}

}  // namespace conclave::sessions
