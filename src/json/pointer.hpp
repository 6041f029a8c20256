// JSON pointers, RFC 6901.
#pragma once

#include "json/document.hpp"
#include "json/value.hpp"

#include <string_view>

namespace conclave::json {

/// Whether `pointer` has the form of a pointer: empty, or segments that each begin with '/' and
/// have '~' only in "~0" and "~1".
bool is_pointer(std::string_view pointer) noexcept;

/// What a pointer such as "/choices/0/text" leads to; "" is `v` itself. nullptr when there is
/// nothing there or the pointer is malformed.
const value* at_pointer(const value& v, std::string_view pointer);
const element* at_pointer(const element& e, std::string_view pointer);

}  // namespace conclave::json
