// The text of time-ordered identifiers.
#include "base/id_source.hpp"

#include <algorithm>
#include <span>

namespace conclave {
namespace {

constexpr std::string_view digits = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::uint64_t largest_ms = (std::uint64_t{1} << 48) - 1;

// The next larger number; false when it was the largest.
bool increment(std::array<std::uint8_t, 10>& number) {
    for (auto byte = number.rbegin(); byte != number.rend(); ++byte)
        if (++*byte != 0) return true;
    return false;
}

// 48 bits in 10 digits, then 80 bits in 16, five bits each.
void append_text(std::string& out, std::uint64_t ms, const std::array<std::uint8_t, 10>& random) {
    for (int shift = 45; shift >= 0; shift -= 5) out += digits[(ms >> shift) & 31];
    for (std::size_t half = 0; half < random.size(); half += 5) {
        std::uint64_t bits = 0;
        for (std::size_t i = 0; i < 5; ++i) bits = (bits << 8) | random[half + i];
        for (int shift = 35; shift >= 0; shift -= 5) out += digits[(bits >> shift) & 31];
    }
}

}  // namespace

std::string id_source::next(std::string_view prefix) {
    const auto wall_ms = std::max<std::int64_t>(clock_.now().time_since_epoch().count(), 0);
    const auto now_ms = std::min(static_cast<std::uint64_t>(wall_ms), largest_ms);
    std::string text;
    text.reserve(prefix.size() + 26);
    text.append(prefix);

    const std::scoped_lock lock(mutex_);
    // Within a millisecond, and while the wall clock lies behind, one more than the last.
    if (now_ms >= next_ms_ || !increment(last_random_)) {
        next_ms_ = std::max(now_ms, next_ms_) + 1;
        random_.fill(std::as_writable_bytes(std::span(last_random_)));
    }
    append_text(text, next_ms_ - 1, last_random_);
    return text;
}

}  // namespace conclave
