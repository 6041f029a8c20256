// The CRC-32 of IEEE 802.3, which tells a mistyped key from a wrong one.
#pragma once

#include <cstdint>
#include <string_view>

namespace conclave::crypto {

std::uint32_t crc32(std::string_view data) noexcept;

}  // namespace conclave::crypto
