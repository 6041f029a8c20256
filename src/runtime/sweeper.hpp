// Housekeeping: dead owners' sends, old replies, replay counters. It never calls a model.
#pragma once

#include "base/executor.hpp"
#include "base/task_pool.hpp"
#include "runtime/send_driver.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace conclave::runtime {

/// Works at start and then every so often until stopped. Executor only.
class sweeper {
   public:
    struct seams {
        conclave::executor& executor;
        const conclave::clock& clock;
        store::store& store;
        task_pool& readers;
        send_driver& driver;
    };
    static constexpr std::int64_t sweep_every_ms = 30'000;
    static constexpr std::int64_t flush_every_ms = 1'000;
    static constexpr std::int64_t keep_replies_ms = 30LL * 24 * 60 * 60 * 1000;

    explicit sweeper(seams s) : seams_(s) {}

    void start();
    void stop();
    /// One round now; a round that runs already is not doubled.
    void sweep();

   private:
    void schedule_sweep();
    void schedule_flush();
    void judge(const std::vector<owner_ref>& owners);
    void abandon(std::vector<std::string> dead);
    void purge();

    seams seams_;
    bool running_ = false;
    bool stopped_ = false;
    executor::timer_id sweep_timer_ = 0;
    executor::timer_id flush_timer_ = 0;
};

}  // namespace conclave::runtime
