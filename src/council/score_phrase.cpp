// Tells scores in prose from other numbers.
#include "council/score_phrase.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace conclave::council {

namespace {

bool is_word_byte(char c) { return is_letter(c) || is_digit(c) || (c & 0x80) != 0; }

// Marks that may stand between a label, the word "score" and the number.
std::size_t count_marks(std::string_view text) {
    constexpr std::string_view marks = " \t*_`\"':=()[]<>|,-~";
    std::size_t n = 0;
    while (n < text.size()) {
        if (marks.find(text[n]) != marks.npos)
            ++n;
        else if (text.substr(n, 2) == "\xE2\x80" || text.substr(n, 2) == "\xE2\x86" ||
                 text.substr(n, 3) == "\xEF\xBC\x9A")
            n += 3;  // dashes, typographic quotes, arrows, a full-width colon
        else
            break;
    }
    return std::min(n, text.size());
}

// The length of a word for a score at the beginning; 0 without one.
std::size_t score_word(std::string_view text) {
    constexpr std::array<std::string_view, 9> words{
        "overall score", "overall rating", "final score", "total score", "overall",
        "score",         "rating",         "grade",       "points",
    };
    for (const auto word : words) {
        if (text.size() < word.size() || !same_word(text.substr(0, word.size()), word)) continue;
        if (text.size() == word.size() || !is_word_byte(text[word.size()])) return word.size();
    }
    return 0;
}

// "Score (1-10)" and "Score out of 10": the scale is part of the name.
std::size_t count_scale_note(std::string_view text) {
    for (const auto* note :
         {" (1-10)", " (1\342\200\22310)", " (out of 10)", " (/10)", " out of 10:"})
        if (text.starts_with(note)) return std::string_view(note).size();
    return 0;
}

// Whether the number's phrase ends here, so that it does not count something: "3 flaws".
bool ends_phrase(std::string_view rest) {
    const auto word = rest.find_first_not_of(" \t");
    if (word == rest.npos) return true;
    rest.remove_prefix(word);
    if (!is_word_byte(rest.front())) return rest.front() != '#' && rest.front() != '/';
    if (rest.starts_with("\xE2\x80")) return true;  // a dash
    for (const auto* joint : {"and", "vs", "vs.", "versus", "but", "while", "points", "pts"})
        if (same_word(trim(rest), joint)) return true;
    return false;
}

// Words that turn a number into something that was not given.
bool has_denial(std::string_view text) {
    constexpr std::array<std::string_view, 14> words{
        "not",    "never",  "would", "could",  "if",  "instead", "almost",
        "rather", "should", "might", "cannot", "n't", "above",   "below",
    };
    const auto lower = to_lower(text);
    for (const auto word : words) {
        for (auto at = lower.find(word); at != lower.npos; at = lower.find(word, at + 1)) {
            const bool begins = at == 0 || !is_letter(lower[at - 1]) || word == "n't";
            const auto end = at + word.size();
            if (begins && (end >= lower.size() || !is_letter(lower[end]))) return true;
        }
    }
    return false;
}

// The sentence, or what stands for one, around a place, as far as it matters.
std::string_view clause_around(std::string_view text, std::size_t begin, std::size_t end) {
    constexpr std::string_view ends = ".;!?<>";
    constexpr std::size_t reach = 120;
    const auto cut = begin > reach ? begin - reach : 0;
    text = text.substr(cut, end - cut + reach);
    begin -= cut;
    end -= cut;
    const auto before = text.substr(0, begin).find_last_of(ends);
    const auto first = before == text.npos ? 0 : before + 1;
    return text.substr(first, text.find_first_of(ends, end) - first);
}

/// Goes through a phrase and collects its scores; two different ones make it unclear.
class score_collector {
   public:
    explicit score_collector(std::string_view text) : text_(text) {}

    void add(const score_prefix& p) {
        if (!p.said || (found_.said && found_.said->score != p.said->score)) found_.unclear = true;
        if (!found_.said) found_.said = p.said;
    }

    // Scores that say what they are: "8/10", "score: 8".
    void collect(std::size_t from) {
        bool after_word = false;  // of a score, with nothing but marks since
        for (std::size_t at = from; at < text_.size();) {
            const bool starts = at == 0 || !is_word_byte(text_[at - 1]);
            if (const auto word = starts ? score_word(text_.substr(at)) : 0; word > 0) {
                at += word;
                at += count_scale_note(text_.substr(at));
                after_word = true;
            } else if (starts && is_digit(text_[at])) {
                at += collect_number(at, after_word);
                after_word = false;
            } else {
                const auto marks = count_marks(text_.substr(at));
                if (marks == 0) after_word = false;
                at += std::max<std::size_t>(marks, 1);
            }
        }
    }

    score_phrase take(bool direct) {
        found_.direct = direct;
        return found_;
    }

   private:
    // Returns the bytes of the number.
    std::size_t collect_number(std::size_t at, bool after_word) {
        const auto p = *read_score_prefix(text_.substr(at));
        const auto end = at + p.bytes;
        const bool scaled = p.said && p.said->scaled;
        const bool counts = after_word || (scaled && ends_phrase(text_.substr(end)));
        if (counts) {
            add(p);
            if (has_denial(clause_around(text_, at, end))) found_.unclear = true;
        } else if (p.runs_on || (scaled && found_.said && *found_.said != *p.said)) {
            found_.unclear = true;  // "7 to 8/10", "8/10 (9/10 with sources)"
        }
        return std::max<std::size_t>(p.bytes, 1);
    }

    std::string_view text_;
    score_phrase found_;
};

// The bytes of marks, a word for a score and its scale, and marks again.
struct lead {
    std::size_t bytes = 0;
    bool word = false;
};

lead lead_of(std::string_view text) {
    lead l{count_marks(text), false};
    const auto word = score_word(text.substr(l.bytes));
    if (word == 0) return l;
    l.word = true;
    l.bytes += word;
    l.bytes += count_scale_note(text.substr(l.bytes));
    l.bytes += count_marks(text.substr(l.bytes));
    return l;
}

}  // namespace

score_phrase read_behind_label(std::string_view text) {
    score_collector scores(text);
    const auto l = lead_of(text);
    const auto p = l.bytes > 0 ? read_score_prefix(text.substr(l.bytes)) : std::nullopt;
    const bool direct = p && p->said && ends_phrase(text.substr(l.bytes + p->bytes));
    if (direct) scores.add(*p);
    scores.collect(direct ? l.bytes + p->bytes : 0);
    return scores.take(direct);
}

score_phrase read_below_label(std::string_view line) {
    const auto l = lead_of(line);
    const auto p = read_score_prefix(line.substr(l.bytes));
    if (!p) return {};
    const auto rest = line.substr(l.bytes + p->bytes);
    const bool alone = p->said && p->said->scaled && count_marks(rest) == rest.size();
    if (!l.word && !alone) return {};
    score_collector scores(line);
    scores.add(*p);
    scores.collect(l.bytes + p->bytes);
    auto phrase = scores.take(true);
    phrase.unclear = phrase.unclear || !ends_phrase(rest);
    return phrase;
}

}  // namespace conclave::council
