// Events from the engine's threads to a host's.
#include "capi/src/port.hpp"

#include "base/burst.hpp"
#include "base/limits.hpp"
#include "base/process.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <utility>

namespace conclave::capi {

namespace {

error closed_port() { return fail(errc::handle_closed, "the port is closed"); }

}  // namespace

port::port() : process_(current_process()) {}

port::~port() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

bool port::forked() const { return current_process() != process_; }

result<void> port::reserve() {
    const std::scoped_lock lock(mutex_);
    if (closed_) return closed_port();
    if (under_way_ >= limits::port_requests)
        return fail(errc::store_busy, "too many requests are under way on one port");
    ++under_way_;
    return {};
}

void port::give_back() {
    const std::scoped_lock lock(mutex_);
    --under_way_;
}

void port::complete(port_event e) {
    const std::scoped_lock lock(mutex_);
    --under_way_;
    (void)enqueue(std::move(e));
}

bool port::push(port_event e) {
    const std::scoped_lock lock(mutex_);
    return enqueue(std::move(e));
}

// The wake-ups run under the lock: so none comes after on_ready or close has returned.
bool port::enqueue(port_event e) {
    if (closed_) return false;
    events_.push_back(std::move(e));
    arrived_.notify_one();
    if (events_.size() > 1) return true;
    if (!burst::runs_here())
        ring();
    else if (!std::exchange(rings_later_, true))
        burst::at_end([self = shared_from_this()] {
            const std::scoped_lock lock(self->mutex_);
            self->rings_later_ = false;
            self->ring();
        });
    return true;
}

void port::ring() {
    if (closed_ || events_.empty()) return;
    if (descriptor_ >= 0) (void)::eventfd_write(descriptor_, 1);
    if (ready_) ready_(user_data_);
}

port_event port::dequeue() {
    auto e = std::move(events_.front());
    events_.pop_front();
    if (events_.empty() && descriptor_ >= 0) {
        eventfd_t count = 0;
        (void)::eventfd_read(descriptor_, &count);
    }
    return e;
}

result<std::optional<port_event>> port::next(std::int64_t timeout_ms) {
    std::unique_lock lock(mutex_);
    const auto come = [this] { return closed_ || !events_.empty(); };
    if (timeout_ms < 0 || timeout_ms > limits::policy_time_ms)
        arrived_.wait(lock, come);
    else if (timeout_ms > 0)
        arrived_.wait_for(lock, std::chrono::milliseconds(timeout_ms), come);
    if (closed_) return closed_port();
    if (events_.empty()) return std::optional<port_event>();
    return std::optional<port_event>(dequeue());
}

int port::descriptor() {
    const std::scoped_lock lock(mutex_);
    if (closed_ || descriptor_ >= 0) return closed_ ? -1 : descriptor_;
    descriptor_ = ::eventfd(events_.empty() ? 0 : 1, EFD_CLOEXEC | EFD_NONBLOCK);
    return descriptor_;
}

void port::on_ready(void (*ready)(void*), void* user_data) {
    const std::scoped_lock lock(mutex_);
    ready_ = ready;
    user_data_ = user_data;
    if (ready_ && !closed_ && !events_.empty()) ready_(user_data_);
}

void port::close() {
    std::deque<port_event> dropped;
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    ready_ = nullptr;
    dropped.swap(events_);
    arrived_.notify_all();
}

}  // namespace conclave::capi
