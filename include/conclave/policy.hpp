// How a provider call is retried, timed out and given up.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace conclave {

/// How much of the back-off delay is random.
enum class jitter_mode { none, equal, full };
/// What follows an attempt that may have been executed without an answer reaching us.
enum class ambiguous_policy { retry, stop };
/// What the same key does after its owner died in mid-call.
enum class crash_policy { recover, report };
/// What a duplicate does while the first call runs in another process.
enum class in_progress_policy { wait, fail };
/// What a cancelled caller leaves behind.
enum class cancel_policy { detach, abort };

/// State of a provider's circuit breaker. closed: calls pass; open: calls are refused at once;
/// half_open: one probe decides.
enum class breaker_state { closed, open, half_open };

/// Overrides of the resilience defaults; what is absent is inherited: agent over provider over
/// gateway over `default`. Times in milliseconds up to 24 h: timeouts from 1, delays from 0.
/// Retries 0 to 10, factor 1 to 100. Since 0.1.
///
/// A preset stands for its own values, below the other fields of the policy that names it.
/// Presets: `default` (connect 5 s, first byte 30 s, total 120 s, 2 retries, 500 ms, x2, cap 8 s,
/// full jitter), `vocalbridge` (2 s per attempt, 2 retries, 200 ms, x2, no jitter) and `strict`
/// (an attempt which may have been executed is never repeated: on_ambiguous stop, on_crash report).
struct policy {
    std::optional<std::string> preset = {};
    std::optional<std::int64_t> connect_timeout_ms = {};
    std::optional<std::int64_t> first_byte_timeout_ms = {};
    std::optional<std::int64_t> attempt_timeout_ms = {};
    std::optional<std::int64_t> total_timeout_ms = {};
    std::optional<std::int64_t> retries = {};
    std::optional<std::int64_t> base_delay_ms = {};
    std::optional<double> factor = {};
    std::optional<std::int64_t> max_delay_ms = {};
    std::optional<jitter_mode> jitter = {};
    /// A provider that asks for a longer wait than this is left for the fallback.
    std::optional<std::int64_t> max_retry_after_ms = {};
    std::optional<ambiguous_policy> on_ambiguous = {};
    std::optional<crash_policy> on_crash = {};
    std::optional<in_progress_policy> in_progress = {};
    std::optional<cancel_policy> on_cancel = {};

    bool operator==(const policy&) const = default;
};

}  // namespace conclave
