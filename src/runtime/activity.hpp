// Counts what is under way, so that virtual time moves only when nothing is.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace conclave::runtime {

/// The number of tasks, store transactions and pool jobs that have begun and not ended.
/// Thread-safe.
class activity {
   public:
    void begin();
    void end();
    /// Blocks until the count is 0.
    void wait_until_idle();

   private:
    std::mutex mutex_;
    std::condition_variable idle_;
    std::int64_t count_ = 0;
};

}  // namespace conclave::runtime
