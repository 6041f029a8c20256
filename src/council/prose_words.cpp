// Splits texts into words.
#include "council/prose_words.hpp"

#include "base/ascii.hpp"

namespace conclave::council {

namespace {

constexpr std::string_view typographic_apostrophe = "\xE2\x80\x99";

bool is_word_byte(char c) { return is_letter(c) || is_digit(c); }

// The bytes of a mark at `at` that may join two parts of a word; 0 for none.
std::size_t joint_at(std::string_view text, std::size_t at) {
    const bool wide = text.substr(at, typographic_apostrophe.size()) == typographic_apostrophe;
    const std::size_t bytes = wide ? typographic_apostrophe.size() : 1;
    const bool joins = wide || std::string_view("'-./").find(text[at]) != std::string_view::npos;
    return joins && at + bytes < text.size() && is_word_byte(text[at + bytes]) ? bytes : 0;
}

prose_word take_word(std::string_view text, std::size_t at) {
    prose_word word;
    word.begin = at;
    word.capital = text[at] >= 'A' && text[at] <= 'Z';
    while (at < text.size()) {
        const auto joint = is_word_byte(text[at]) ? 0 : joint_at(text, at);
        if (!is_word_byte(text[at]) && joint == 0) break;
        word.lower += joint > 1 ? '\'' : to_lower(text[at]);
        at += joint > 1 ? joint : 1;
    }
    word.end = at;
    if (at < text.size()) word.after = text[at];
    return word;
}

}  // namespace

std::vector<prose_word> words_of(std::string_view text) {
    std::vector<prose_word> words;
    for (std::size_t at = 0; at < text.size();) {
        if (!is_word_byte(text[at])) {
            ++at;
            continue;
        }
        words.push_back(take_word(text, at));
        at = words.back().end;
    }
    return words;
}

}  // namespace conclave::council
