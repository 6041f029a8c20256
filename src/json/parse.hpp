// JSON texts as values.
#pragma once

#include <conclave/result.hpp>

#include "json/document.hpp"
#include "json/value.hpp"

#include <string_view>

namespace conclave::json {

/// What becomes of numbers that are no integers.
enum class decimals {
    rounded,  ///< to a double
    exact,    ///< kept as their text
};

/// A value of its own, for what outlives the document.
value to_value(const element& e, decimals = decimals::exact);

/// Reads one text; refused is what a document refuses.
result<value> parse(std::string_view text, std::string_view field, const parse_limits& = {},
                    decimals = decimals::rounded);

}  // namespace conclave::json
