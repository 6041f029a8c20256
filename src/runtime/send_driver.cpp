// Performs the actions of sends.
#include "runtime/send_driver.hpp"

#include "base/limits.hpp"
#include "base/planted_bug.hpp"
#include "messaging/reply_document.hpp"
#include "messaging/send_deliberation.hpp"
#include "runtime/price_reader.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace conclave::runtime {

using std::chrono::milliseconds;

/// A caller that waits for a send.
struct send_driver::waiter {
    ticket id = 0;
    bool began_it = false;  ///< joiners see a replay
    executor::timer_id deadline = 0;
    completion<result<reply>> done;
    std::optional<instant> until{};           ///< when the deadline rings
    std::shared_ptr<void> caller{};           ///< for a run that this one may have to begin
    std::shared_ptr<stream_reader> reader{};  ///< of one who looks on
};

/// A send in flight and its callers.
struct send_driver::flow : std::enable_shared_from_this<flow> {
    explicit flow(messaging::send_order order) : machine{.order = std::move(order)} {}

    messaging::send machine;
    flow_key key;
    std::string turn;  ///< key of the session in turns_
    // What each piece of text touches lies together.
    std::vector<waiter> waiters;
    std::shared_ptr<shared_log> log{};  ///< once there is text, or somebody who looks on
    bool text_shown = false;            ///< of the attempt in flight, to somebody

    bool abandoned = false;  ///< its callers left before anything was called
    bool rung = false;       ///< its turn came before it waited for it
    bool ended = false;
    executor::timer_id timer = 0;
    provider_desk::call_id call = 0;
    std::map<std::size_t, provider_desk::call_id> seats{};  ///< calls of a council, by slot
    std::vector<tool_desk::run_id> tools;  ///< of the round in progress, in their order
    std::vector<messaging::tool_outcome> outcomes;
    std::size_t outcomes_due = 0;
};

namespace {

std::string key_of(const messaging::send_order& order) {
    std::string key;
    key.reserve(order.scope.id().str().size() + order.key.operation.size() +
                order.key.key_hash.size() + 2);
    key += order.scope.id().str();
    key += '\n';
    key += order.key.operation;
    key += '\n';
    key.append(reinterpret_cast<const char*>(order.key.key_hash.data()), order.key.key_hash.size());
    return key;
}

bool same_call(const messaging::send_order& a, const messaging::send_order& b) {
    // Any key compares alike; the tenant's own is only for what is stored.
    return messaging::fingerprint(a, digest{}) == messaging::fingerprint(b, digest{});
}

bool nothing_called_yet(messaging::phase p) {
    using messaging::phase;
    return p == phase::reading || p == phase::claiming || p == phase::waiting ||
           p == phase::judging || p == phase::abandoning;
}

/// Whether attempts of a run in progress can be shown.
bool has_begun(const messaging::send& s) {
    using messaging::phase;
    return !s.callers_answered &&
           (s.at == phase::calling || s.at == phase::pausing || s.at == phase::releasing ||
            s.at == phase::noting_calls || s.at == phase::using_tools ||
            s.at == phase::deliberating || s.at == phase::settling);
}

error closed_error() { return fail(errc::handle_closed, "the gateway is closed"); }

}  // namespace

bool send_driver::has_readers(const std::vector<waiter>& waiters) {
    return std::any_of(waiters.begin(), waiters.end(),
                       [](const waiter& w) { return w.reader != nullptr; });
}

// Beside a flow lies what counts its owners.
send_driver::send_driver(seams s)
    : seams_(s),
      memory_(std::make_shared<recycled_blocks>(sizeof(flow) + 64, limits::sends_recycled)),
      jitter_(s.random.next()) {}
send_driver::~send_driver() = default;

