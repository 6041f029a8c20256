// The retry schedule.
#include "resilience/retry.hpp"

#include <algorithm>

namespace conclave::resilience {
namespace {

constexpr std::int64_t jitter_floor_ms = 100;
constexpr std::int64_t jitter_floor_divisor = 10;

// A whole number from low to high, both included.
std::int64_t between(std::int64_t low, std::int64_t high, std::uint64_t random) {
    const auto choices = static_cast<std::uint64_t>(high - low) + 1;
    return low + static_cast<std::int64_t>(random % choices);
}

}  // namespace

std::int64_t retry_delay_ms(const resolved_policy& p, std::int64_t n, std::uint64_t random) {
    const auto cap = static_cast<double>(p.max_delay_ms);
    auto exact = static_cast<double>(p.base_delay_ms);
    for (std::int64_t i = 1; i < n && exact < cap; ++i) exact *= p.factor;
    const auto delay = static_cast<std::int64_t>(std::min(exact, cap));
    switch (p.jitter) {
        case jitter_mode::none: break;
        case jitter_mode::equal: return between(delay - delay / 2, delay, random);
        case jitter_mode::full: {
            const auto floor = std::max(jitter_floor_ms, delay / jitter_floor_divisor);
            return between(std::min(floor, delay), delay, random);
        }
    }
    return delay;
}

std::optional<std::int64_t> retry_wait_ms(const resolved_policy& p, std::int64_t n,
                                          std::optional<std::int64_t> asked_ms,
                                          std::uint64_t random) {
    if (!asked_ms || *asked_ms <= 0) return retry_delay_ms(p, n, random);
    if (*asked_ms > p.max_retry_after_ms) return std::nullopt;
    return asked_ms;
}

}  // namespace conclave::resilience
