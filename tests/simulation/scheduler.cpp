// Chooses what runs next.
#include "simulation/scheduler.hpp"

#include <algorithm>
#include <iostream>
#include <utility>

namespace conclave::simulation {

using std::chrono::microseconds;
using std::chrono::milliseconds;

source::source(scheduler& s) : scheduler_(s) { s.sources_.push_back(this); }

source::~source() { std::erase(scheduler_.sources_, this); }

bool scheduler::step() {
    // Work takes time, so that deadlines can pass while something is under way.
    if (dice_.one_in(24)) clock_.move_to(now() + microseconds(dice_.between(1, 4'000)));
    std::vector<source*> ready;
    std::optional<instant> next;
    for (auto* s : sources_) {
        const auto at = s->ready_at();
        if (!at) continue;
        if (*at <= now()) ready.push_back(s);
        next = std::min(next.value_or(*at), *at);
    }
    if (!next) return false;
    ++steps_;
    if (ready.empty()) {
        clock_.move_to(*next);
        return true;
    }
    const auto chosen = ready.size() == 1 ? ready.front() : dice_.pick(ready);
    chosen->run_one();
    return true;
}

void scheduler::note(std::string_view what) {
    const auto mix = [this](std::uint8_t byte) { hash_ = (hash_ ^ byte) * 0x100000001b3; };
    const auto at = static_cast<std::uint64_t>(now().time_since_epoch().count());
    for (int shift = 0; shift < 64; shift += 8) {
        mix(static_cast<std::uint8_t>(at >> shift));
        mix(static_cast<std::uint8_t>(steps_ >> shift));
    }
    for (const char c : what) mix(static_cast<std::uint8_t>(c));
    if (print_trace_) std::cout << at / 1000 << " ms  " << what << '\n';
}

void simulated_executor::drop_all() {
    // What is dropped may post again while it is destroyed.
    while (!posted_.empty()) std::exchange(posted_, {});
    timers_ = {};
    posted_.clear();
}

std::optional<instant> simulated_executor::ready_at() const {
    if (!posted_.empty()) return instant::min();
    return timers_.next();
}

void simulated_executor::run_one() {
    const auto due = timers_.next();
    const bool timer_is_due = due && *due <= scheduler_.now();
    if (timer_is_due && (posted_.empty() || scheduler_.chance().one_in(2))) {
        if (auto task = timers_.take_due(scheduler_.now())) (*task)();
        return;
    }
    auto task = std::move(posted_.front());
    posted_.pop_front();
    task();
}

void simulated_pool::run(completion<void> task) {
    auto& chance = scheduler_.chance();
    const auto ms = chance.one_in(3) ? chance.between(0, slowest_ms_) : 0;
    tasks_.add(scheduler_.now() + milliseconds(ms) + microseconds(chance.between(0, 50)),
               std::move(task));
}

void simulated_pool::run_one() {
    if (auto task = tasks_.take_due(scheduler_.now())) (*task)();
}

void simulated_writer::wake() {
    if (due_) return;
    auto& chance = scheduler_.chance();
    auto ms = chance.one_in(3) ? chance.between(0, 20) : 0;
    if (chance.one_in(200)) ms = chance.between(0, 3'000);
    due_ = scheduler_.now() + milliseconds(ms);
}

void simulated_writer::run_one() {
    due_.reset();
    if (batch_ && batch_() > 0) wake();
}

}  // namespace conclave::simulation
