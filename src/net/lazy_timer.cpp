// A deadline that may move with every byte at no cost.
#include "net/lazy_timer.hpp"

#include <utility>

namespace conclave::net {

lazy_timer::lazy_timer(executor& times, const clock& now, std::function<void()> passed)
    : times_(times), now_(now), passed_(std::move(passed)) {}

lazy_timer::~lazy_timer() { cancel(); }

void lazy_timer::set(instant deadline) {
    deadline_ = deadline;
    if (deadline < armed_for_) arm();
}

void lazy_timer::cancel() {
    deadline_ = armed_for_ = never;
    if (timer_ != 0) times_.cancel(std::exchange(timer_, 0));
}

void lazy_timer::arm() {
    if (timer_ != 0) times_.cancel(timer_);
    armed_for_ = deadline_;
    timer_ = times_.run_at(deadline_, [this] { fire(); });
}

void lazy_timer::fire() {
    timer_ = 0;
    armed_for_ = never;
    if (deadline_ == never) return;
    if (now_.elapsed() < deadline_) return arm();
    deadline_ = never;
    const auto passed = passed_;  // the call may end this timer
    passed();
}

}  // namespace conclave::net
