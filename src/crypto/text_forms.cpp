// Bytes as text.
#include "crypto/text_forms.hpp"

#include <algorithm>

namespace conclave::crypto {
namespace {

constexpr std::string_view digits62 =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view digits16 = "0123456789abcdef";

// log 256 / log 62 digits a byte, rounded up.
std::size_t width62(std::size_t bytes) { return (bytes * 13'436 + 9'999) / 10'000; }

}  // namespace

std::string base62_encode(std::span<const std::byte> data) {
    std::string digits(width62(data.size()), '\0');  // values first, characters last
    for (const auto byte : data) {
        auto carry = std::to_integer<unsigned>(byte);
        for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
            carry += static_cast<unsigned char>(*digit) * 256U;
            *digit = static_cast<char>(carry % 62);
            carry /= 62;
        }
    }
    for (auto& digit : digits) digit = digits62[static_cast<unsigned char>(digit)];
    return digits;
}

bool base62_decode(std::string_view text, std::span<std::byte> out) {
    if (text.size() != width62(out.size())) return false;
    std::fill(out.begin(), out.end(), std::byte{0});
    for (const char c : text) {
        const auto digit = digits62.find(c);
        if (digit == std::string_view::npos) return false;
        auto carry = static_cast<unsigned>(digit);
        for (auto byte = out.rbegin(); byte != out.rend(); ++byte) {
            carry += std::to_integer<unsigned>(*byte) * 62;
            *byte = static_cast<std::byte>(carry & 0xFF);
            carry >>= 8;
        }
        if (carry != 0) return false;
    }
    return true;
}

std::string hex(std::span<const std::byte> data) {
    std::string text;
    text.reserve(data.size() * 2);
    for (const auto byte : data) {
        text += digits16[std::to_integer<unsigned>(byte >> 4)];
        text += digits16[std::to_integer<unsigned>(byte & std::byte{15})];
    }
    return text;
}

}  // namespace conclave::crypto