void send_driver::start(ticket id, messaging::send_order order,
                        const store::find_send::answer* known,
                        std::optional<std::int64_t> deadline_ms, completion<result<reply>> done,
                        std::shared_ptr<stream_reader> reader) {
    waiter w{id, false, 0, std::move(done), std::nullopt, order.caller, std::move(reader)};
    if (closed_ || flows_.size() >= limits::sends_in_flight) {
        auto e = closed_ ? closed_error() : fail(errc::store_busy, "too many sends are in flight");
        seams_.executor.post(
            [w = std::move(w), e = std::move(e)]() mutable { w.done(std::move(e)); });
        return;
    }
    if (deadline_ms) {
        w.until = seams_.clock.elapsed() + milliseconds(*deadline_ms);
        w.deadline = seams_.executor.run_at(*w.until, [this, id] {
            leave(id, fail(errc::deadline_exceeded,
                           "the caller's deadline passed; the same key finds the answer"));
        });
    }
    auto key = key_of(order);
    if (const auto running = flows_.find(key); running != flows_.end()) {
        join(*running->second, order, std::move(w));
        return;
    }
    auto f = std::allocate_shared<flow>(recycling_allocator<flow>(memory_), std::move(order));
    f->key = key;
    f->turn = f->machine.order.scope.id().str() + '\n' + f->machine.order.session.str();
    w.began_it = true;
    f->waiters.push_back(std::move(w));
    tickets_.emplace(id, f.get());
    flows_.emplace(std::move(key), f);
    begin(*f, known);
}

/// In a session whose last turn ran here a send needs no read: T1 checks it all, the key too.
void send_driver::begin(flow& f, const store::find_send::answer* known) {
    const auto& order = f.machine.order;
    const bool may_be_new = !known || (known->tenant && !known->send);
    auto basis = may_be_new ? turn_cache_.take(order.scope, order.session) : std::nullopt;
    if (!basis) return read(f, messaging::state_query(order));
    store::prepare_send::answer expected;
    expected.known.tenant = tenant_status::active;
    expected.known.fingerprint_key = basis->fingerprint_key;
    expected.turn = *std::move(basis);
    expected.price_generation = seams_.config.price_generation;
    feed(f, messaging::state_read{std::move(expected), !known});
}

void send_driver::join(flow& f, const messaging::send_order& order, waiter w) {
    if (same_call(f.machine.order, order)) {
        tickets_.emplace(w.id, &f);
        f.waiters.push_back(std::move(w));
        show_to_joiner(f);
        return;
    }
    seams_.executor.cancel(w.deadline);
    auto e = fail(errc::idempotency_key_reused,
                  "this idempotency key stands for a call with other content")
                 .with("idempotency_key", order.key_text);
    e.request_id = order.request.str();
    seams_.executor.post([w = std::move(w), e = std::move(e)]() mutable { w.done(std::move(e)); });
}

void send_driver::leave(ticket t, error why) {
    const auto found = tickets_.find(t);
    if (found == tickets_.end()) return;
    auto& f = *found->second;
    tickets_.erase(found);
    const auto at = std::find_if(f.waiters.begin(), f.waiters.end(),
                                 [t](const waiter& w) { return w.id == t; });
    auto w = std::move(*at);
    f.waiters.erase(at);
    seams_.executor.cancel(w.deadline);
    if (why.request_id.empty()) why.request_id = f.machine.order.request.str();
    w.done(std::move(why));
    after_leaving(f);
}

void send_driver::after_leaving(flow& f) {
    if (!f.waiters.empty() || f.ended) return;
    if (nothing_called_yet(f.machine.at) || f.machine.policy.on_cancel == cancel_policy::abort) {
        f.abandoned = true;
        feed(f, messaging::abort_requested{});
    }
}

std::int64_t send_driver::ms_until(instant then) const {
    const auto left = std::chrono::duration_cast<milliseconds>(then - seams_.clock.elapsed());
    return std::max<std::int64_t>(0, left.count());
}

void send_driver::close() {
    closed_ = true;
    std::vector<std::shared_ptr<flow>> all;
    for (const auto& [key, f] : flows_) all.push_back(f);
    for (const auto& f : all)
        if (!f->ended) feed(*f, messaging::closing{});
}

