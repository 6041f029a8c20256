// One wake-up of somebody else for many tasks.
#pragma once

#include <conclave/completion.hpp>

#include <vector>

namespace conclave {

/// As long as it lives, its thread runs tasks that waited together; what they leave for the end
/// then runs there. Whoever each of them would wake is so woken once. One at a time on a thread.
class burst {
   public:
    burst();
    ~burst();
    burst(const burst&) = delete;
    burst& operator=(const burst&) = delete;

    /// Whether the calling thread has one.
    static bool runs_here() noexcept;
    /// Runs `task`, which does not throw, at the end of the calling thread's burst. It has one.
    static void at_end(completion<void> task);

   private:
    std::vector<completion<void>> last_;
};

}  // namespace conclave
