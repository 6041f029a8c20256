// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <string_view>

namespace conclave::utf8 {

bool valid(std::string_view text) noexcept;

/// How many bytes at the beginning are valid: up to the first sequence that is not.
std::size_t valid_prefix(std::string_view text) noexcept;

/// The number of code points of a valid text.
std::size_t count_code_points(std::string_view text) noexcept;

/// The longest prefix of a valid text that has at most `max_bytes` bytes and ends between two code
/// points.
std::string_view truncate(std::string_view text, std::size_t max_bytes) noexcept;

}  // namespace conclave::utf8
