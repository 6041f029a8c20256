// Drives Asio on one thread.
#include "runtime/io_loop.hpp"

#include "base/burst.hpp"

#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>

#include <algorithm>
#include <future>
#include <memory>
#include <utility>

namespace conclave::runtime {

namespace {

// Whom they wake is told of so many together, and does not wait for more. After so many, and what
// waited with the last of them, sockets and timers get their turn.
constexpr std::size_t tasks_of_burst = 32;

}  // namespace

io_loop::io_loop(const clock& clock, virtual_clock* virtual_time, activity& work)
    : clock_(clock), virtual_time_(virtual_time), work_(work) {}

io_loop::~io_loop() { stop(); }

void io_loop::start() {
    thread_ = std::thread([this] {
        const auto guard = asio::make_work_guard(context_);
        context_.run();
    });
}

void io_loop::stop() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
}

void io_loop::post(completion<void> task) {
    if (virtual_time_) work_.begin();
    bool idle = false;
    {
        const std::scoped_lock lock(mutex_);
        posted_.push_back(std::move(task));
        idle = !std::exchange(running_posted_, true);
    }
    if (idle) asio::post(context_, [this] { run_posted(); });
}

void io_loop::run_posted() {
    std::vector<completion<void>> tasks;
    for (std::size_t ran = 0; ran < tasks_of_burst; ran += tasks.size()) {
        tasks.clear();
        {
            const std::scoped_lock lock(mutex_);
            running_posted_ = !posted_.empty();
            if (!running_posted_) return;
            tasks.swap(posted_);
        }
        run_all(tasks);
    }
    asio::post(context_, [this] { run_posted(); });
}

void io_loop::run_all(std::vector<completion<void>>& tasks) {
    for (std::size_t next = 0; next < tasks.size();) {
        const burst together;
        const auto end = std::min(next + tasks_of_burst, tasks.size());
        for (; next < end; ++next) {
            if (context_.stopped()) return;
            tasks[next]();
            if (virtual_time_) work_.end();
        }
    }
}

executor::timer_id io_loop::run_at(instant at, completion<void> task) {
    const auto timer = timers_.add(at, std::move(task));
    if (!virtual_time_ && (!armed_ || at < *armed_)) arm();
    return timer;
}

void io_loop::cancel(timer_id timer) { timers_.remove(timer); }

void io_loop::arm() {
    armed_ = timers_.next();
    if (!armed_) return;
    alarm_.expires_at(*armed_);
    alarm_.async_wait([this](const std::error_code& cancelled) {
        if (!cancelled) run_due();
    });
}

void io_loop::run_due() {
    armed_.reset();
    while (auto task = timers_.take_due(clock_.elapsed())) (*task)();
    if (!armed_) arm();
}

bool io_loop::run_next_until(instant target) {
    const auto next = timers_.next();
    if (!next || *next > target) {
        virtual_time_->move_to(target);
        return false;
    }
    virtual_time_->move_to(*next);
    if (auto task = timers_.take_due(*next)) (*task)();
    return true;
}

void io_loop::advance(std::int64_t ms) {
    const auto target = clock_.elapsed() + std::chrono::milliseconds(ms);
    for (bool more = true; more;) {
        work_.wait_until_idle();
        std::promise<bool> ran;
        post([&] { ran.set_value(run_next_until(target)); });
        more = ran.get_future().get();
    }
    work_.wait_until_idle();
}

}  // namespace conclave::runtime
