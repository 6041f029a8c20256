// The thread that commits.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

namespace conclave::store {
class sqlite_store;
}

namespace conclave::runtime {

/// Runs batches of a store as long as it has work, and its idle work in between.
class store_writer {
   public:
    store_writer() = default;
    ~store_writer();

    void start(store::sqlite_store& store);
    /// Tells that there is work. Any thread, never blocks for long.
    void wake();
    /// Writes what is queued, then ends the thread.
    void stop();

   private:
    void serve(store::sqlite_store& store);

    std::mutex mutex_;
    std::condition_variable wake_;
    bool woken_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace conclave::runtime
