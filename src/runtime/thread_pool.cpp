// Runs queued tasks.
#include "runtime/thread_pool.hpp"

#include <algorithm>
#include <utility>

namespace conclave::runtime {

thread_pool::thread_pool(std::size_t threads, activity* work) : work_(work) {
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { serve(); });
}

thread_pool::~thread_pool() { stop(); }

void thread_pool::run(completion<void> task) {
    if (work_) work_->begin();
    {
        const std::scoped_lock lock(mutex_);
        tasks_.push_back(std::move(task));
    }
    wake_.notify_one();
}

void thread_pool::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    for (auto& t : threads_) t.join();
    threads_.clear();
}

bool thread_pool::on_thread() const {
    return std::any_of(threads_.begin(), threads_.end(),
                       [](const auto& t) { return t.get_id() == std::this_thread::get_id(); });
}

void thread_pool::serve() {
    for (;;) {
        completion<void> task;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
            if (tasks_.empty()) return;
            task = std::move(tasks_.front());
            tasks_.pop_front();
        }
        task();
        if (work_) work_->end();
    }
}

}  // namespace conclave::runtime
