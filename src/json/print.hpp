// JSON values as text.
#pragma once

#include "json/document.hpp"
#include "json/value.hpp"

#include <string>

namespace conclave::json {

/// Compact text, members in their order. A number that is not an integer keeps a '.' or an exponent
/// and reads back as the same double; NaN and infinities, which no parsed value has, become null.
std::string print(const value& v);
std::string print(const element& e);

/// One text for all equal documents, for fingerprints: members sorted by the bytes of their keys,
/// doubles without a fraction written as integers.
std::string canonical(const value& v);

}  // namespace conclave::json
