// Carries out calls for vectors: row, attempts, bill, answer.
#pragma once

#include <conclave/completion.hpp>
#include <conclave/embeddings.hpp>
#include <conclave/result.hpp>

#include "base/executor.hpp"
#include "base/id_source.hpp"
#include "base/random_source.hpp"
#include "base/task_pool.hpp"
#include "calls/breaker_board.hpp"
#include "messaging/configuration.hpp"
#include "messaging/embedding.hpp"
#include "runtime/price_reader.hpp"
#include "runtime/provider_desk.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <memory>
#include <random>
#include <unordered_map>
#include <vector>

namespace conclave::runtime {

/// All calls for vectors in flight of one gateway. Executor only; everything it touches outlives
/// it.
class embeddings_driver {
   public:
    struct seams {
        conclave::executor& executor;
        const conclave::clock& clock;
        random_source& random;
        id_source& ids;
        store::store& store;
        task_pool& readers;
        provider_desk& desk;
        calls::breaker_board& breakers;
        messaging::configuration& config;
    };
    using ticket = std::uint64_t;

    explicit embeddings_driver(seams s);
    ~embeddings_driver();

    /// `done` runs exactly once, on the executor, never inside this call. The bill is durable
    /// before it.
    void start(ticket id, messaging::embedding_order order, completion<result<embeddings>> done);

    /// Ends a call with `why`: what was sent may have been executed, and is recorded so. An unknown
    /// ticket is ignored.
    void cancel(ticket id, error why);

    /// No further calls; those in flight end with HANDLE_CLOSED.
    void close();

    /// Runs once there is no call in flight.
    void when_empty(completion<void> done);
    std::size_t in_flight() const { return calls_.size(); }

   private:
    struct running;
    using shared_call = std::shared_ptr<running>;

    void plan(const shared_call& r);
    void begin(const shared_call& r);
    void on_begun(const shared_call& r, result<store::begin_embedding::outcome> outcome);
    void follow(const shared_call& r, const calls::next_step& next);
    void attempt(const shared_call& r);
    void on_result(const shared_call& r, call_result result);
    void pause(const shared_call& r, std::int64_t wait_ms);
    void release(const shared_call& r);
    void settle(const shared_call& r);
    void on_settled(const shared_call& r, result<store::settle_embedding::outcome> outcome);
    void give_up(const shared_call& r, const error& e);
    void end(const shared_call& r, result<embeddings> outcome);
    template <class Command, class Then>
    void commit(Command command, Then then);

    seams seams_;
    std::unordered_map<ticket, shared_call> calls_;
    std::vector<completion<void>> when_empty_;
    std::mt19937_64 jitter_;
    bool closed_ = false;
};

}  // namespace conclave::runtime
