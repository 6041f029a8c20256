// The seam through which work is ordered: one logical thread on which all decisions are made.
#pragma once

#include <conclave/completion.hpp>

#include "base/clock.hpp"

#include <cstdint>

namespace conclave {

/// Runs tasks one after another, never two at once. Production: the I/O thread; simulation: a
/// seeded scheduler over a virtual clock.
class executor {
   public:
    using timer_id = std::uint64_t;  ///< 0 is no timer

    virtual ~executor() = default;

    /// Runs the task later, never inside this call. Any thread.
    virtual void post(completion<void> task) = 0;

    /// Runs the task once at or after `at`, unless cancelled. Only from a task of this executor.
    virtual timer_id run_at(instant at, completion<void> task) = 0;
    /// After this returns the task will not run. Only from a task of this executor; an id that has
    /// fired already, or 0, is ignored.
    virtual void cancel(timer_id timer) = 0;
};

}  // namespace conclave
