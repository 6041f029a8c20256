// Looks for words that address the critics.
#include "council/injection.hpp"

#include "base/ascii.hpp"
#include "council/prose_words.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

namespace conclave::council {

namespace {

using words = std::span<const prose_word>;
using word_list = std::string_view;  // words with spaces around each

bool in(const prose_word& word, word_list list) {
    return list.find(" " + word.lower + " ") != list.npos;
}

/// One word of a pattern, and how many others may stand before it.
struct step {
    word_list any_of;
    std::size_t gap = 0;
};

constexpr word_list rating_verbs =
    " give rate score assign award grade mark rank rating scoring grading giving ";
constexpr word_list rated = " me this my it us mine answer response ";
constexpr word_list tops = " 10 ten 10/10 100 100% ";
constexpr word_list superlatives = " highest maximum max full perfect top best maximal ";
constexpr word_list score_words = " score scores rating mark marks grade points rank ranking ";
constexpr word_list judges =
    " judge judges evaluator evaluators grader graders critic critics reviewer reviewers rater ";
constexpr word_list commands = " ignore disregard forget override bypass skip ";
constexpr word_list earlier = " previous prior above earlier preceding all any your the other ";
constexpr word_list orders =
    " instructions instruction prompt prompts rules guidelines directions criteria rubric ";
constexpr word_list others = " other others remaining rest ";
constexpr word_list lows = " 1 one 0 zero lowest low minimum 1/10 ";

constexpr std::array<step, 3> ask_for_top{{{rating_verbs}, {rated, 2}, {superlatives, 4}}};
constexpr std::array<step, 4> ask_top_for{
    {{rating_verbs}, {superlatives, 3}, {score_words, 1}, {rated, 2}}};
constexpr std::array<step, 3> ask_for_ten{{{rating_verbs}, {rated, 2}, {tops, 4}}};
constexpr std::array<step, 3> ask_against{{{rating_verbs}, {others, 3}, {lows, 5}}};
constexpr std::array<step, 3> drop_orders{{{commands}, {earlier, 1}, {orders, 3}}};
constexpr std::array<step, 2> note_to{{{" to for dear attention hey "}, {judges, 2}}};
constexpr std::array<step, 3> as_judge{
    {{" as "}, {judges, 1}, {" must should please note give rate score will ", 2}}};
constexpr std::array<step, 3> new_role{{{" you "}, {" are "}, {" now "}}};

// The place behind the pattern where it begins at `at`; 0 without one.
std::size_t match(words text, std::size_t at, std::span<const step> pattern) {
    for (const auto& next : pattern) {
        std::size_t skipped = 0;
        while (at < text.size() && skipped < next.gap && !in(text[at], next.any_of))
            ++at, ++skipped;
        if (at >= text.size() || !in(text[at], next.any_of)) return 0;
        ++at;
    }
    return at;
}

// A number is a score where nothing is counted by it: not in "give me ten examples".
bool is_score_here(words text, std::size_t behind) {
    constexpr word_list after = " out points score please or and rating as because for if ";
    return text[behind - 1].ends_clause() || behind >= text.size() || in(text[behind], after) ||
           text[behind - 1].lower == "10/10";
}

bool has_word_near(words text, std::size_t at, word_list list, std::size_t reach) {
    for (std::size_t i = at; i < text.size() && i < at + reach; ++i)
        if (in(text[i], list)) return true;
    return false;
}

bool asks_for_score(words text, std::size_t at) {
    if (const auto end = match(text, at, ask_for_ten); end > 0 && is_score_here(text, end))
        return true;
    if (const auto end = match(text, at, ask_for_top);
        end > 0 && has_word_near(text, end, score_words, 2))
        return true;
    if (match(text, at, ask_top_for) > 0) return true;
    const auto end = match(text, at, ask_against);
    return end > 0 && (is_score_here(text, end) || has_word_near(text, end, score_words, 2));
}

bool breaks_role(words text, std::size_t at) {
    if (match(text, at, drop_orders) > 0 || match(text, at, new_role) > 0) return true;
    if (match(text, at, as_judge) > 0) return true;
    const bool begins =
        at == 0 || text[at - 1].ends_sentence() || in(text[at - 1], " note message ");
    return begins && match(text, at, note_to) > 0;
}

// Marks of prompts and score sheets, which no answer needs.
bool has_machine_marks(std::string_view text) {
    const auto lower = to_lower(text);
    constexpr std::array<std::string_view, 9> marks{
        "<|im_start|>", "<|system|>", "[inst]",          "<<sys>>",      "</system>",
        "<system>",     "### system", "\"assessments\"", "'assessments'"};
    return std::any_of(marks.begin(), marks.end(),
                       [&](auto mark) { return lower.find(mark) != lower.npos; });
}

// Without characters that have no width, which would hide words.
std::string visible(std::string_view text) {
    std::string out(text);
    constexpr std::array<std::string_view, 5> hidden{"\xE2\x80\x8B", "\xE2\x80\x8C", "\xE2\x80\x8D",
                                                     "\xEF\xBB\xBF", "\xC2\xAD"};
    for (const auto mark : hidden)
        for (auto at = out.find(mark); at != out.npos; at = out.find(mark, at))
            out.erase(at, mark.size());
    return out;
}

}  // namespace

bool is_injection_suspect(std::string_view text) {
    const auto shown = visible(text);
    if (has_machine_marks(shown)) return true;
    const auto all = words_of(shown);
    for (std::size_t at = 0; at < all.size(); ++at)
        if (asks_for_score(all, at) || breaks_role(all, at)) return true;
    return false;
}

}  // namespace conclave::council
