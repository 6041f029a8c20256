// Waits on one thread for what completes on another.
#pragma once

#include <conclave/completion.hpp>
#include <conclave/result.hpp>

#include <chrono>
#include <condition_variable>
#include <memory>
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

/// One value handed from the thread that completes to the thread that waits. Take the completion
/// once, then wait. The object may go before its completion does.
template <class T>
class rendezvous {
   public:
    conclave::completion<result<T>> arrival() {
        return conclave::completion<result<T>>(
            sure_completion<T>([place = place_](result<T> value) {
                {
                    const std::scoped_lock lock(place->mutex);
                    place->value.emplace(std::move(value));
                }
                place->arrived.notify_one();
            }));
    }

    result<T> wait() {
        std::unique_lock lock(place_->mutex);
        place_->arrived.wait(lock, [this] { return place_->value.has_value(); });
        return *std::move(place_->value);
    }

    /// As wait, in real time; nothing if it did not arrive.
    std::optional<result<T>> wait_for(std::chrono::milliseconds time) {
        std::unique_lock lock(place_->mutex);
        place_->arrived.wait_for(lock, time, [this] { return place_->value.has_value(); });
        return std::exchange(place_->value, std::nullopt);
    }

   private:
    struct place {
        std::mutex mutex;
        std::condition_variable arrived;
        std::optional<result<T>> value;
    };
    // Shared, so that the waiter may leave while it is still being woken.
    std::shared_ptr<place> place_ = std::make_shared<place>();
};

}  // namespace conclave::runtime
