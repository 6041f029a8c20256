// Checks answers and syntheses.
#include "council/acceptance.hpp"

#include "base/ascii.hpp"
#include "base/utf8.hpp"
#include "council/injection.hpp"
#include "council/prose_words.hpp"

#include <algorithm>
#include <array>

namespace conclave::council {

namespace {

constexpr std::size_t refusal_chars = 400;  // a longer text says more than no
constexpr std::size_t refusal_words = 25;   // within which it says no

constexpr std::array<std::string_view, 15> wide_spaces{
    "\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\xA8", "\xE2\x80\xA9",
    "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80", "\xE2\x80\x8B", "\xEF\xBB\xBF",
    "\xE2\x80\x8C", "\xE2\x80\x8D", "\xE2\x81\xA0", "\xE2\x80\x8E", "\xE2\x80\x8F"};

// U+2000 to U+200A.
bool is_narrow_space(std::string_view c) {
    return c.size() == 3 && c.starts_with("\xE2\x80") && static_cast<unsigned char>(c[2]) <= 0x8A;
}

std::size_t space_at_front(std::string_view text) noexcept {
    if (!text.empty() && is_space(text.front())) return 1;
    for (const auto space : wide_spaces)
        if (text.starts_with(space)) return space.size();
    return is_narrow_space(text.substr(0, 3)) ? 3 : 0;
}

std::size_t space_at_back(std::string_view text) noexcept {
    if (!text.empty() && is_space(text.back())) return 1;
    for (const auto space : wide_spaces)
        if (text.ends_with(space)) return space.size();
    return text.size() >= 3 && is_narrow_space(text.substr(text.size() - 3)) ? 3 : 0;
}

bool says(std::span<const prose_word> text, std::size_t at, std::string_view phrase) {
    while (!phrase.empty()) {
        const auto space = std::min(phrase.find(' '), phrase.size());
        if (at >= text.size() || text[at].lower != phrase.substr(0, space)) return false;
        phrase.remove_prefix(std::min(space + 1, phrase.size()));
        ++at;
    }
    return true;
}

template <std::size_t N>
bool says_any(std::string_view text, const std::array<std::string_view, N>& phrases) {
    const auto all = words_of(text);
    for (std::size_t at = 0; at < all.size(); ++at)
        for (const auto phrase : phrases)
            if (says(all, at, phrase)) return true;
    return false;
}

bool ask_for_brevity(std::span<const std::string> flaws) {
    constexpr std::array<std::string_view, 19> phrases{
        "too long",   "long-winded", "longwinded",    "verbose",   "wordy",
        "shorter",    "concise",     "brief",         "lengthy",   "rambling",
        "repetitive", "repeats",     "shorten",       "verbosity", "padding",
        "redundant",  "overlong",    "more succinct", "word limit"};
    return std::any_of(flaws.begin(), flaws.end(),
                       [&](const auto& flaw) { return says_any(flaw, phrases); });
}

// "Response A": a letter that is no article, behind a word for an answer.
bool names_by_letter(std::span<const prose_word> text, std::size_t at) {
    constexpr std::array<std::string_view, 4> nouns{"response", "answer", "candidate",
                                                    "submission"};
    return at + 1 < text.size() && text[at].capital && text[at + 1].capital &&
           text[at + 1].lower.size() == 1 && text[at + 1].lower != "i" &&
           std::find(nouns.begin(), nouns.end(), text[at].lower) != nouns.end();
}

bool speaks_of_council(std::string_view text) {
    constexpr std::array<std::string_view, 14> phrases{
        "the critics",          "critics feedback",       "critic feedback",
        "the other answers",    "the other responses",    "the winning answer",
        "the winning response", "the best-ranked answer", "the council",
        "score sheet",          "the other candidates",   "all candidate answers",
        "the critiques",        "the reviewers"};
    if (says_any(text, phrases)) return true;
    const auto all = words_of(text);
    for (std::size_t at = 0; at < all.size(); ++at)
        if (names_by_letter(all, at)) return true;
    return false;
}

// A label as a word of its own, in the letters it was given in.
bool has_label(std::string_view text, const std::string& label) {
    for (auto at = text.find(label); at != text.npos; at = text.find(label, at + 1)) {
        const auto end = at + label.size();
        const bool begins = at == 0 || !is_letter(text[at - 1]);
        if (begins && (end == text.size() || !is_letter(text[end]))) return true;
    }
    return false;
}

bool leaks(std::string_view text, const synthesis_check& against) {
    if (speaks_of_council(text) && !speaks_of_council(against.winner)) return true;
    return std::any_of(against.labels.begin(), against.labels.end(), [&](const std::string& label) {
        return has_label(text, label) && !has_label(against.winner, label);
    });
}

}  // namespace

std::size_t trimmed_chars(std::string_view text) noexcept {
    while (const auto bytes = space_at_front(text)) text.remove_prefix(bytes);
    while (const auto bytes = space_at_back(text)) text.remove_suffix(bytes);
    return utf8::count_code_points(text);
}

bool is_refusal(std::string_view text) {
    constexpr std::array<std::string_view, 26> phrases{
        "i can't help",     "i cannot help",      "i can't assist",  "i cannot assist",
        "i can't provide",  "i cannot provide",   "i can't answer",  "i cannot answer",
        "i can't comply",   "i cannot comply",    "i can't do that", "i cannot do that",
        "i'm unable to",    "i am unable to",     "i'm not able to", "i am not able to",
        "i won't provide",  "i will not provide", "i must decline",  "i have to decline",
        "i can't fulfill",  "i cannot fulfill",   "i can't discuss", "i cannot discuss",
        "i can't generate", "i cannot generate",
    };
    if (trimmed_chars(text) > refusal_chars) return false;
    const auto all = words_of(text);
    for (std::size_t at = 0; at < all.size() && at < refusal_words; ++at)
        for (const auto phrase : phrases)
            if (says(all, at, phrase)) return true;
    return false;
}

answer_check check_answer(std::string_view text, text_end end, std::size_t min_chars) {
    answer_check check;
    check.valid =
        end != text_end::broken && trimmed_chars(text) >= std::max<std::size_t>(min_chars, 1);
    check.refusal = is_refusal(text);
    check.truncated = end == text_end::truncated;
    check.injection_suspect = is_injection_suspect(text);
    return check;
}

std::string_view name_of(synthesis_fault fault) noexcept {
    switch (fault) {
        case synthesis_fault::unfinished: return "unfinished";
        case synthesis_fault::too_short: return "too_short";
        case synthesis_fault::shrunk: return "shrunk";
        case synthesis_fault::council_vocabulary: return "council_vocabulary";
        case synthesis_fault::refusal: return "refusal";
    }
    return {};
}

std::optional<synthesis_fault> check_synthesis(std::string_view text, text_end end,
                                               const synthesis_check& against) {
    if (end != text_end::finished) return synthesis_fault::unfinished;
    const auto chars = trimmed_chars(text);
    if (chars < std::max<std::size_t>(against.min_chars, 1)) return synthesis_fault::too_short;
    if (is_refusal(text) && !is_refusal(against.winner)) return synthesis_fault::refusal;
    const double least =
        synthesis_length_ratio * static_cast<double>(trimmed_chars(against.winner));
    if (static_cast<double>(chars) < least && !ask_for_brevity(against.flaws))
        return synthesis_fault::shrunk;
    if (leaks(text, against)) return synthesis_fault::council_vocabulary;
    return std::nullopt;
}

}  // namespace conclave::council
