// Runs the host's tools.
#pragma once

#include <conclave/completion.hpp>
#include <conclave/tool.hpp>

#include "base/executor.hpp"
#include "base/task_pool.hpp"
#include "messaging/rounds.hpp"
#include "runtime/host_call.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace conclave::runtime {

/// Where calls of tools become calls of handlers. Executor only.
class tool_desk {
   public:
    struct seams {
        conclave::executor& executor;
        const conclave::clock& clock;
        conclave::task_pool& handlers;
    };
    using run_id = std::uint64_t;

    explicit tool_desk(seams s) : seams_(s) {}
    ~tool_desk();

    /// Adds a tool or takes the place of one of the same name; calls that run go on.
    void add(std::shared_ptr<const new_tool> tool);

    /// Runs one call. `done` runs exactly once, on the executor, never inside this call.
    run_id run(messaging::tool_run run, std::shared_ptr<void> caller,
               completion<messaging::tool_outcome> done);

    /// Ends a run as a failure. An unknown id is ignored.
    void cancel(run_id id);

   private:
    using host = host_call<tool_answer>;
    struct running {
        std::shared_ptr<host> call;
        executor::timer_id timer = 0;
        completion<messaging::tool_outcome> done;
        instant began{};
    };

    static void ask(const new_tool& tool, const tool_call& call, const std::shared_ptr<host>& h);
    void end(run_id id, messaging::tool_outcome outcome);

    seams seams_;
    std::map<std::string, std::shared_ptr<const new_tool>, std::less<>> tools_;
    std::map<run_id, running> runs_;
    run_id last_run_ = 0;
};

}  // namespace conclave::runtime
