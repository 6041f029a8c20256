// A text as words, for looking up what it says.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace conclave::council {

/// A word and where it stands.
struct prose_word {
    std::string lower;      ///< ASCII in lower case, apostrophes straight, no marks around
    std::size_t begin = 0;  ///< in the text, in bytes
    std::size_t end = 0;
    bool capital = false;  ///< begins with a capital letter
    char after = ' ';      ///< the byte behind it

    bool ends_sentence() const { return std::string_view(".!?\n").find(after) < 4; }
    bool ends_clause() const { return ends_sentence() || std::string_view(",;:)").find(after) < 4; }
};

/// Runs of letters and digits, with "'", "-", "." and "/" between them. What is not ASCII
/// separates.
std::vector<prose_word> words_of(std::string_view text);

}  // namespace conclave::council
