// Threads for work that may block.
#pragma once

#include "base/task_pool.hpp"
#include "runtime/activity.hpp"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace conclave::runtime {

/// A fixed number of threads that take tasks in order. One thread makes a completion thread.
class thread_pool final : public task_pool {
   public:
    /// `work`, if given, counts the tasks.
    thread_pool(std::size_t threads, activity* work);
    ~thread_pool() override;

    void run(completion<void> task) override;
    /// Runs what is queued, then ends the threads. Not from a thread of its own.
    void stop();
    bool on_thread() const;

   private:
    void serve();

    activity* work_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<completion<void>> tasks_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace conclave::runtime
