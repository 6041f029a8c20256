// Serves the pulls of one consumer.
#include "runtime/stream_reader.hpp"

#include <utility>

namespace conclave::runtime {

stream_reader::stream_reader(request_id request,
                             std::optional<messaging::stream_position> resume_after) {
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
    deliver(false);
}

void stream_reader::detach() {
    const std::scoped_lock lock(mutex_);
    log_.reset();
}

void stream_reader::poke() { deliver(false); }

void stream_reader::end(result<reply> outcome) {
    {
        const std::scoped_lock lock(mutex_);
        // The call may go on without this consumer, who sees what was there when it left.
        if (!outcome && log_) log_->with([this](const auto& log) { log.bound(cursor_); });
        outcome_.emplace(std::move(outcome));
    }
    deliver(false);
}

std::optional<stream_event> stream_reader::next() {
    std::optional<stream_event> event;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_.empty() && take_next(event); });
    return event;
}

void stream_reader::pull(taker take) {
    {
        const std::scoped_lock lock(mutex_);
        waiting_.push_back(std::move(take));
    }
    deliver(true);
}

void stream_reader::close() {
    {
        const std::scoped_lock lock(mutex_);
        finished_ = true;
        log_.reset();
    }
    deliver(true);
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

std::vector<std::pair<stream_reader::taker, stream_reader::pulled>> stream_reader::serve(
    bool inside) {
    std::vector<std::pair<taker, pulled>> served;
    const std::scoped_lock lock(mutex_);
    while (!waiting_.empty()) {
        pulled next{{}, inside};
        if (!take_next(next.event)) break;
        served.emplace_back(std::move(waiting_.front()), std::move(next));
        waiting_.pop_front();
    }
    return served;
}

void stream_reader::deliver(bool inside) {
    for (auto& [take, what] : serve(inside)) take(std::move(what));
    changed_.notify_all();
}

}  // namespace conclave::runtime
