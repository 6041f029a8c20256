// The policy that a call follows, nothing left open.
#pragma once

#include <conclave/policy.hpp>
#include <conclave/result.hpp>

#include <cstdint>
#include <string_view>

namespace conclave::resilience {

/// The values of the preset `default`.
struct resolved_policy {
    std::int64_t connect_timeout_ms = 5'000;
    std::int64_t first_byte_timeout_ms = 30'000;
    std::int64_t attempt_timeout_ms = 120'000;
    std::int64_t total_timeout_ms = 120'000;
    std::int64_t retries = 2;
    std::int64_t base_delay_ms = 500;
    double factor = 2.0;
    std::int64_t max_delay_ms = 8'000;
    jitter_mode jitter = jitter_mode::full;
    std::int64_t max_retry_after_ms = 10'000;
    ambiguous_policy on_ambiguous = ambiguous_policy::retry;
    crash_policy on_crash = crash_policy::recover;
    in_progress_policy in_progress = in_progress_policy::wait;
    cancel_policy on_cancel = cancel_policy::detach;

    bool operator==(const resolved_policy&) const = default;
};

/// VALIDATION_ERROR naming the first field that is out of range, or the unknown preset, as
/// `<field>.retries`.
result<void> validate(const policy& p, std::string_view field = "policy");

/// Lays the three over the defaults, the agent's last. A preset stands for its own values in the
/// layer that names it, below that layer's other fields. Errors as from validate.
result<resolved_policy> resolve(const policy& gateway, const policy& provider, const policy& agent);

}  // namespace conclave::resilience
