// Serves the pulls of one consumer.
#include "runtime/stream_reader.hpp"

#include "base/limits.hpp"

#include <utility>

namespace conclave::runtime {

stream_reader::stream_reader(request_id request,
                             std::optional<messaging::stream_position> resume_after,
                             courier courier)
    : courier_(std::move(courier)) {
    cursor_.request = std::move(request);
    cursor_.resume_after = resume_after;
}

void stream_reader::show(const std::shared_ptr<shared_log>& log, bool replayed) {
    std::unique_lock lock(mutex_);
    if (!log_ && !finished_) {
        log_ = log;
        cursor_.replayed = replayed;
    }
    deliver(std::move(lock), giver::send);
}

void stream_reader::detach() {
    const std::scoped_lock lock(mutex_);
    log_.reset();
}

void stream_reader::end(result<reply> outcome) {
    std::unique_lock lock(mutex_);
    // The call may go on without this consumer, who sees what was there when it left.
    if (!outcome && log_) log_->with([this](const auto& log) { log.bound(cursor_); });
    outcome_ = std::make_unique<result<reply>>(std::move(outcome));
    deliver(std::move(lock), giver::end);
}

std::optional<stream_event> stream_reader::next() {
    std::unique_lock lock(mutex_);
    for (;; changed_.wait(lock)) {
        if (!waiting_.empty()) continue;
        if (auto event = take_next(); event || finished_) return event;
    }
}

void stream_reader::pull(taker take) {
    std::unique_lock lock(mutex_);
    // While others wait there is nothing, or somebody is about to hand it to them.
    if (waiting_.empty()) {
        if (auto event = take_next(); event || finished_) {
            lock.unlock();
            return courier_(std::move(take), std::move(event), giver::consumer);
        }
    }
    if (waiting_.size() < limits::stream_pulls) return waiting_.push_back(std::move(take));
    auto refused = messaging::make_error(
        cursor_.at, fail(errc::store_busy, "too many pulls wait at one stream"));
    lock.unlock();
    courier_(std::move(take), std::move(refused), giver::consumer);
}

void stream_reader::close() {
    std::unique_lock lock(mutex_);
    finished_ = true;
    log_.reset();
    deliver(std::move(lock), giver::consumer);
}

stream_event stream_reader::make_last() {
    if (*outcome_) return messaging::make_done(cursor_.at, *std::move(*outcome_));
    return messaging::make_error(cursor_.at, std::move(*outcome_).error());
}

/// The next event. Nothing when there is none yet, or no more, as `finished_` tells.
std::optional<stream_event> stream_reader::take_next() {
    if (finished_) return std::nullopt;
    if (log_)
        if (auto event = log_->with([this](const auto& log) { return log.next(cursor_); }))
            return event;
    if (!outcome_) return std::nullopt;
    auto last = make_last();
    finished_ = true;
    outcome_.reset();
    log_.reset();
    return last;
}

/// Hands out what is there, to the pull that waits longest first.
void stream_reader::deliver(std::unique_lock<std::mutex> lock, giver by) {
    for (bool more = true; more && !waiting_.empty();) {
        auto event = take_next();
        if (!event && !finished_) break;
        auto take = std::move(waiting_.front());
        waiting_.pop_front();
        // One that pulls again from within looks for itself.
        more = !waiting_.empty();
        lock.unlock();
        courier_(std::move(take), std::move(event), by);
        if (more) lock.lock();
    }
    if (lock) lock.unlock();
    changed_.notify_all();
}

}  // namespace conclave::runtime
