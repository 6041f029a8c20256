// Counts work.
#include "runtime/activity.hpp"

namespace conclave::runtime {

void activity::begin() {
    const std::scoped_lock lock(mutex_);
    ++count_;
}

void activity::end() {
    const std::scoped_lock lock(mutex_);
    if (--count_ == 0) idle_.notify_all();
}

void activity::wait_until_idle() {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return count_ == 0; });
}

}  // namespace conclave::runtime
