// Carries out what sends decide: feeds events, performs actions, keeps who waits for what.
#pragma once

#include <conclave/completion.hpp>
#include <conclave/reply.hpp>
#include <conclave/result.hpp>

#include "base/executor.hpp"
#include "base/id_source.hpp"
#include "base/random_source.hpp"
#include "base/recycled_blocks.hpp"
#include "base/task_pool.hpp"
#include "calls/breaker_board.hpp"
#include "council/latency_book.hpp"
#include "messaging/configuration.hpp"
#include "messaging/send.hpp"
#include "messaging/turn_cache.hpp"
#include "runtime/meters.hpp"
#include "runtime/provider_desk.hpp"
#include "runtime/stream_reader.hpp"
#include "runtime/tool_desk.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace conclave::runtime {

/// All sends in flight of one gateway. Executor only; everything it touches outlives it.
class send_driver {
   public:
    struct seams {
        conclave::executor& executor;
        const conclave::clock& clock;
        random_source& random;
        id_source& ids;
        store::store& store;
        task_pool& readers;
        provider_desk& desk;
        tool_desk& tools;
        calls::breaker_board& breakers;
        messaging::configuration& config;
        council::latency_book& latencies;
    };
    /// Names a waiting caller; given by the caller, unique within the driver.
    using ticket = std::uint64_t;

    explicit send_driver(seams s);
    ~send_driver();

    /// Begins a send or joins the one that runs under the same key. `known`, if given, is what was
    /// just read of the key. `done` runs exactly once, on the executor, perhaps inside this call.
    /// `reader`, if given, is shown the call while it runs; its end is the business of `done`.
    void start(ticket id, messaging::send_order order, const store::find_send::answer* known,
               std::optional<std::int64_t> deadline_ms, completion<result<reply>> done,
               std::shared_ptr<stream_reader> reader = nullptr);

    /// Ends one caller's wait with `why`. The send goes on unless nothing was called yet and nobody
    /// else waits, or its policy says `abort`. An unknown ticket is ignored.
    void leave(ticket t, error why);

    /// No further sends; those in flight are told to end, their calls written as unknown.
    void close();

    std::size_t in_flight() const { return flows_.size(); }
    const meters& counts() const { return counts_; }
    /// Runs once there is no send in flight.
    void when_empty(completion<void> done);

    /// Writes the replay counters collected so far.
    void flush_replay_counts();
    /// A replay that was answered without this driver.
    void count_replay(const tenant_scope& scope, const send_key& key);

   private:
    struct waiter;
    struct flow;
    using flow_key = std::string;  ///< tenant, operation and key hash

    void feed(flow& f, messaging::event e);
    void perform(flow& f, messaging::actions list);
    void perform(flow& f, messaging::read_state a);
    void perform(flow& f, messaging::commit a);
    void perform(flow& f, messaging::call_provider a);
    void perform(flow& f, messaging::cancel_attempt a);
    void perform(flow& f, messaging::ask_seat a);
    void perform(flow& f, messaging::cut_seat a);
    void perform(flow& f, messaging::show_council a);
    void perform(flow& f, messaging::run_tools a);
    void perform(flow& f, messaging::cancel_tools a);
    void perform(flow& f, messaging::set_timer a);
    void perform(flow& f, const messaging::judge_owner& a);
    void perform(flow& f, messaging::answer_callers a);
    void perform(flow& f, messaging::keep_turn a);
    void perform(flow& f, messaging::end a);

    void begin(flow& f, const store::find_send::answer* known);
    void read(flow& f, store::prepare_send query);
    void on_read(const std::shared_ptr<flow>& f, result<store::prepare_send::answer> state);
    void load_prices(const std::shared_ptr<flow>& f, result<store::prepare_send::answer> state);
    template <class Event, class Command>
    void commit(flow& f, store::shared_command command);
    bool take_turn(flow& f);
    void release_turn(flow& f);
    void ring(flow& f);
    void join(flow& f, const messaging::send_order& order, waiter w);
    std::int64_t ms_until(instant then) const;
    void after_leaving(flow& f);
    void end_attempt(flow& f, call_result r);

    static bool has_readers(const std::vector<waiter>& waiters);
    void open_log(flow& f);
    void open_council_log(flow& f);
    void show(flow& f);
    void show_attempt(flow& f);
    void show_text(flow& f, std::string_view text);
    void show_thinking(flow& f, std::string_view text);
    void show_to_joiner(flow& f);
    void show_reply(flow& f, const std::vector<waiter>& waiters,
                    const messaging::answer_callers& a);

    seams seams_;
    const std::shared_ptr<recycled_blocks> memory_;  // of flows
    std::unordered_map<flow_key, std::shared_ptr<flow>> flows_;
    std::unordered_map<std::string, std::vector<flow*>> turns_;  ///< by session; front has the turn
    std::unordered_map<ticket, flow*> tickets_;
    messaging::turn_cache turn_cache_;
    std::map<std::pair<std::string, send_key>, std::int64_t> replays_;
    std::vector<completion<void>> when_empty_;
    meters counts_;
    std::mt19937_64 jitter_;  ///< of pauses; nothing that must not be guessed
    bool closed_ = false;
};

}  // namespace conclave::runtime
