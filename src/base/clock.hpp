// The seam through which time enters: nothing else in src reads a clock.
#pragma once

#include <conclave/time.hpp>

#include <chrono>

namespace conclave {

/// Monotonic microseconds with an arbitrary start, for timeouts and latencies.
using instant = std::chrono::time_point<std::chrono::steady_clock, std::chrono::microseconds>;

/// Time as told to everything below the driver. Thread-safe, never blocks.
class clock {
   public:
    virtual ~clock() = default;
    /// Wall time, for what is stored and shown.
    virtual timestamp now() const = 0;
    /// Monotonic time, for deadlines and latencies.
    virtual instant elapsed() const = 0;
};

}  // namespace conclave
