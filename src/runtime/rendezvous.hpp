// Waits on one thread for what completes on another.
#pragma once

#include <conclave/completion.hpp>
#include <conclave/result.hpp>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

namespace conclave::runtime {

/// A completion that is never lost: dropped without a call, it completes with HANDLE_CLOSED.
template <class T>
class sure_completion {
   public:
    explicit sure_completion(completion<result<T>> done) : done_(std::move(done)) {}
    sure_completion(sure_completion&& other) noexcept : done_(std::exchange(other.done_, {})) {}
    sure_completion& operator=(sure_completion&&) = delete;
    ~sure_completion() {
        if (done_) done_(fail(errc::handle_closed, "the gateway was closed"));
    }

    void operator()(result<T> value) { std::exchange(done_, {})(std::move(value)); }

   private:
    completion<result<T>> done_;
};

/// One value handed from the thread that completes to the thread that waits. Lives on the waiter's
/// stack: take the completion once, then wait.
template <class T>
class rendezvous {
   public:
    conclave::completion<result<T>> arrival() {
        return conclave::completion<result<T>>(
            sure_completion<T>([this](result<T> value) { set(std::move(value)); }));
    }

    result<T> wait() {
        std::unique_lock lock(mutex_);
        arrived_.wait(lock, [this] { return value_.has_value(); });
        return *std::move(value_);
    }

    /// As wait, in real time; nothing if it did not arrive. The object must then outlive the
    /// completion.
    std::optional<result<T>> wait_for(std::chrono::milliseconds time) {
        std::unique_lock lock(mutex_);
        arrived_.wait_for(lock, time, [this] { return value_.has_value(); });
        return std::exchange(value_, std::nullopt);
    }

   private:
    void set(result<T> value) {
        // Notifies under the lock: the waiter may be gone the moment it is released.
        const std::scoped_lock lock(mutex_);
        value_.emplace(std::move(value));
        arrived_.notify_one();
    }

    std::mutex mutex_;
    std::condition_variable arrived_;
    std::optional<result<T>> value_;
};

}  // namespace conclave::runtime
