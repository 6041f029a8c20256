// Serves the pulls of one consumer.
#include "runtime/stream_reader.hpp"

#include <utility>

namespace conclave::runtime {

stream_reader::stream_reader(request_id request,
                             std::optional<messaging::stream_position> resume_after,
                             courier courier)
    : courier_(std::move(courier)) {
    cursor_.request = std::move(request);
    cursor_.resume_after = resume_after;
}

bool stream_reader::attached() {
    const std::scoped_lock lock(mutex_);
    return log_ != nullptr;
}

void stream_reader::attach(std::shared_ptr<shared_log> log, bool replayed) {
    {
        const std::scoped_lock lock(mutex_);
        log_ = std::move(log);
        cursor_.replayed = replayed;
    }
    deliver(giver::send);
}

void stream_reader::detach() {
    const std::scoped_lock lock(mutex_);
    log_.reset();
}

void stream_reader::poke() { deliver(giver::send); }

void stream_reader::end(result<reply> outcome) {
    {
        const std::scoped_lock lock(mutex_);
        // The call may go on without this consumer, who sees what was there when it left.
        if (!outcome && log_) log_->with([this](const auto& log) { log.bound(cursor_); });
        outcome_ = std::make_unique<result<reply>>(std::move(outcome));
    }
    deliver(giver::end);
}

std::optional<stream_event> stream_reader::next() {
    std::optional<stream_event> event;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_.empty() && take_next(event); });
    return event;
}

void stream_reader::pull(taker take) {
    std::optional<stream_event> event;
    {
        const std::scoped_lock lock(mutex_);
        // While others wait there is nothing, or somebody is about to hand it to them.
        if (!waiting_.empty() || !take_next(event)) {
            waiting_.push_back(std::move(take));
            return;
        }
    }
    courier_(std::move(take), std::move(event), giver::consumer);
}

void stream_reader::close() {
    {
        const std::scoped_lock lock(mutex_);
        finished_ = true;
        log_.reset();
    }
    deliver(giver::consumer);
}

stream_event stream_reader::make_last() {
    if (*outcome_) return messaging::make_done(cursor_.at, *std::move(*outcome_));
    return messaging::make_error(cursor_.at, std::move(*outcome_).error());
}

/// True if `event` is what the next pull gets.
bool stream_reader::take_next(std::optional<stream_event>& event) {
    if (!finished_ && log_)
        event = log_->with([this](const auto& log) { return log.next(cursor_); });
    if (!finished_ && !event && outcome_) {
        event = make_last();
        finished_ = true;
        outcome_.reset();
    }
    if (finished_) log_.reset();
    return event || finished_;
}

/// Hands out what is there for the pull that waits longest; false when no other one waits.
bool stream_reader::serve(giver by) {
    std::optional<stream_event> event;
    taker take;
    bool others_wait = false;
    {
        const std::scoped_lock lock(mutex_);
        if (waiting_.empty() || !take_next(event)) return false;
        take = std::move(waiting_.front());
        waiting_.pop_front();
        others_wait = !waiting_.empty();
    }
    courier_(std::move(take), std::move(event), by);
    return others_wait;
}

void stream_reader::deliver(giver by) {
    while (serve(by)) {
    }
    changed_.notify_all();
}

}  // namespace conclave::runtime
