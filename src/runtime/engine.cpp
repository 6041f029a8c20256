// Puts the parts of a gateway together.
#include "runtime/engine.hpp"

#include "base/process.hpp"
#include "calls/breaker_board.hpp"
#include "crypto/random.hpp"
#include "messaging/council_plan.hpp"
#include "messaging/known_key.hpp"
#include "net/http_client.hpp"
#include "providers/tool_rule.hpp"
#include "runtime/activity.hpp"
#include "runtime/clocks.hpp"
#include "runtime/connection_limit.hpp"
#include "runtime/counted_store.hpp"
#include "runtime/embeddings_driver.hpp"
#include "runtime/io_loop.hpp"
#include "runtime/provider_desk.hpp"
#include "runtime/rendezvous.hpp"
#include "runtime/send_driver.hpp"
#include "runtime/store_writer.hpp"
#include "runtime/sweeper.hpp"
#include "runtime/thread_pool.hpp"
#include "runtime/tool_desk.hpp"
#include "store/sqlite/diagnosis.hpp"
#include "store/sqlite/engine.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>

namespace conclave::runtime {

namespace {

// After the drain, sends need only their last write.
constexpr std::int64_t close_writes_ms = 5'000;

error closed() { return fail(errc::handle_closed, "the gateway is closed"); }

error with_request(error e, const messaging::send_order& order) {
    if (e.request_id.empty()) e.request_id = order.request.str();
    return e;
}

/// Whether a provider may tell an answer piece by piece: others are silent until its end.
bool streams(const new_provider& p) {
    switch (p.kind) {
        case provider_kind::mapped: return false;
        case provider_kind::callback: return p.async_handler != nullptr;
        case provider_kind::scripted: return false;
        default: return true;
    }
}

/// Vendors of many models; others may have one alone.
bool needs_model(const new_provider& p) {
    switch (p.kind) {
        case provider_kind::mapped:
        case provider_kind::callback:
        case provider_kind::scripted: return false;
        default: return true;
    }
}

/// True if a key's state answers a send without any policy.
bool is_settled(const store::find_send::answer& known) {
    if (!known.send) return false;
    const auto s = known.send->state;
    return s == send_state::succeeded || s == send_state::failed_final || s == send_state::closed;
}

}  // namespace

/// Everything that runs; made by start, in the order of dependence.
struct engine::parts {
    parts(const engine_options& o, const conclave::clock& clock, virtual_clock* moved)
        : clock(clock),
          loop(clock, moved, work),
          readers(o.readers, moved ? &work : nullptr),
          handlers(o.handler_threads, nullptr),
          completions(1, moved ? &work : nullptr) {
        config.policy = o.policy;
    }

    const conclave::clock& clock;
    activity work;
    store_writer writer;
    std::unique_ptr<store::sqlite_store> database;
    std::unique_ptr<counted_store> counted;
    io_loop loop;
    std::unique_ptr<net::http_client> http;
    thread_pool readers;
    thread_pool handlers;
    thread_pool completions;
    calls::breaker_board breakers;
    council::latency_book latencies;
    messaging::configuration config;
    std::unique_ptr<provider_desk> desk;
    std::unique_ptr<tool_desk> tools;
    std::unique_ptr<send_driver> driver;
    std::unique_ptr<embeddings_driver> embeddings;
    std::unique_ptr<runtime::sweeper> sweeper;

