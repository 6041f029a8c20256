// The seams of the runtime, driven by hand: time, tasks, threads and the network.
#pragma once

#include "base/task_pool.hpp"
#include "net/transport.hpp"
#include "unit/net/manual_executor.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

namespace conclave::runtime::test {

/// A pool whose tasks run when told.
class hand_run_pool final : public task_pool {
   public:
    void run(completion<void> task) override { tasks_.push_back(std::move(task)); }
    std::size_t waiting() const { return tasks_.size(); }
    void run_one() {
        REQUIRE_FALSE(tasks_.empty());
        auto task = std::move(tasks_.front());
        tasks_.pop_front();
        task();
    }

   private:
    std::deque<completion<void>> tasks_;
};

/// A network that keeps what was sent, to be answered by hand.
class hand_run_network final : public net::transport {
   public:
    struct sent : net::exchange {
        void cancel() override { cancelled = true; }
        void answer(int status, std::string_view body) {
            sink->on_head({status, {}});
            sink->on_body(body);
            sink->on_end({net::exchange_failure::none, true, {}});
        }
        void end(net::exchange_failure failure, bool written) {
            sink->on_end({failure, written, {}});
        }

        net::http_request request;
        std::shared_ptr<net::exchange_sink> sink;
        bool cancelled = false;
    };

    std::shared_ptr<net::exchange> send(net::http_request request,
                                        std::shared_ptr<net::exchange_sink> sink) override {
        auto s = std::make_shared<sent>();
        s->request = std::move(request);
        s->sink = std::move(sink);
        exchanges.push_back(s);
        return s;
    }

    std::vector<std::shared_ptr<sent>> exchanges;
};

struct hand_driven {
    /// Runs all that is posted or due.
    void run() {
        while (tasks.run_ready()) {
        }
    }
    void advance(std::int64_t ms) {
        time.advance(ms);
        run();
    }

    net::manual_clock time;
    net::manual_executor tasks{time};
    hand_run_pool handlers;
    hand_run_network network;
};

}  // namespace conclave::runtime::test
