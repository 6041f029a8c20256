// How long to wait before the next try.
#pragma once

#include "resilience/resolved_policy.hpp"

#include <cstdint>
#include <optional>

namespace conclave::resilience {

/// The delay before retry `n` (1, 2, ...): base x factor^(n-1), at most the cap, then jitter from
/// `random`, uniformly: none gives the delay itself, equal its upper half, full the whole of it
/// above a floor of max(100 ms, a tenth), or the delay itself where that is less than 100 ms.
std::int64_t retry_delay_ms(const resolved_policy& p, std::int64_t n, std::uint64_t random);

/// The same when the provider may have asked for a wait: a positive one replaces our own delay, so
/// that no try comes before it. Nothing: it asks for more than max_retry_after_ms, and the call
/// goes to the fallback.
std::optional<std::int64_t> retry_wait_ms(const resolved_policy& p, std::int64_t n,
                                          std::optional<std::int64_t> asked_ms,
                                          std::uint64_t random);

}  // namespace conclave::resilience