void send_driver::when_empty(completion<void> done) {
    if (flows_.empty()) return seams_.executor.post(std::move(done));
    when_empty_.push_back(std::move(done));
}

// --- Events in, actions out ---------------------------------------------------------------------

void send_driver::feed(flow& f, messaging::event e) {
    const auto keep = f.shared_from_this();
    if (f.ended) return;
    const messaging::context c{
        seams_.clock.now(), seams_.clock.elapsed(), jitter_(),       seams_.ids, seams_.breakers,
        seams_.config,      seams_.store.self().id, seams_.latencies};
    perform(f, messaging::decide(f.machine, std::move(e), c));
}

void send_driver::perform(flow& f, messaging::actions list) {
    for (auto& a : list) std::visit([&](auto& one) { perform(f, std::move(one)); }, a);
}

void send_driver::perform(flow& f, messaging::read_state a) { read(f, std::move(a.query)); }

void send_driver::read(flow& f, store::prepare_send query) {
    seams_.readers.run([this, f = f.shared_from_this(), query = std::move(query)]() mutable {
        auto state = store::read(seams_.store, query);
        seams_.executor.post(
            [this, f, s = std::move(state)]() mutable { on_read(f, std::move(s)); });
    });
}

void send_driver::on_read(const std::shared_ptr<flow>& f,
                          result<store::prepare_send::answer> state) {
    if (state && state->price_generation != seams_.config.price_generation)
        return load_prices(f, std::move(state));
    feed(*f, messaging::state_read{std::move(state)});
}

void send_driver::load_prices(const std::shared_ptr<flow>& f,
                              result<store::prepare_send::answer> state) {
    read_prices(seams_.store, seams_.readers, seams_.executor, seams_.config,
                [this, f, state = std::move(state)](result<void> read) mutable {
                    if (!read) state = std::move(read).error();
                    feed(*f, messaging::state_read{std::move(state)});
                });
}

template <class Event, class Command>
void send_driver::commit(flow& f, store::shared_command command) {
    using outcome = typename Command::outcome;
    completion<result<store::command_outcome>> done =
        [this, f = f.shared_from_this()](result<store::command_outcome> r) mutable {
            seams_.executor.post([this, f = std::move(f), r = std::move(r)]() mutable {
                if (!r) return feed(*f, Event{std::move(r).error()});
                feed(*f, Event{std::get<outcome>(*std::move(r))});
            });
        };
    seams_.store.enqueue(std::move(command), std::move(done));
}

