// Collects remarks into a sheet.
#include "council/sheet_draft.hpp"

#include "base/ascii.hpp"
#include "base/limits.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace conclave::council {

namespace {

// The first `most` code points of a valid text.
std::string head(std::string_view text, std::size_t most) {
    if (text.size() <= most) return std::string(text);
    std::size_t at = 0;
    for (std::size_t n = 0; at < text.size() && n < most; ++n) {
        ++at;
        while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
    }
    return std::string(text.substr(0, at));
}

/// The scores that were said of one label.
struct votes {
    std::optional<said_score> said;
    bool mentioned = false;
    bool contradictory = false;

    void add(const remark& r) {
        mentioned = true;
        if (!r.said) return;
        if (said && said->score != r.said->score) contradictory = true;
        said = r.said;
    }
};

assessment gather(const sheet_draft& draft, std::size_t label, votes& all) {
    assessment a;
    for (const auto& r : draft.remarks) {
        if (r.label != label) continue;
        all.add(r);
        if (!a.severity) a.severity = r.severity;
        if (a.flaws.empty()) a.flaws = head(r.flaws, limits::sheet_flaws);
        if (a.strengths.empty()) a.strengths = head(r.strengths, limits::sheet_strengths);
    }
    if (all.said && !all.contradictory) {
        a.score = all.said->score;
        a.flags = all.said->flags;
    }
    return a;
}

std::string fault_of(const std::string& label, const votes& all) {
    if (all.contradictory) return label + " has two different scores";
    if (all.mentioned) return label + " has no number from 1 to 10 as its score";
    return label + " is missing";
}

bool contradicts(const score_sheet& sheet, std::size_t best) {
    const auto& said = sheet.assessments[best].score;
    if (!said) return false;
    return std::any_of(sheet.assessments.begin(), sheet.assessments.end(),
                       [&](const auto& a) { return a.score && *a.score > *said; });
}

// The "1" of "Answer 1: ABCD".
bool is_place(std::string_view word) {
    return word.size() <= 2 && std::all_of(word.begin(), word.end(), is_digit);
}

}  // namespace

std::size_t sheet_draft::labels_scored(std::size_t labels) const {
    std::vector<votes> all(labels);
    for (const auto& r : remarks) all[r.label].add(r);
    return static_cast<std::size_t>(std::count_if(
        all.begin(), all.end(), [](const auto& v) { return v.said && !v.contradictory; }));
}

bool sheet_draft::mentions(std::size_t label) const {
    return std::any_of(remarks.begin(), remarks.end(),
                       [&](const auto& r) { return r.label == label; });
}

std::optional<std::size_t> label_finder::exact(std::string_view word) const {
    for (std::size_t i = 0; i < labels_.size(); ++i)
        if (same_word(labels_[i], word)) return i;
    return std::nullopt;
}

bool is_filler(std::string_view word) {
    constexpr std::array<std::string_view, 19> fillers{
        "answer", "response", "candidate",  "id",     "label",      "option", "item",
        "code",   "number",   "assessment", "review", "for",        "of",     "the",
        "score",  "rating",   "evaluation", "no",     "submission",
    };
    return std::any_of(fillers.begin(), fillers.end(),
                       [&](auto filler) { return same_word(filler, word); });
}

std::optional<std::size_t> label_finder::named(std::string_view text) const {
    constexpr std::size_t name_bytes = 64;
    if (text.size() > name_bytes) return std::nullopt;
    std::optional<std::size_t> found;
    const auto in_word = [](char c) { return is_letter(c) || is_digit(c) || (c & 0x80) != 0; };
    for (std::size_t at = 0; at < text.size();) {
        auto end = at;
        while (end < text.size() && in_word(text[end])) ++end;
        const auto word = text.substr(at, end - at);
        at = std::max(end, at + 1);
        if (word.empty() || is_filler(word) || is_place(word)) continue;
        const auto label = exact(word);
        if (!label || (found && *found != *label)) return std::nullopt;
        found = label;
    }
    return found;
}

score_sheet make_sheet(const sheet_draft& draft, parse_path path, const label_finder& labels) {
    score_sheet sheet;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        votes all;
        auto a = gather(draft, i, all);
        a.label = labels.labels()[i];
        if (!a.score) sheet.errors.push_back(fault_of(a.label, all));
        sheet.assessments.push_back(std::move(a));
    }
    if (enough(sheet.scores(), labels.size())) sheet.path = path;
    if (draft.best) {
        sheet.best = labels.labels()[*draft.best];
        sheet.self_inconsistent = contradicts(sheet, *draft.best);
    }
    return sheet;
}

bool are_places(std::vector<double> numbers) {
    if (numbers.size() < 2) return false;
    std::sort(numbers.begin(), numbers.end());
    for (std::size_t i = 0; i < numbers.size(); ++i)
        if (numbers[i] != static_cast<double>(i + 1)) return false;
    return true;
}

}  // namespace conclave::council
