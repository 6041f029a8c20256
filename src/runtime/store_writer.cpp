// Drives the store's batches.
#include "runtime/store_writer.hpp"

#include "store/sqlite/engine.hpp"

#include <chrono>

namespace conclave::runtime {

namespace {

// While models are asked nothing is written: what is tidied up then holds up no commit.
constexpr std::chrono::milliseconds idle_after{3};

}  // namespace

store_writer::~store_writer() { stop(); }

void store_writer::start(store::sqlite_store& store) {
    thread_ = std::thread([this, &store] { serve(store); });
}

void store_writer::wake() {
    {
        const std::scoped_lock lock(mutex_);
        woken_ = true;
    }
    wake_.notify_one();
}

void store_writer::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void store_writer::serve(store::sqlite_store& store) {
    bool tidy = true;  // Nothing was written since the last idle work.
    for (;;) {
        {
            const auto ready = [this] { return woken_ || stopping_; };
            std::unique_lock lock(mutex_);
            if (tidy) wake_.wait(lock, ready);
            if (!wake_.wait_for(lock, idle_after, ready)) {
                lock.unlock();
                store.idle_work();
                tidy = true;
                continue;
            }
            if (!woken_) return;
            woken_ = false;
        }
        tidy = false;
        while (store.run_batch() > 0) {
        }
    }
}

}  // namespace conclave::runtime
