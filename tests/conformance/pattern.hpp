// Patterns of documents, and texts that stand for saved values. README.md tells the rules.
#pragma once

#include "json/value.hpp"

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

namespace conclave::conformance {

using values = std::map<std::string, json::value>;

/// What a case saw instead of what it says.
struct mismatch : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The document with "$name", "${name}" and {"$repeat": [text, count]} replaced.
json::value fill_in(const json::value& document, const values& saved);

/// Throws mismatch unless the value is what the pattern says.
void match(const json::value& pattern, const json::value& value, const std::string& where = "");

/// As match, of the members that the pattern names; `field` is the one of the details.
void match_error(const json::value& pattern, const json::value& error);

/// Deltas that follow each other as one: how a text is cut depends on who reads it when.
json::array joined(const json::array& events);

/// The member as text, or "".
std::string text_of(const json::value& document, std::string_view key);

/// The text of a value, short enough for a message.
std::string brief(const json::value& v);

}  // namespace conclave::conformance
