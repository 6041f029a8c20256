// Strict reading of JSON texts.
#pragma once

#include <conclave/result.hpp>

#include "base/limits.hpp"
#include "json/value.hpp"

#include <cstddef>
#include <string_view>

namespace conclave::json {

struct parse_limits {
    std::size_t bytes = limits::json_bytes;
    std::size_t depth = limits::json_depth;    ///< arrays and objects inside one another
    std::size_t values = limits::json_values;  ///< values in all, keys not counted
    bool exact_decimals = false;               ///< numbers that are no integers keep their text
};

/// Reads one RFC 8259 text. Refused with VALIDATION_ERROR naming `field`: anything that is not
/// JSON, duplicate keys, lone surrogates, invalid UTF-8, numbers beyond a double, too much depth or
/// too many values. PAYLOAD_TOO_LARGE beyond the byte limit. Messages never repeat the text.
result<value> parse(std::string_view text, std::string_view field, const parse_limits& = {});

}  // namespace conclave::json
