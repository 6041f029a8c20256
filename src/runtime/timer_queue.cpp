// Keeps timers sorted.
#include "runtime/timer_queue.hpp"

namespace conclave::runtime {

executor::timer_id timer_queue::add(instant at, completion<void> task) {
    const auto timer = ++last_;
    due_.emplace(std::pair(at, timer), std::move(task));
    when_.emplace(timer, at);
    return timer;
}

void timer_queue::remove(executor::timer_id timer) {
    const auto found = when_.find(timer);
    if (found == when_.end()) return;
    due_.erase({found->second, timer});
    when_.erase(found);
}

std::optional<instant> timer_queue::next() const {
    if (due_.empty()) return std::nullopt;
    return due_.begin()->first.first;
}

std::optional<completion<void>> timer_queue::take_due(instant now) {
    if (due_.empty() || due_.begin()->first.first > now) return std::nullopt;
    auto first = due_.extract(due_.begin());
    when_.erase(first.key().second);
    return std::move(first.mapped());
}

}  // namespace conclave::runtime
