// The seam through which blocking work leaves the executor.
#pragma once

#include <conclave/completion.hpp>

namespace conclave {

/// Runs tasks that may block: reads of the store, the host's handlers. Production: a few threads;
/// simulation: the scheduler itself.
class task_pool {
   public:
    virtual ~task_pool() = default;
    /// Runs the task later, never inside this call. Any thread.
    virtual void run(completion<void> task) = 0;
};

}  // namespace conclave
