// A deadline that may move with every byte at no cost.
#pragma once

#include "base/executor.hpp"

#include <functional>

namespace conclave::net {

/// Calls `passed` on the executor once the deadline has passed. A deadline that moves away or is
/// lifted leaves the executor's timer alone; when that fires too early it is armed anew. So a busy
/// connection touches the executor once a timeout, not once a request. Executor only; `times` and
/// `now` must outlive it.
class lazy_timer {
   public:
    static constexpr instant never = instant::max();

    lazy_timer(executor& times, const clock& now, std::function<void()> passed);
    ~lazy_timer();
    lazy_timer(const lazy_timer&) = delete;
    lazy_timer& operator=(const lazy_timer&) = delete;

    /// Replaces the deadline; `never` lifts it.
    void set(instant deadline);
    /// Lifts the deadline and gives the executor's timer back.
    void cancel();

   private:
    void arm();
    void fire();

    executor& times_;
    const clock& now_;
    std::function<void()> passed_;
    instant deadline_ = never;
    instant armed_for_ = never;
    executor::timer_id timer_ = 0;
};

}  // namespace conclave::net
