// Reads scores out of numbers and texts.
#include "council/score_value.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

namespace conclave::council {

namespace {

constexpr std::array<double, 5> scales{5, 10, 20, 50, 100};
constexpr double slip = 1;  // beyond 1 and 10 that still means 1 and 10
constexpr std::size_t digits_max = 4;

bool is_word_byte(char c) { return is_letter(c) || is_digit(c) || c == '_'; }

/// Goes along a text.
struct cursor {
    std::string_view rest;
    std::size_t taken = 0;

    char peek() const { return rest.empty() ? '\0' : rest.front(); }
    void take(std::size_t n) { rest.remove_prefix(n), taken += n; }
    void spaces() {
        while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\t')) take(1);
    }
    bool eat(std::string_view word) {
        if (rest.size() < word.size() || !same_word(rest.substr(0, word.size()), word))
            return false;
        take(word.size());
        return true;
    }
};

std::size_t count_digits(std::string_view text) {
    std::size_t n = 0;
    while (n < text.size() && is_digit(text[n])) ++n;
    return n;
}

// "8", "8.5", "8,5"; nothing for anything else that begins with a digit.
std::optional<double> take_number(cursor& c) {
    const auto whole = count_digits(c.rest);
    if (whole == 0 || whole > digits_max) return std::nullopt;
    std::string text(c.rest.substr(0, whole));
    c.take(whole);
    if (c.peek() == '.' || c.peek() == ',') {
        const auto fraction = count_digits(c.rest.substr(1));
        if (fraction > digits_max) return std::nullopt;
        if (fraction > 0) {
            text.append(".").append(c.rest.substr(1, fraction));
            c.take(fraction + 1);
            if ((c.peek() == '.' || c.peek() == ',') && count_digits(c.rest.substr(1)) > 0)
                return std::nullopt;  // a version or a date
        }
    }
    double number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

/// What stands behind a number: nothing, "/10", "out of 10" or "%".
struct spoken_scale {
    bool said = false;
    bool clear = true;
    double end = usual_scale;
};

spoken_scale take_scale(cursor& c) {
    auto ahead = c;
    ahead.spaces();
    if (ahead.eat("%")) {
        c = ahead;
        return {true, true, 100};
    }
    if (!ahead.eat("/") && !ahead.eat("out of") && !ahead.eat("of")) return {};
    ahead.spaces();
    if (ahead.eat("ten")) {
        c = ahead;
        return {true, !is_word_byte(c.peek()), usual_scale};
    }
    const auto end = take_number(ahead);
    if (!end) return {};
    c = ahead;
    return {true, true, *end};
}

// "7-8", "7 to 8", "7 or 8", a third part of a date, an ordinal: more than one number is meant, or
// none.
bool runs_on(cursor c) {
    if (is_word_byte(c.peek()) || c.peek() == '/') return true;
    c.spaces();
    const bool joined = c.eat("-") || c.eat("\xE2\x80\x93") || c.eat("\xE2\x80\x94") ||
                        c.eat("to ") || c.eat("or ") || c.eat("~") || c.eat("+/-");
    if (!joined) return false;
    c.spaces();
    return is_digit(c.peek());
}

bool has_digit(std::string_view text) { return std::any_of(text.begin(), text.end(), is_digit); }

// Marks and the word "score" in front of a number.
void skip_lead(cursor& c) {
    constexpr std::string_view marks = "*_~`\"'([: =>";
    const auto skip = [&] {
        while (!c.rest.empty() && marks.find(c.peek()) != marks.npos) c.take(1);
    };
    skip();
    for (const auto* word : {"overall score", "final score", "score", "rating", "overall"}) {
        if (!c.eat(word)) continue;
        skip();
        return;
    }
}

}  // namespace

std::optional<said_score> score_on_scale(double number, double scale) {
    if (std::find(scales.begin(), scales.end(), scale) == scales.end()) return std::nullopt;
    said_score said;
    said.flags.rescaled = scale != usual_scale;
    if (said.flags.rescaled && !(number >= 0 && number <= scale)) return std::nullopt;
    said.score = said.flags.rescaled ? number * usual_scale / scale : number;
    if (!(said.score >= 1 - slip && said.score <= usual_scale + slip)) return std::nullopt;
    said.flags.clamped = said.score < 1 || said.score > usual_scale;
    said.score = std::clamp(said.score, 1.0, usual_scale);
    return said;
}

std::optional<score_prefix> read_score_prefix(std::string_view text, double scale) {
    cursor c{text, 0};
    c.eat("+");
    if (!is_digit(c.peek())) return std::nullopt;
    const auto number = take_number(c);
    if (!number) return score_prefix{std::nullopt, c.taken + count_digits(c.rest), false};
    const auto spoken = take_scale(c);
    score_prefix prefix{std::nullopt, c.taken, runs_on(c)};
    if (!spoken.clear || prefix.runs_on) return prefix;
    prefix.said = score_on_scale(*number, spoken.said ? spoken.end : scale);
    if (prefix.said) prefix.said->scaled = spoken.said;
    return prefix;
}

std::optional<said_score> read_score(std::string_view text, double scale) {
    cursor c{trim(text), 0};
    skip_lead(c);
    const auto prefix = read_score_prefix(c.rest, scale);
    if (!prefix || !prefix->said) return std::nullopt;
    c.take(prefix->bytes);
    if (has_digit(c.rest)) return std::nullopt;
    return prefix->said;
}

std::optional<said_score> score_of(const json::value& v, double scale) {
    if (const auto* text = v.as_string()) return read_score(*text, scale);
    if (const auto number = v.as_number()) return score_on_scale(*number, scale);
    constexpr std::size_t members_max = 3;  // more is an assessment of its own
    if (!v.as_object() || v.as_object()->size() > members_max || json::find(v, "id"))
        return std::nullopt;
    if (const auto* end = json::find(v, "max") ? json::find(v, "max") : json::find(v, "out_of"))
        scale = end->as_number().value_or(0);
    for (const auto* key : {"value", "score", "rating"})
        if (const auto* inner = json::find(v, key); inner && !inner->as_object())
            return score_of(*inner, scale);
    return std::nullopt;
}

std::optional<double> scale_in(std::string_view text) {
    double last = usual_scale;
    for (cursor c{text, 0}; !c.rest.empty();) {
        if (!is_digit(c.peek())) {
            c.take(1);
            continue;
        }
        const auto number = take_number(c);
        if (!number) return std::nullopt;
        last = *number;
    }
    if (std::find(scales.begin(), scales.end(), last) == scales.end()) return std::nullopt;
    return last;
}

std::string letters_of(std::string_view text) {
    std::string letters;
    for (const char c : text)
        if (is_letter(c)) letters += to_lower(c);
    return letters;
}

bool is_score_name(std::string_view letters) {
    constexpr std::array<std::string_view, 13> names{
        "score",         "overallscore", "overall",      "finalscore", "rating",
        "overallrating", "grade",        "points",       "scoreoutof", "ratingoutof",
        "totalscore",    "numericscore", "qualityscore",
    };
    return std::find(names.begin(), names.end(), letters) != names.end();
}

}  // namespace conclave::council
