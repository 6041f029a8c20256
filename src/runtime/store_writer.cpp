// Drives the store's batches.
#include "runtime/store_writer.hpp"

namespace conclave::runtime {

namespace {

// While models are asked nothing is written: what is tidied up then holds up no commit.
constexpr std::chrono::milliseconds pause{3};
// A commit that takes longer has a thread to itself: others must be able to go on.
constexpr std::chrono::milliseconds prompt{2};

}  // namespace

store_writer::~store_writer() { stop(); }

void store_writer::start(store::sqlite_store& store) {
    store_ = &store;
    thread_ = std::thread([this] { serve(); });
}

void store_writer::wake() {
    {
        const std::scoped_lock lock(mutex_);
        woken_ = true;
    }
    changed_.notify_one();
}

void store_writer::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
        woken_ = true;  // for what somebody meant to run in its place
    }
    changed_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void store_writer::run_here() {
    if (!take_over() || !run_prompt_batch()) wake();
}

bool store_writer::take_over() {
    const std::scoped_lock lock(mutex_);
    if (running_ || slow_) return false;
    running_ = true;
    return true;
}

/// False if there is more to do, which is not this thread's business.
bool store_writer::run_prompt_batch() {
    const auto began = clock::now();
    const bool ran = store_->run_batch_at_once().has_value();
    const auto left = store_->left_over();
    bool awaited = false;
    {
        const std::scoped_lock lock(mutex_);
        slow_ = clock::now() - began > prompt;
        // In a pause that lasts, its own thread will see that there is something to tidy up.
        awaited = woken_ || stopping_ || (left == chore::in_a_pause && !untidy_);
        end_run(left);
    }
    if (awaited) changed_.notify_one();
    return ran && left != chore::at_once;
}

/// Under the lock.
void store_writer::end_run(chore left) {
    running_ = false;
    untidy_ = left != chore::none;
    last_run_ = clock::now();
}

void store_writer::serve() {
    std::unique_lock lock(mutex_);
    for (;;) {
        const bool work = await_work(lock);
        if (!work && stopping_) return;
        woken_ = false;
        running_ = true;
        bool slow = slow_;
        lock.unlock();
        if (work)
            slow = run_batches(slow);
        else
            store_->idle_work();
        const auto left = store_->left_over();
        lock.lock();
        slow_ = slow;
        end_run(left);
    }
}

/// True once there is work, false in a pause and when all work is done.
bool store_writer::await_work(std::unique_lock<std::mutex>& lock) {
    for (;;) {
        const bool called = woken_ || stopping_;
        if (called && !running_) return woken_;
        if (called || !untidy_) {
            changed_.wait(lock);
            continue;
        }
        const auto now = clock::now();
        const auto pause_begins = (running_ ? now : last_run_) + pause;
        if (now >= pause_begins) return false;
        changed_.wait_until(lock, pause_begins);
    }
}

/// Whether the last one was slow; as `slow` says if there was none.
bool store_writer::run_batches(bool slow) {
    for (;;) {
        const auto began = clock::now();
        if (store_->run_batch() == 0) return slow;
        slow = clock::now() - began > prompt;
    }
}

}  // namespace conclave::runtime
