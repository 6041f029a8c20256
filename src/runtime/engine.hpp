// One open store with its threads: what all handles on the same file share.
#pragma once

#include <conclave/agent.hpp>
#include <conclave/completion.hpp>
#include <conclave/policy.hpp>
#include <conclave/provider.hpp>
#include <conclave/reply.hpp>
#include <conclave/result.hpp>
#include <conclave/tool.hpp>

#include "base/clock.hpp"
#include "base/id_source.hpp"
#include "messaging/embedding.hpp"
#include "messaging/order.hpp"
#include "net/trusted_authorities.hpp"
#include "runtime/meters.hpp"
#include "runtime/recent_keys.hpp"
#include "store/store.hpp"

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <vector>

namespace conclave::runtime {

struct registered_provider;
class stream_reader;
class virtual_clock;

/// How an engine runs; see gateway.hpp for the public meaning.
struct engine_options {
    std::string path;  ///< a file, or ":memory:"
    bool full_durability = true;
    bool virtual_time = false;
    conclave::policy policy;
    net::trusted_authorities trust;
    std::string proxy;
    std::size_t readers = 2;
    std::size_t handler_threads = 4;
    bool allow_network_filesystem = false;
    std::int64_t busy_timeout_ms = 5'000;
    std::string vfs;  ///< tests only

    bool operator==(const engine_options&) const = default;
};

/// Starts lazily: no thread and no file before `ready`. Thread-safe.
class engine : public std::enable_shared_from_this<engine> {
   public:
    using ticket = std::uint64_t;

    explicit engine(engine_options options);
    ~engine();
    engine(const engine&) = delete;
    engine& operator=(const engine&) = delete;

    const engine_options& options() const { return options_; }

    /// HANDLE_FORKED in a child of fork if it was used before, HANDLE_CLOSED after close.
    result<void> usable() const;
    /// Starts on first use. HANDLE_FORKED and HANDLE_CLOSED as usable, or why the
    /// store cannot be opened; a later call tries again.
    result<void> ready();

    const conclave::clock& clock() const { return *clock_; }
    id_source& ids() { return ids_; }
    random_source& random() { return *random_; }

    result<void> add_provider(new_provider provider);  ///< also before ready()
    std::vector<provider_info> providers();            ///< also before ready()
    result<void> add_tool(new_tool tool);              ///< also before ready()
    std::vector<tool_info> tools();                    ///< also before ready()

    // The rest only after ready(); HANDLE_CLOSED when a close came in between.

    ticket new_ticket() { return ++last_ticket_; }
    /// Starts a send; `done` runs once, on the completion thread.
    void start_send(ticket t, messaging::send_order order, std::optional<std::int64_t> deadline_ms,
                    completion<result<reply>> done);
    /// Sends and waits; must not be called on a thread of the engine.
    result<reply> send(ticket t, messaging::send_order order,
                       std::optional<std::int64_t> deadline_ms);
    /// Starts a call for vectors; `done` runs once, on the completion thread.
    void start_embedding(ticket t, messaging::embedding_order order,
                         completion<result<embeddings>> done);
    /// Starts a send whose reader looks on; `ended` runs once, when the reader hears its end.
    void start_stream(ticket t, messaging::send_order order,
                      std::optional<std::int64_t> deadline_ms,
                      std::shared_ptr<stream_reader> reader, completion<void> ended);
    /// Ends the wait of one caller with `why`.
    void cancel(ticket t, error why);

    /// Runs a transaction and waits for it.
    template <class Command>
    result<typename Command::outcome> run(Command command) {
        auto outcome = run_command(store::share(std::move(command)));
        if (!outcome) return std::move(outcome).error();
        return std::get<typename Command::outcome>(*std::move(outcome));
    }
    /// Answers a query on this thread.
    template <class Query>
    result<typename Query::answer> read(const Query& query) {
        auto answer = answer_query(store::query(std::in_place_type<Query>, query));
        if (!answer) return std::move(answer).error();
        return std::get<typename Query::answer>(*std::move(answer));
    }
    result<void> backup(const std::string& path);

    /// What the process should know of its engine.
    struct condition {
        std::int64_t sends_in_flight = 0;
        meters counts;
        std::vector<std::string> warnings;
    };
    result<condition> state();
    /// Tells each agent what is known to speak against its council, if it is one.
    result<void> set_warnings(std::span<agent> agents);

    /// Takes a task that may block to a reader thread. False, the task left alone, if the engine is
    /// closed.
    bool run_blocking(completion<void>& task);
    /// Takes a task to the completion thread. False, the task left alone, if the engine is closed.
    bool complete(completion<void>& task);

    /// Moves the virtual clock; UNSUPPORTED without one.
    result<void> advance(std::int64_t ms);

    /// Counts one more handle, the first by share_engine; false once the last one went.
    bool add_handle();
    /// True for the last one, which then closes the engine.
    bool remove_handle() { return --handles_ == 0; }

    /// True on the thread that carries the sends, as long as the engine runs.
    bool on_loop();
    /// True on a thread that close would wait for.
    bool on_own_thread();

    /// True after close and in a child of fork: a new handle needs a new engine.
    bool ended() const { return closed_ || forked(); }

    /// Drains for at most `drain_ms`, writes what is left as unknown, ends the threads. Once.
    void close(std::int64_t drain_ms);

   private:
    struct parts;

    result<void> start();
    result<store::command_outcome> run_command(store::shared_command command);
    result<reply> answer_settled(const messaging::send_order& order,
                                 const store::find_send::answer& known);
    result<store::query_answer> answer_query(const store::query& query);
    bool forked() const;

    const engine_options options_;
    std::unique_ptr<virtual_clock> moved_clock_;
    std::unique_ptr<const conclave::clock> real_clock_;
    const conclave::clock* clock_;
    std::unique_ptr<random_source> random_;
    id_source ids_;
    std::mutex mutex_;  ///< start, close and the lists of providers and tools
    std::map<std::string, std::shared_ptr<const registered_provider>> providers_;
    std::map<std::string, std::shared_ptr<const new_tool>> tools_;
    std::shared_mutex lifetime_;  ///< shared by those who use parts_, whole for their end
    std::unique_ptr<parts> parts_;
    std::atomic<std::int64_t> started_in_{0};  ///< the process; before that a fork does no harm
    std::atomic<bool> started_{false};
    std::atomic<bool> closed_{false};
    std::atomic<ticket> last_ticket_{0};
    recent_keys recent_keys_;  ///< of `send`
    std::atomic<std::int64_t> handles_{1};
};

/// The engine of a canonical path, shared by all handles in the process, counted for one more; a
/// new one for ":memory:". CONFLICT if it is open with other options.
result<std::shared_ptr<engine>> share_engine(engine_options options);

}  // namespace conclave::runtime
