// One consumer of a stream: takes events out of the log of its call, waits where there is none yet.
#pragma once

#include <conclave/completion.hpp>
#include <conclave/reply.hpp>
#include <conclave/result.hpp>
#include <conclave/stream.hpp>

#include "messaging/stream_log.hpp"

#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>

namespace conclave::runtime {

/// A log that its call writes on the executor and its consumers read on any thread.
class shared_log {
   public:
    explicit shared_log(std::int64_t generation) : log_(generation) {}

    template <class F>
    auto with(F f) {
        const std::scoped_lock lock(mutex_);
        return f(log_);
    }

   private:
    std::mutex mutex_;
    messaging::stream_log log_;
};

/// Thread-safe. Its events are those of the log it is shown, then the last one.
class stream_reader {
   public:
    using taker = completion<std::optional<stream_event>>;
    /// Within which call an event is handed over.
    enum class giver {
        send,      ///< one by the send that is shown, on the executor
        consumer,  ///< one by the consumer, on its thread
        end,       ///< `end`, on any thread
    };
    /// Runs the taker, where it may run.
    using courier = std::function<void(taker, std::optional<stream_event>&&, giver)>;

    stream_reader(request_id request, std::optional<messaging::stream_position> resume_after,
                  courier courier);

    // The call's side.

    /// The log has more. The first one that is shown is read until `detach`.
    void show(const std::shared_ptr<shared_log>& log, bool replayed);
    /// The call ended without an answer for this consumer, who waits for the log of another one.
    void detach();
    /// What the call came to, or why this consumer hears no more of it. Once.
    void end(result<reply> outcome);

    // The consumer's side.

    /// Waits for the next event; nothing after the last.
    std::optional<stream_event> next();
    /// Hands over the next event, within this call if there is one; nothing after the last. Beyond
    /// limits::stream_pulls that wait an error, after which the others go on.
    void pull(taker take);
    void close();

   private:
    std::optional<stream_event> take_next();
    stream_event make_last();
    void deliver(std::unique_lock<std::mutex> lock, giver by);

    const courier courier_;
    std::mutex mutex_;
    std::list<taker> waiting_;  ///< mostly one
    std::shared_ptr<shared_log> log_;
    std::unique_ptr<result<reply>> outcome_;
    bool finished_ = false;
    messaging::stream_cursor cursor_;
    std::condition_variable changed_;
};

}  // namespace conclave::runtime
