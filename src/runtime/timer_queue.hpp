// Timers in the order in which they are due.
#pragma once

#include <conclave/completion.hpp>

#include "base/executor.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

namespace conclave::runtime {

/// What is due when; those due at the same time run in the order they were set. Not thread-safe.
class timer_queue {
   public:
    executor::timer_id add(instant at, completion<void> task);
    void remove(executor::timer_id timer);
    /// When the next one is due.
    std::optional<instant> next() const;
    /// Takes the next one if it is due by `now`.
    std::optional<completion<void>> take_due(instant now);
    bool empty() const { return due_.empty(); }

   private:
    using due_map = std::map<std::pair<instant, executor::timer_id>, completion<void>>;

    due_map due_;
    std::unordered_map<executor::timer_id, instant> when_;
    executor::timer_id last_ = 0;
};

}  // namespace conclave::runtime
