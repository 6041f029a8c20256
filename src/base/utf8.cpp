// Checks and counts UTF-8.
#include "base/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace conclave::utf8 {
namespace {

using byte = unsigned char;

bool is_continuation(char c) noexcept { return (static_cast<byte>(c) & 0xC0) == 0x80; }

// The bytes of the sequence that begins the text, or 0 if it is not one (RFC 3629, section 4).
std::size_t sequence_bytes(std::string_view text) noexcept {
    const auto at = [text](std::size_t i) {
        return i < text.size() ? static_cast<byte>(text[i]) : byte{0};
    };
    const auto in = [](byte b, byte low, byte high) { return b >= low && b <= high; };
    const byte lead = at(0);
    if (lead < 0x80) return 1;
    if (in(lead, 0xC2, 0xDF)) return in(at(1), 0x80, 0xBF) ? 2 : 0;
    if (in(lead, 0xE0, 0xEF)) {
        const byte low = lead == 0xE0 ? 0xA0 : 0x80;   // no overlong form
        const byte high = lead == 0xED ? 0x9F : 0xBF;  // no surrogate
        return in(at(1), low, high) && in(at(2), 0x80, 0xBF) ? 3 : 0;
    }
    if (in(lead, 0xF0, 0xF4)) {
        const byte low = lead == 0xF0 ? 0x90 : 0x80;   // no overlong form
        const byte high = lead == 0xF4 ? 0x8F : 0xBF;  // nothing above U+10FFFF
        return in(at(1), low, high) && in(at(2), 0x80, 0xBF) && in(at(3), 0x80, 0xBF) ? 4 : 0;
    }
    return 0;
}

// Skips ASCII eight bytes at a time; returns the place of the first other byte, or close before it.
std::size_t skip_ascii(std::string_view text, std::size_t at) noexcept {
    for (; at + 8 <= text.size(); at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + at, sizeof word);
        if ((word & 0x8080808080808080U) != 0) break;
    }
    return at;
}

}  // namespace

bool valid(std::string_view text) noexcept { return valid_prefix(text) == text.size(); }

std::size_t valid_prefix(std::string_view text) noexcept {
    std::size_t at = 0;
    while ((at = skip_ascii(text, at)) < text.size()) {
        // One word's worth, whatever it holds, before trying to skip again.
        const auto next = at + 8;
        while (at < next && at < text.size()) {
            const auto bytes = sequence_bytes(text.substr(at));
            if (bytes == 0) return at;
            at += bytes;
        }
    }
    return at;
}

std::size_t count_code_points(std::string_view text) noexcept {
    std::size_t count = 0;
    for (const char c : text) count += is_continuation(c) ? 0 : 1;
    return count;
}

std::string_view truncate(std::string_view text, std::size_t max_bytes) noexcept {
    if (text.size() <= max_bytes) return text;
    while (max_bytes > 0 && is_continuation(text[max_bytes])) --max_bytes;
    return text.substr(0, max_bytes);
}

}  // namespace conclave::utf8
