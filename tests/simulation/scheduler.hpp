// All that runs in parallel in a real gateway, in one thread and in an order that a seed decides.
#pragma once

#include <conclave/completion.hpp>

#include "base/executor.hpp"
#include "base/task_pool.hpp"
#include "runtime/clocks.hpp"
#include "runtime/timer_queue.hpp"
#include "simulation/dice.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace conclave::simulation {

class scheduler;

/// Something that a thread of its own would run. Each keeps its own order.
class source {
   public:
    explicit source(scheduler& s);
    virtual ~source();
    source(const source&) = delete;
    source& operator=(const source&) = delete;

    /// From when on it has something to run; nothing: it waits for others.
    virtual std::optional<instant> ready_at() const = 0;
    virtual void run_one() = 0;

   protected:
    scheduler& scheduler_;
};

/// Picks, step by step, one of the sources that are ready, and moves time when none is.
class scheduler {
   public:
    scheduler(std::uint64_t seed, bool print_trace) : dice_(seed), print_trace_(print_trace) {}

    const runtime::virtual_clock& clock() const { return clock_; }
    instant now() const { return clock_.elapsed(); }
    dice& chance() { return dice_; }

    /// False: nothing will ever be ready.
    bool step();
    /// The machine slept, or somebody set its clock forward.
    void jump(std::int64_t ms) { clock_.move_to(now() + std::chrono::milliseconds(ms)); }

    /// Adds to what makes two runs the same.
    void note(std::string_view what);
    std::uint64_t trace_hash() const { return hash_; }
    std::uint64_t steps() const { return steps_; }

   private:
    friend class source;

    runtime::virtual_clock clock_;
    dice dice_;
    std::vector<source*> sources_;
    std::uint64_t steps_ = 0;
    std::uint64_t hash_ = 0xcbf29ce484222325;
    const bool print_trace_;
};

/// The gateway's executor: posted tasks in their order, timers in theirs, the two mixed.
class simulated_executor final : public executor, private source {
   public:
    explicit simulated_executor(scheduler& s) : source(s) {}

    void post(completion<void> task) override { posted_.push_back(std::move(task)); }
    timer_id run_at(instant at, completion<void> task) override {
        return timers_.add(at, std::move(task));
    }
    void cancel(timer_id timer) override { timers_.remove(timer); }

    bool idle() const { return posted_.empty(); }
    /// The process died.
    void drop_all();

   private:
    std::optional<instant> ready_at() const override;
    void run_one() override;

    std::deque<completion<void>> posted_;
    runtime::timer_queue timers_;
};

/// Threads that take tasks: each takes its own time, so they end in any order.
class simulated_pool final : public task_pool, private source {
   public:
    simulated_pool(scheduler& s, std::int64_t slowest_ms) : source(s), slowest_ms_(slowest_ms) {}

    void run(completion<void> task) override;
    bool idle() const { return tasks_.empty(); }
    void drop_all() { tasks_ = {}; }

   private:
    std::optional<instant> ready_at() const override { return tasks_.next(); }
    void run_one() override;

    runtime::timer_queue tasks_;
    const std::int64_t slowest_ms_;
};

/// The thread that commits: one batch after another, some of them slow.
class simulated_writer final : private source {
   public:
    explicit simulated_writer(scheduler& s) : source(s) {}

    /// `batch` gives how many transactions it ran.
    void serve(std::function<std::size_t()> batch) { batch_ = std::move(batch); }
    void wake();
    bool idle() const { return !due_; }

   private:
    std::optional<instant> ready_at() const override { return due_; }
    void run_one() override;

    std::function<std::size_t()> batch_;
    std::optional<instant> due_;
};

}  // namespace conclave::simulation