void send_driver::perform(flow& f, messaging::commit a) {
    std::visit(
        [&](const auto& command) {
            using type = std::decay_t<decltype(command)>;
            if constexpr (std::is_same_v<type, store::claim_send>) {
                if (!take_turn(f)) {
                    seams_.executor.post([this, f = f.shared_from_this()] {
                        store::claim_send::outcome busy;
                        busy.what = store::claim_send::verdict::session_busy;
                        feed(*f, messaging::claim_committed{std::move(busy)});
                    });
                    return;
                }
                if (planted(planted_bug::dispatch_before_claim) && !command.tools_first &&
                    !command.council)
                    seams_.desk.call({command.first.key, command.first.route,
                                      f.machine.plan->request, 5'000, 5'000, 5'000},
                                     [](const call_result&) {}, {});
                commit<messaging::claim_committed, type>(f, std::move(a.command));
            } else if constexpr (std::is_same_v<type, store::release_calls>) {
                commit<messaging::calls_released, type>(f, std::move(a.command));
            } else if constexpr (std::is_same_v<type, store::settle_send>) {
                commit<messaging::send_settled, type>(f, std::move(a.command));
            } else if constexpr (std::is_same_v<type, store::fail_send>) {
                commit<messaging::send_failed, type>(f, std::move(a.command));
            } else if constexpr (std::is_same_v<type, store::record_late_calls>) {
                commit<messaging::late_calls_recorded, type>(f, std::move(a.command));
            } else if constexpr (std::is_same_v<type, store::abandon_sends>) {
                commit<messaging::owner_abandoned, type>(f, std::move(a.command));
            }
        },
        *a.command);
}

void send_driver::perform(flow& f, messaging::call_provider a) {
    show_attempt(f);
    auto provider = a.target.provider;
    using providers::answer_form;
    const auto form = has_readers(f.waiters) ? answer_form::streamed : answer_form::whole;
    f.call = seams_.desk.call(
        std::move(a),
        [this, f = f.shared_from_this(), provider = std::move(provider)](call_result r) {
            f->call = 0;
            ++counts_.attempts[{provider, r.outcome}];
            end_attempt(*f, std::move(r));
        },
        {form, [this, f = f.shared_from_this()](std::string_view text) { show_text(*f, text); },
         [this, f = f.shared_from_this()](std::string_view text) { show_thinking(*f, text); }});
}

void send_driver::end_attempt(flow& f, call_result r) {
    r.text_shown = f.text_shown;
    if (f.log && r.outcome != call_class::ok && !f.text_shown)
        f.log->with([](auto& log) { log.discard_attempt(); });
    feed(f, messaging::attempt_ended{std::move(r)});
}

void send_driver::perform(flow& f, messaging::cancel_attempt) { seams_.desk.cancel(f.call); }

void send_driver::perform(flow& f, messaging::ask_seat a) {
    const auto slot = a.slot;
    auto provider = a.call.target.provider;
    f.seats[slot] = seams_.desk.call(
        std::move(a.call),
        [this, f = f.shared_from_this(), slot, provider = std::move(provider)](call_result r) {
            f->seats.erase(slot);
            ++counts_.attempts[{provider, r.outcome}];
            feed(*f, messaging::seat_ended{slot, std::move(r)});
        },
        {providers::answer_form::streamed,
         [this, f = f.shared_from_this(), slot](std::string_view text) {
             if (messaging::hear_seat(f->machine, slot, text, seams_.clock.elapsed()))
                 show_text(*f, text);
         },
         {}});
}

void send_driver::perform(flow& f, messaging::cut_seat a) {
    if (const auto call = f.seats.find(a.slot); call != f.seats.end())
        seams_.desk.cancel(call->second);
}

void send_driver::perform(flow& f, messaging::show_council) {
    if (!f.log && !has_readers(f.waiters)) return;
    open_log(f);
    show(f);
}

void send_driver::perform(flow& f, messaging::run_tools a) {
    if (f.log) {
        open_log(f);
        show(f);
    }
    f.tools.clear();
    f.outcomes.assign(a.runs.size(), {});
    f.outcomes_due = a.runs.size();
    for (std::size_t i = 0; i < a.runs.size(); ++i)
        f.tools.push_back(
            seams_.tools.run(std::move(a.runs[i]), a.caller,
                             [this, f = f.shared_from_this(), i](messaging::tool_outcome o) {
                                 f->outcomes[i] = std::move(o);
                                 if (--f->outcomes_due == 0)
                                     feed(*f, messaging::tools_ended{std::move(f->outcomes)});
                             }));
}

void send_driver::perform(flow& f, messaging::cancel_tools) {
    for (const auto id : f.tools) seams_.tools.cancel(id);
}

void send_driver::perform(flow& f, messaging::set_timer a) {
    seams_.executor.cancel(f.timer);
    if (f.machine.at == messaging::phase::waiting && std::exchange(f.rung, false)) {
        f.timer = 0;
        return ring(f);
    }
    auto at = a.at;
    // A turn in this process is rung when it comes; until then it need not poll.
    const auto turn = turns_.find(f.turn);
    if (f.machine.at == messaging::phase::waiting && turn != turns_.end() &&
        turn->second.front() != &f && f.machine.waiting_since)
        at = std::max(at, *f.machine.waiting_since + milliseconds(limits::in_progress_wait_ms));
    f.timer = seams_.executor.run_at(at, [this, f = f.shared_from_this()] {
        f->timer = 0;
        feed(*f, messaging::woken{});
    });
}

void send_driver::perform(flow& f, const messaging::judge_owner& a) {
    seams_.executor.post([this, f = f.shared_from_this(), liveness = seams_.store.judge(a.owner)] {
        feed(*f, messaging::owner_judged{liveness});
    });
}

void send_driver::perform(flow& f, messaging::answer_callers a) {
    // Those who joined a call that its own callers had left begin it anew when it has ended.
    if (f.abandoned && !a.outcome && a.outcome.error().code == errc::cancelled) return;
    auto waiters = std::exchange(f.waiters, {});
    if (!a.outcome) ++counts_.sends_failed;
    if (a.outcome && !a.replay) ++counts_.sends_answered;
    const bool fresh = a.outcome && !a.outcome->metadata.replayed;
    if (a.outcome) show_reply(f, waiters, a);
    std::int64_t replays = 0;
    for (auto& w : waiters) {
        tickets_.erase(w.id);
        seams_.executor.cancel(w.deadline);
        const bool joined = fresh && !w.began_it;
        if (a.replay || joined) ++replays;
        if (joined)
            w.done(messaging::as_replayed(*a.outcome));
        else if (&w == &waiters.back())
            w.done(std::move(a.outcome));
        else
            w.done(a.outcome);
    }
    counts_.replays += replays;
    if (replays > 0) replays_[{f.machine.order.scope.id().str(), f.machine.order.key}] += replays;
}

void send_driver::perform(flow& f, messaging::keep_turn a) {
    turn_cache_.keep(f.machine.order.scope, f.machine.order.session, std::move(a.basis));
}

void send_driver::perform(flow& f, messaging::end) {
    const auto keep = f.shared_from_this();
    f.ended = true;
    seams_.executor.cancel(f.timer);
    flows_.erase(f.key);
    release_turn(f);
    // Who joined too late for an answer reads the store anew.
    for (auto& w : std::exchange(f.waiters, {})) {
        tickets_.erase(w.id);
        seams_.executor.cancel(w.deadline);
        if (w.reader) w.reader->detach();
        auto order = f.machine.order;
        order.caller = std::move(w.caller);
        std::optional<std::int64_t> deadline_ms;
        if (w.until) deadline_ms = ms_until(*w.until);
        start(w.id, std::move(order), nullptr, deadline_ms, std::move(w.done), std::move(w.reader));
    }
    if (!flows_.empty()) return;
    for (auto& done : std::exchange(when_empty_, {})) seams_.executor.post(std::move(done));
}

// --- Those who look on --------------------------------------------------------------------------

/// The log of the run in progress. What an earlier run showed is void, and its readers hear so.
void send_driver::open_log(flow& f) {
    if (f.machine.council) return open_council_log(f);
    const auto& machine = f.machine;
    const auto generation = machine.claim->epoch - 1;
    if (!f.log) f.log = std::make_shared<shared_log>(generation);
    // An attempt whose row is still on its way has not begun.
    const auto& call = machine.plan->call;
    const auto begun = call.attempts.size() - (machine.at == messaging::phase::releasing ? 1U : 0U);
    f.log->with([&](auto& log) {
        if (log.generation() != generation) log.restart(generation);
        while (log.attempts() < begun) {
            const auto& attempt = call.attempts[log.attempts()];
            if (attempt.key.round > 0) log.show_round(machine.rounds.text, machine.rounds.steps);
            const auto& target = call.routes[attempt.route].target;
            log.begin_attempt(target.provider, target.model);
        }
        if (machine.at == messaging::phase::using_tools)
            log.show_round(machine.rounds.text, machine.rounds.steps);
    });
}

/// What stands of a council; where its text was taken back, all of it anew.
void send_driver::open_council_log(flow& f) {
    const auto& steps = f.machine.council->shown;
    const auto generation = messaging::generation_of(f.machine.claim->epoch, steps);
    if (!f.log) f.log = std::make_shared<shared_log>(generation);
    f.log->with([&](auto& log) {
        if (log.generation() != generation) log.restart(generation);
        log.show_round({}, steps);
    });
}

/// Tells the readers of something new, and those who have just come of all there is.
void send_driver::show(flow& f) {
    for (const auto& w : f.waiters) {
        if (!w.reader) continue;
        f.text_shown =
            f.text_shown || f.log->with([](const auto& log) { return log.has_text_of_attempt(); });
        w.reader->show(f.log, !w.began_it);
    }
}

void send_driver::show_attempt(flow& f) {
    f.text_shown = false;
    if (!f.log && !has_readers(f.waiters)) return;
    open_log(f);
    show(f);
}

void send_driver::show_text(flow& f, std::string_view text) {
    if (f.machine.order.schema) return;  // shown when it is known to fit
    if (!f.log) open_log(f);
    f.log->with([&](auto& log) { log.add_text(text); });
    show(f);
}

/// Nobody needs it later: a call that nobody looks at keeps none.
void send_driver::show_thinking(flow& f, std::string_view text) {
    if (!f.log && !has_readers(f.waiters)) return;
    if (!f.log) open_log(f);
    f.log->with([&](auto& log) { log.add_thinking(text); });
    show(f);
}

/// A reader of a call that has begun need not wait for its end.
void send_driver::show_to_joiner(flow& f) {
    if (!has_begun(f.machine) || !has_readers(f.waiters)) return;
    open_log(f);
    show(f);
}

void send_driver::show_reply(flow& f, const std::vector<waiter>& waiters,
                             const messaging::answer_callers& a) {
    if (!has_readers(waiters)) return;
    const auto generation = messaging::generation_of(a.epoch, a.steps);
    if (!f.log) f.log = std::make_shared<shared_log>(generation);
    f.log->with([&](auto& log) { log.complete(generation, *a.outcome, a.steps); });
    for (const auto& w : waiters)
        if (w.reader) w.reader->show(f.log, a.outcome->metadata.replayed || !w.began_it);
}

// --- Turns of one session -----------------------------------------------------------------------

bool send_driver::take_turn(flow& f) {
    auto& queue = turns_[f.turn];
    if (std::find(queue.begin(), queue.end(), &f) == queue.end()) queue.push_back(&f);
    return queue.front() == &f;
}

void send_driver::release_turn(flow& f) {
    const auto found = turns_.find(f.turn);
    if (found == turns_.end()) return;
    auto& queue = found->second;
    const bool had_turn = queue.front() == &f;
    std::erase(queue, &f);
    if (queue.empty()) {
        turns_.erase(found);
    } else if (had_turn) {
        ring(*queue.front());
    }
}

void send_driver::ring(flow& f) {
    f.rung = f.machine.at != messaging::phase::waiting;
    if (f.rung) return;
    seams_.executor.cancel(std::exchange(f.timer, 0));
    seams_.executor.post([this, f = f.shared_from_this()] { feed(*f, messaging::woken{}); });
}

// --- Replay counters ----------------------------------------------------------------------------

void send_driver::count_replay(const tenant_scope& scope, const send_key& key) {
    ++counts_.replays;
    ++replays_[{scope.id().str(), key}];
}

void send_driver::flush_replay_counts() {
    if (replays_.empty()) return;
    store::count_replays counts;
    for (const auto& [key, n] : std::exchange(replays_, {}))
        counts.entries.push_back({tenant_scope(key.first), key.second, n});
    // A count that is lost with a failed write costs nobody anything.
    store::submit(seams_.store, std::move(counts),
                  [](const result<store::count_replays::outcome>&) {});
}

}  // namespace conclave::runtime
