// A question to the host that it answers from any thread, when it is ready.
#pragma once

#include <conclave/completion.hpp>
#include <conclave/result.hpp>

#include "base/executor.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <utility>

namespace conclave::runtime {

/// Stands between the host's handle, which may outlive everything, and the executor, which must not
/// be touched after `close`. Thread-safe.
template <class T>
class host_call : public std::enable_shared_from_this<host_call<T>> {
   public:
    /// `arrived` runs at most once, on the executor.
    host_call(executor& e, std::shared_ptr<void> caller, std::function<void(result<T>)> arrived)
        : executor_(e), caller_(std::move(caller)), arrived_(std::move(arrived)) {}

    const std::shared_ptr<void>& caller() const { return caller_; }

    /// The first answer counts, and only before `close`.
    void reply(result<T> answer) {
        completion<void> unneeded;  // goes after the lock: its end is the host's code
        const std::scoped_lock lock(mutex_);
        if (!open_) return;
        open_ = false;
        answered_ = true;
        std::swap(unneeded, stop_);
        executor_.post([self = this->shared_from_this(), r = std::move(answer)]() mutable {
            self->arrived_(std::move(r));
        });
    }

    /// What runs if the call is closed before it is answered; at once if it was.
    void on_cancel(completion<void> stop) {
        {
            const std::scoped_lock lock(mutex_);
            if (open_) std::swap(stop, stop_);
            if (open_ || answered_) return;
        }
        stop();
    }

    /// False once the call was answered or closed.
    bool open() {
        const std::scoped_lock lock(mutex_);
        return open_;
    }

    /// Runs a task on the executor while the call is open.
    void post(completion<void> task) {
        const std::scoped_lock lock(mutex_);
        if (open_) executor_.post(std::move(task));
    }

    /// Nothing is heard any more.
    void close() {
        completion<void> stop;
        {
            const std::scoped_lock lock(mutex_);
            open_ = false;
            std::swap(stop, stop_);
        }
        if (stop) stop();
    }

   private:
    executor& executor_;
    const std::shared_ptr<void> caller_;
    const std::function<void(result<T>)> arrived_;
    std::mutex mutex_;
    bool open_ = true;
    bool answered_ = false;
    completion<void> stop_;
};

}  // namespace conclave::runtime
