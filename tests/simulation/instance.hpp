// One gateway of the simulation: the real parts on simulated seams.
#pragma once

#include "base/id_source.hpp"
#include "calls/breaker_board.hpp"
#include "messaging/configuration.hpp"
#include "runtime/provider_desk.hpp"
#include "runtime/send_driver.hpp"
#include "runtime/sweeper.hpp"
#include "simulation/network.hpp"
#include "simulation/scheduler.hpp"
#include "simulation/troubled_store.hpp"
#include "store/sqlite/engine.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace conclave::simulation {

/// Built as runtime::engine builds it, without its threads. Its end without `close` is a crash:
/// what was under way is lost.
class instance {
   public:
    /// Throws conclave::exception if the store cannot be opened.
    instance(scheduler& s, simulated_vendors& vendors, const std::string& path,
             conclave::policy policy);
    ~instance();

    void add(const std::shared_ptr<const runtime::registered_provider>& provider);
    void add(const std::shared_ptr<const new_tool>& tool);

    /// Runs a transaction to its end, untouched by the store's trouble.
    template <class Command>
    typename Command::outcome run(Command command) {
        std::optional<result<typename Command::outcome>> outcome;
        store::submit(static_cast<store::store&>(*database_), std::move(command),
                      [&outcome](auto r) { outcome.emplace(std::move(r)); });
        while (!outcome) scheduler_.step();
        return std::move(*outcome).value();
    }
    /// Answers a query at once, untouched by the store's trouble.
    template <class Query>
    typename Query::answer read(const Query& query) {
        return store::read(static_cast<store::store&>(*database_), query).value();
    }

    simulated_executor& loop() { return loop_; }
    runtime::send_driver& driver() { return driver_; }
    troubled_store& store() { return store_; }
    seeded_random& random() { return random_; }
    id_source& ids() { return ids_; }

    /// True when neither a send nor a transaction nor a task is under way.
    bool at_rest() const;
    /// As engine::close with a drain of 0: sends are told to end, then the owner is closed.
    void close();

   private:
    void settle();

    scheduler& scheduler_;
    simulated_executor loop_;
    simulated_pool readers_;
    simulated_pool handlers_;
    simulated_writer writer_;
    seeded_random random_;
    id_source ids_;
    std::unique_ptr<store::sqlite_store> database_;
    troubled_store store_;
    simulated_network network_;
    calls::breaker_board breakers_;
    council::latency_book latencies_;
    messaging::configuration config_;
    runtime::provider_desk desk_;
    runtime::tool_desk tools_;
    runtime::send_driver driver_;
    runtime::sweeper sweeper_;
};

}  // namespace conclave::simulation
