// Reads the machine's clocks, or a number.
#include "runtime/clocks.hpp"

namespace conclave::runtime {

timestamp system_clock::now() const {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

instant system_clock::elapsed() const {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::steady_clock::now());
}

virtual_clock::virtual_clock(timestamp start) : start_(start) {}

timestamp virtual_clock::now() const {
    return start_ + std::chrono::milliseconds(elapsed_us_.load() / 1000);
}

instant virtual_clock::elapsed() const {
    return instant(std::chrono::microseconds(elapsed_us_.load()));
}

void virtual_clock::move_to(instant at) {
    const auto target = at.time_since_epoch().count();
    auto current = elapsed_us_.load();
    while (current < target && !elapsed_us_.compare_exchange_weak(current, target)) {
    }
}

}  // namespace conclave::runtime
