// The clocks that a gateway can run on.
#pragma once

#include "base/clock.hpp"

#include <atomic>
#include <cstdint>

namespace conclave::runtime {

/// The machine's clocks.
class system_clock final : public clock {
   public:
    timestamp now() const override;
    instant elapsed() const override;
};

/// A clock that stands still until it is moved. Thread-safe.
class virtual_clock final : public clock {
   public:
    /// Starts at this wall time.
    explicit virtual_clock(timestamp start = timestamp(std::chrono::sys_days(
                               std::chrono::year(2026) / std::chrono::January / 1)));

    timestamp now() const override;
    instant elapsed() const override;
    /// Moves monotonic and wall time forward to `at`; never back.
    void move_to(instant at);

   private:
    timestamp start_;
    std::atomic<std::int64_t> elapsed_us_{0};
};

}  // namespace conclave::runtime
