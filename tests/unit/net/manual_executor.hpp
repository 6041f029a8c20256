// A clock that stands still until told, and an executor that obeys it.
#pragma once

#include "base/clock.hpp"
#include "base/executor.hpp"

#include <chrono>
#include <deque>
#include <map>
#include <utility>

namespace conclave::net {

class manual_clock final : public clock {
   public:
    timestamp now() const override {
        return timestamp(std::chrono::duration_cast<std::chrono::milliseconds>(elapsed_));
    }
    instant elapsed() const override { return instant(elapsed_); }
    void advance(std::int64_t ms) { elapsed_ += std::chrono::milliseconds(ms); }

   private:
    std::chrono::microseconds elapsed_ = std::chrono::hours(1);
};

class manual_executor final : public executor {
   public:
    explicit manual_executor(const clock& now) : now_(now) {}

    void post(completion<void> task) override { tasks_.push_back(std::move(task)); }

    timer_id run_at(instant at, completion<void> task) override {
        ++timers_set;
        timers_.emplace(std::pair(at, ++last_timer_), std::move(task));
        return last_timer_;
    }

    void cancel(timer_id timer) override {
        std::erase_if(timers_, [&](const auto& each) { return each.first.second == timer; });
    }

    /// Runs what was posted and the timers that are due; false when there was nothing to run.
    bool run_ready() {
        completion<void> task;
        if (!tasks_.empty()) {
            task = std::move(tasks_.front());
            tasks_.pop_front();
        } else if (!timers_.empty() && timers_.begin()->first.first <= now_.elapsed()) {
            task = std::move(timers_.begin()->second);
            timers_.erase(timers_.begin());
        } else {
            return false;
        }
        task();
        return true;
    }

    std::size_t timers_waiting() const { return timers_.size(); }

    int timers_set = 0;

   private:
    const clock& now_;
    std::deque<completion<void>> tasks_;
    std::map<std::pair<instant, timer_id>, completion<void>> timers_;
    timer_id last_timer_ = 0;
};

}  // namespace conclave::net