    store::store& store() {
        if (counted) return *counted;
        return *database;
    }
    void add(const std::shared_ptr<const registered_provider>& p) {
        auto vectors = messaging::vector_support::none;
        if (p->vectors) vectors = messaging::vector_support::of_models;
        if (p->script) vectors = messaging::vector_support::without_model;
        config.providers[p->config.name] = {p->config.policy, p->config.default_model, vectors,
                                            streams(p->config), needs_model(p->config)};
        desk->add(p);
    }
    void add(const std::shared_ptr<const new_tool>& t) {
        config.tools[t->name] = messaging::terms_of(*t);
        tools->add(t);
    }
    /// The loop commits itself what only one send waits for: it has hardly anything else to do.
    void commit_soon() {
        if (loop.on_thread() && driver->in_flight() + embeddings->in_flight() <= 1)
            return loop.post([this] { writer.run_here(); });
        writer.wake();
    }
    /// Runs a task on the loop and waits for it.
    void on_loop(completion<void> task) {
        rendezvous<bool> done;
        loop.post([task = std::move(task), arrive = done.arrival()]() mutable {
            task();
            arrive(true);
        });
        (void)done.wait();
    }
    /// False if sends are still in flight after `ms` of real time: a virtual clock must not keep a
    /// program from ending.
    bool wait_until_no_sends(std::int64_t ms) {
        rendezvous<bool> empty;
        loop.post([this, arrive = empty.arrival()]() mutable {
            driver->when_empty([this, arrive = std::move(arrive)]() mutable {
                embeddings->when_empty([arrive = std::move(arrive)]() mutable { arrive(true); });
            });
        });
        return empty.wait_for(std::chrono::milliseconds(ms)).has_value();
    }
    void stop() {
        readers.stop();
        handlers.stop();
        loop.stop();
        writer.stop();
        completions.stop();
    }
};

engine::engine(engine_options options)
    : options_(std::move(options)),
      moved_clock_(options_.virtual_time ? std::make_unique<virtual_clock>() : nullptr),
      real_clock_(options_.virtual_time ? nullptr : std::make_unique<system_clock>()),
      clock_(moved_clock_ ? moved_clock_.get() : real_clock_.get()),
      random_(std::make_unique<crypto::system_random>()),
      ids_(*clock_, *random_) {}

engine::~engine() {
    if (forked()) {
        // The threads do not exist in this process: what they shared is left alone on purpose.
        (void)parts_.release();
        return;
    }
    close(0);
}

bool engine::forked() const {
    const auto process = started_in_.load();
    return process != 0 && process != current_process();
}

bool engine::add_handle() {
    auto count = handles_.load();
    while (count > 0)
        if (handles_.compare_exchange_weak(count, count + 1)) return true;
    return false;
}

result<void> engine::usable() const {
    if (forked())
        return fail(
            errc::handle_forked,
            "the gateway, or its file, was used before a fork and cannot be used in the child");
    if (closed_) return closed();
    return {};
}

result<void> engine::ready() {
    if (auto ok = usable(); !ok) return ok;
    if (started_) return {};
    const std::scoped_lock lock(mutex_);
    if (closed_) return closed();
    if (started_) return {};
    return start();
}

result<void> engine::start() {
    auto p = std::make_unique<parts>(options_, *clock_, moved_clock_.get());
    store::sqlite_options o;
    o.path = options_.path;
    o.durability =
        options_.full_durability ? store::durability_level::full : store::durability_level::process;
    o.vfs = options_.vfs;
    o.readers =
        static_cast<int>(options_.readers) + 2;  // blocking callers read on their own thread
    o.busy_timeout_ms = options_.busy_timeout_ms;
    o.allow_network_fs = options_.allow_network_filesystem;
    o.on_work = [p = p.get()] { p->commit_soon(); };
    auto database = store::sqlite_store::open(std::move(o), *clock_, *random_);
    if (!database) return std::move(database).error();
    p->database = *std::move(database);
    if (options_.virtual_time) p->counted = std::make_unique<counted_store>(*p->database, p->work);
    auto http = net::http_client::open(p->loop.context(), p->loop, p->clock,
                                       {.trust = options_.trust,
                                        .proxy = options_.proxy,
                                        .max_connections_per_host = connection_limit()});
    if (!http) return std::move(http).error();
    p->http = *std::move(http);
    p->desk = std::make_unique<provider_desk>(
        provider_desk::seams{p->loop, p->clock, p->handlers, *p->http});
    p->tools = std::make_unique<tool_desk>(tool_desk::seams{p->loop, p->clock, p->handlers});
    p->driver = std::make_unique<send_driver>(
        send_driver::seams{p->loop, *clock_, *random_, ids_, p->store(), p->readers, *p->desk,
                           *p->tools, p->breakers, p->config, p->latencies});
    p->embeddings = std::make_unique<embeddings_driver>(
        embeddings_driver::seams{p->loop, *clock_, *random_, ids_, p->store(), p->readers, *p->desk,
                                 p->breakers, p->config});
    p->sweeper = std::make_unique<sweeper>(
        sweeper::seams{p->loop, p->clock, p->store(), p->readers, *p->driver});
    for (const auto& [name, provider] : providers_) p->add(provider);
    for (const auto& [name, tool] : tools_) p->add(tool);
    parts_ = std::move(p);
    started_in_ = current_process();
    parts_->writer.start(*parts_->database);
    parts_->loop.start();
    parts_->loop.post([this] { parts_->sweeper->start(); });
    started_ = true;
    return {};
}

result<void> engine::add_provider(new_provider provider) {
    if (forked()) return ready();
    if (closed_) return closed();
    auto prepared = prepare_provider(std::move(provider));
    if (!prepared) return std::move(prepared).error();
    const std::scoped_lock lock(mutex_);
    providers_[(*prepared)->config.name] = *prepared;
    if (parts_) parts_->on_loop([this, p = *prepared] { parts_->add(p); });
    return {};
}

std::vector<provider_info> engine::providers() {
    std::vector<provider_info> list;
    const std::scoped_lock lock(mutex_);
    for (const auto& [name, p] : providers_)
        list.push_back({name, p->config.kind, p->config.base_url, "ready", breaker_state::closed});
    if (started_ && !closed_ && !forked()) {
        parts_->on_loop([&] {
            const auto now = parts_->clock.elapsed();
            for (auto& info : list) info.breaker = parts_->breakers.state_of(info.name, now);
        });
    }
    return list;
}

result<void> engine::add_tool(new_tool tool) {
    if (forked()) return ready();
    if (closed_) return closed();
    if (auto ok = providers::validate(tool); !ok) return ok;
    auto shared = std::make_shared<const new_tool>(std::move(tool));
    const std::scoped_lock lock(mutex_);
    tools_[shared->name] = shared;
    if (parts_) parts_->on_loop([this, t = std::move(shared)] { parts_->add(t); });
    return {};
}

std::vector<tool_info> engine::tools() {
    std::vector<tool_info> list;
    const std::scoped_lock lock(mutex_);
    for (const auto& [name, t] : tools_)
        list.push_back(
            {name, t->description, t->parameters, t->timeout_ms, t->side_effects, t->idempotent});
    return list;
}

void engine::start_send(ticket t, messaging::send_order order,
                        std::optional<std::int64_t> deadline_ms, completion<result<reply>> done) {
    if (order.request.empty()) order.request = ids_.request();
    const bool prompt = done.is_prompt();
    sure_completion<reply> sure(std::move(done));
    const std::shared_lock use(lifetime_);
    if (!parts_) return;
    parts_->loop.post([p = parts_.get(), t, order = std::move(order), deadline_ms, prompt,
                       sure = std::move(sure)]() mutable {
        p->driver->start(
            t, std::move(order), nullptr, deadline_ms,
            [p, prompt, sure = std::move(sure)](result<reply> r) mutable {
                if (prompt) return sure(std::move(r));
                p->completions.run(
                    [sure = std::move(sure), r = std::move(r)]() mutable { sure(std::move(r)); });
            });
    });
}

void engine::start_embedding(ticket t, messaging::embedding_order order,
                             completion<result<embeddings>> done) {
    if (order.request.empty()) order.request = ids_.request();
    sure_completion<embeddings> sure(std::move(done));
    const std::shared_lock use(lifetime_);
    if (!parts_) return;
    parts_->loop.post(
        [p = parts_.get(), t, order = std::move(order), sure = std::move(sure)]() mutable {
            p->embeddings->start(
                t, std::move(order), [p, sure = std::move(sure)](result<embeddings> r) mutable {
                    p->completions.run([sure = std::move(sure), r = std::move(r)]() mutable {
                        sure(std::move(r));
                    });
                });
        });
}

void engine::start_stream(ticket t, messaging::send_order order,
                          std::optional<std::int64_t> deadline_ms,
                          std::shared_ptr<stream_reader> reader, completion<void> ended) {
    sure_completion<reply> sure([reader, ended = std::move(ended)](result<reply> outcome) mutable {
        reader->end(std::move(outcome));
        ended();
    });
    const std::shared_lock use(lifetime_);
    if (!parts_) return;
    parts_->loop.post([p = parts_.get(), t, order = std::move(order), deadline_ms,
                       sure = std::move(sure), reader = std::move(reader)]() mutable {
        p->driver->start(t, std::move(order), nullptr, deadline_ms, std::move(sure),
                         std::move(reader));
    });
}

result<reply> engine::send(ticket t, messaging::send_order order,
                           std::optional<std::int64_t> deadline_ms) {
    if (order.request.empty()) order.request = ids_.request();
    rendezvous<reply> answer;
    {
        const std::shared_lock use(lifetime_);
        if (!parts_) return closed();
        std::unique_ptr<const store::find_send::answer> known;
        // A replay needs no thread but its caller's. A new key is not looked for: T1 does that.
        if (recent_keys_.note(order.key.key_hash)) {
            auto read = store::read(parts_->store(), store::find_send{order.scope, order.key});
            if (!read) return with_request(std::move(read).error(), order);
            if (is_settled(*read)) return answer_settled(order, *read);
            known = std::make_unique<const store::find_send::answer>(*std::move(read));
        }
        parts_->loop.post([p = parts_.get(), t, order = std::move(order), known = std::move(known),
                           deadline_ms, done = answer.arrival()]() mutable {
            p->driver->start(t, std::move(order), known.get(), deadline_ms, std::move(done));
        });
    }
    return answer.wait();
}

result<reply> engine::answer_settled(const messaging::send_order& order,
                                     const store::find_send::answer& known) {
    auto verdict = messaging::judge_key(order, known, {}, {});
    auto& settled = std::get<messaging::settled_answer>(verdict);
    if (settled.replay)
        parts_->loop.post([p = parts_.get(), scope = order.scope, key = order.key] {
            p->driver->count_replay(scope, key);
        });
    if (!settled.outcome) return with_request(std::move(settled.outcome).error(), order);
    return std::move(settled.outcome);
}

void engine::cancel(ticket t, error why) {
    if (forked()) return;
    const std::shared_lock use(lifetime_);
    if (!parts_) return;
    parts_->loop.post([p = parts_.get(), t, why = std::move(why)]() mutable {
        p->embeddings->cancel(t, why);
        p->driver->leave(t, std::move(why));
    });
}

result<store::command_outcome> engine::run_command(store::shared_command command) {
    rendezvous<store::command_outcome> outcome;
    {
        const std::shared_lock use(lifetime_);
        if (!parts_) return closed();
        parts_->store().enqueue(std::move(command), outcome.arrival());
    }
    return outcome.wait();
}

result<store::query_answer> engine::answer_query(const store::query& query) {
    const std::shared_lock use(lifetime_);
    if (!parts_) return closed();
    return parts_->store().answer(query);
}

result<void> engine::backup(const std::string& path) {
    const std::shared_lock use(lifetime_);
    if (!parts_) return closed();
    return parts_->store().backup(path);
}

result<engine::condition> engine::state() {
    const std::shared_lock use(lifetime_);
    if (!parts_) return closed();
    condition c;
    parts_->on_loop([&] {
        c.sends_in_flight = static_cast<std::int64_t>(parts_->driver->in_flight());
        c.counts = parts_->driver->counts();
        c.warnings = messaging::tell_slow_routes(parts_->latencies);
    });
    for (auto& warning : store::sqlite_warnings()) c.warnings.push_back(std::move(warning));
    return c;
}

result<void> engine::set_warnings(std::span<agent> agents) {
    for (auto& a : agents) a.warnings.clear();
    const auto is_council = [](const agent& a) { return a.council.has_value(); };
    if (std::none_of(agents.begin(), agents.end(), is_council)) return {};
    const std::shared_lock use(lifetime_);
    if (!parts_) return closed();
    parts_->on_loop([&] {
        for (auto& a : agents)
            if (a.council)
                a.warnings =
                    messaging::warn_of_slow_seats(*a.council, parts_->config, parts_->latencies);
    });
    return {};
}

bool engine::run_blocking(completion<void>& task) {
    if (forked()) return false;
    const std::shared_lock use(lifetime_);
    if (!parts_) return false;
    parts_->readers.run(std::move(task));
    return true;
}

bool engine::complete(completion<void>& task) {
    if (forked()) return false;
    const std::shared_lock use(lifetime_);
    if (!parts_) return false;
    parts_->completions.run(std::move(task));
    return true;
}

bool engine::on_loop() {
    if (forked()) return false;
    const std::shared_lock use(lifetime_);
    return parts_ && parts_->loop.on_thread();
}

bool engine::on_own_thread() {
    if (forked()) return false;
    const std::shared_lock use(lifetime_);
    if (!parts_) return false;
    return parts_->loop.on_thread() || parts_->readers.on_thread() ||
           parts_->handlers.on_thread() || parts_->completions.on_thread();
}

result<void> engine::advance(std::int64_t ms) {
    if (auto ok = ready(); !ok) return ok;
    if (!moved_clock_)
        return fail(errc::unsupported, "the gateway was not opened with a virtual clock");
    const std::shared_lock use(lifetime_);
    if (!parts_) return closed();
    parts_->loop.advance(ms);
    return {};
}

void engine::close(std::int64_t drain_ms) {
    if (forked() || closed_.exchange(true)) return;
    const std::scoped_lock lock(mutex_);
    if (!parts_) return;
    auto& p = *parts_;
    if (!p.wait_until_no_sends(drain_ms)) {
        p.loop.post([&p] {
            p.driver->close();
            p.embeddings->close();
        });
        p.wait_until_no_sends(close_writes_ms);
    }
    p.on_loop([&p] {
        p.driver->close();
        p.embeddings->close();
        p.sweeper->stop();
        p.driver->flush_replay_counts();
        p.http->close();
    });
    (void)run_command(store::share(store::close_owner{p.store().self().id, p.clock.now()}));
    std::unique_ptr<parts> ended;
    {
        const std::unique_lock end(lifetime_);
        ended = std::move(parts_);
    }
    ended->stop();
    // Whoever still waits gets HANDLE_CLOSED from a completion that goes with its queue.
    ended.reset();
}

}  // namespace conclave::runtime
