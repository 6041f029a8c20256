// Bytes as text: base 62 and base 16.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace conclave::crypto {

/// The bytes as one big-endian number in digits 0-9A-Za-z, padded to the width that any value of so
/// many bytes fits in: 43 digits for 32 bytes, 6 for 4.
std::string base62_encode(std::span<const std::byte> data);

/// Fills `out` from a text of exactly its width. False, `out` unspecified, for any text that
/// base62_encode does not give.
bool base62_decode(std::string_view text, std::span<std::byte> out);

/// Lower-case hexadecimal.
std::string hex(std::span<const std::byte> data);

}  // namespace conclave::crypto
