// Scores in prose: which number of a phrase is one.
#pragma once

#include "council/score_value.hpp"

#include <optional>
#include <string_view>

namespace conclave::council {

/// What a phrase says of the one label it is about.
struct score_phrase {
    std::optional<said_score> said;
    bool direct = false;   ///< it follows the label at once, as in ": 8/10"
    bool unclear = false;  ///< several scores, ranges, or one that is denied
};

/// Of the text behind a label: ": 8", "(8/10)", "... Score: 8", "deserves 8/10".
score_phrase read_behind_label(std::string_view text);

/// Of a line without a label, below a heading: "Score: 8/10", "8/10".
score_phrase read_below_label(std::string_view line);

}  // namespace conclave::council
