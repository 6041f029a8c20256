// What counts as a score from 1 to 10, and what a text is worth as one.
#pragma once

#include "council/score_sheet.hpp"
#include "json/value.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace conclave::council {

/// A score that was said, on the scale from 1 to 10.
struct said_score {
    double score = 0;
    score_flags flags;
    bool scaled = false;  ///< the scale was said with it: 8/10, 85%

    bool operator==(const said_score&) const = default;
};

/// A score at the beginning of a text.
struct score_prefix {
    std::optional<said_score> said;  ///< nothing: a number, but no score or not surely one
    std::size_t bytes = 0;           ///< that the expression takes
    bool runs_on = false;            ///< it is part of a range, a date or a word
};

inline constexpr double usual_scale = 10;

/// `number` on a scale that ends at `scale`: 5, 10, 20, 50 or 100. 0 and 11 are clamped; anything
/// further out is no score.
std::optional<said_score> score_on_scale(double number, double scale = usual_scale);

/// Reads "8", "8.5", "8,5", "8/10", "8 out of 10", "85%", "4/5" at the beginning of `text`. Nothing
/// when it does not begin with a number. Ranges ("7-8") and ordinals ("1st") are no scores.
std::optional<score_prefix> read_score_prefix(std::string_view text, double scale = usual_scale);

/// Of a text that says a score and nothing else of the kind, such as "8 (solid)" or "Score: 8/10".
std::optional<said_score> read_score(std::string_view text, double scale = usual_scale);

/// Of a JSON value: a number, a text, or an object with one under `value`, `score` or `rating`. No
/// booleans, no words.
std::optional<said_score> score_of(const json::value& v, double scale = usual_scale);

/// The scale that a name or value such as "score_out_of_100", "1-5" or 5 tells; the usual one
/// without a number, nothing for one that is unknown.
std::optional<double> scale_in(std::string_view text);

/// The letters of a text in lower case: what names are compared by.
std::string letters_of(std::string_view text);

/// Whether a name, as its letters, stands for the score of an answer as a whole.
bool is_score_name(std::string_view letters);

}  // namespace conclave::council
