// CRC-32 by a table of all bytes.
#include "crypto/crc32.hpp"

#include <array>

namespace conclave::crypto {
namespace {

constexpr std::uint32_t reversed_polynomial = 0xEDB88320;

constexpr auto table = [] {
    std::array<std::uint32_t, 256> remainders{};
    for (std::uint32_t byte = 0; byte < remainders.size(); ++byte) {
        auto remainder = byte;
        for (int bit = 0; bit < 8; ++bit)
            remainder = (remainder >> 1) ^ ((remainder & 1) != 0 ? reversed_polynomial : 0);
        remainders[byte] = remainder;
    }
    return remainders;
}();

}  // namespace

std::uint32_t crc32(std::string_view data) noexcept {
    std::uint32_t remainder = 0xFFFFFFFF;
    for (const char c : data)
        remainder = (remainder >> 8) ^ table[(remainder ^ static_cast<unsigned char>(c)) & 0xFF];
    return ~remainder;
}

}  // namespace conclave::crypto
