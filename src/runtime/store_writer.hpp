// The thread that commits, and those that commit in its place.
#pragma once

#include "store/sqlite/engine.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace conclave::runtime {

/// Runs batches of a store as long as it has work, and its idle work in between.
class store_writer {
   public:
    store_writer() = default;
    ~store_writer();

    void start(store::sqlite_store& store);
    /// Tells that there is work. Any thread, never blocks for long.
    void wake();
    /// Commits on the calling thread what is queued: without the two changes of threads that a
    /// commit by the writer's own takes, which pays where hardly anybody else has a use for this
    /// thread meanwhile. Leaves it to the writer's thread while that is at work, while commits are
    /// slow, and whatever run_batch_at_once leaves. After start.
    void run_here();
    /// Writes what is queued, then ends the thread.
    void stop();

   private:
    using clock = std::chrono::steady_clock;
    using chore = store::sqlite_store::chore;

    bool take_over();
    bool run_prompt_batch();
    void end_run(chore left);
    void serve();
    bool await_work(std::unique_lock<std::mutex>& lock);
    bool run_batches(bool slow);

    store::sqlite_store* store_ = nullptr;
    std::mutex mutex_;  // of all below
    std::condition_variable changed_;
    bool woken_ = false;
    bool stopping_ = false;
    bool running_ = false;  ///< a thread, this one's or another, runs a batch or tidies up
    bool untidy_ = false;   ///< the next pause has a use
    bool slow_ = false;     ///< the last batch took long
    clock::time_point last_run_{};
    std::thread thread_;
};

}  // namespace conclave::runtime
