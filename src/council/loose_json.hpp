// JSON as models write it when nothing forces them to write it well.
#pragma once

#include "json/value.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace conclave::council {

struct loose_document {
    json::value value;  ///< keys may be repeated
    std::size_t bytes = 0;
    bool mended = false;  ///< it is no JSON as it stands
    bool cut = false;     ///< the text ended inside it; an item that was not finished is left out
};

/// How far reading went, found or not: the work that was done.
struct loose_reading {
    std::optional<loose_document> document;
    std::size_t bytes = 0;
};

/// Reads the object or array that `text`, valid UTF-8, begins with. Beyond JSON it takes: missing,
/// doubled and trailing commas, single and typographic quotes, quotes and line breaks inside texts,
/// bare keys and values, comments, a missing end of an item, Python's words, decimal commas.
loose_reading read_loose_json(std::string_view text);

}  // namespace conclave::council
