// Performs calls for vectors, top to bottom: plan, row, attempts, bill.
#include "runtime/embeddings_driver.hpp"

#include "base/limits.hpp"
#include "messaging/error_document.hpp"
#include "messaging/send_errors.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace conclave::runtime {

using std::chrono::milliseconds;

namespace {

// Prices may move on between the plan and its commit, but not for ever.
constexpr int plans_max = 10;
// The bill is written again before the caller hears that the store does not take it.
constexpr int writes_max = 5;
constexpr std::int64_t write_retry_ms = 50;

error closed_error() { return fail(errc::handle_closed, "the gateway is closed"); }

}  // namespace

struct embeddings_driver::running {
    ticket id = 0;
    messaging::embedding_order order;
    completion<result<embeddings>> done;
    messaging::embedding_plan plan{};
    int plans = 0;
    store::send_row row = store::send_row::none;  ///< once it stands
    provider_desk::call_id call = 0;
    executor::timer_id timer = 0;
    std::optional<error> stop{};  ///< why it is to end
    std::optional<messaging::embedding_settlement> bill{};
    int writes = 0;
    bool ended = false;

    store::send_fence fence(const std::string& owner) const {
        return {plan.key, plan.id, owner, 1, row};
    }
};

embeddings_driver::embeddings_driver(seams s) : seams_(s), jitter_(s.random.next()) {}
embeddings_driver::~embeddings_driver() = default;

void embeddings_driver::start(ticket id, messaging::embedding_order order,
                              completion<result<embeddings>> done) {
    auto r = std::make_shared<running>(running{id, std::move(order), std::move(done)});
    calls_.emplace(id, r);
    if (closed_) r->stop = closed_error();
    if (calls_.size() > limits::sends_in_flight)
        r->stop = fail(errc::store_busy, "too many calls are in flight");
    seams_.executor.post([this, r] { plan(r); });
}

void embeddings_driver::cancel(ticket id, error why) {
    const auto found = calls_.find(id);
    if (found == calls_.end() || found->second->stop || found->second->bill) return;
    const auto r = found->second;
    r->stop = std::move(why);
    if (r->call != 0) return seams_.desk.cancel(r->call);
    if (r->timer == 0) return;  // A commit is under way: what follows it sees the stop.
    seams_.executor.cancel(std::exchange(r->timer, 0));
    give_up(r, *r->stop);
}

void embeddings_driver::close() {
    closed_ = true;
    std::vector<ticket> all;
    for (const auto& [id, r] : calls_) all.push_back(id);
    for (const auto id : all) cancel(id, closed_error());
}

void embeddings_driver::when_empty(completion<void> done) {
    if (calls_.empty()) return seams_.executor.post(std::move(done));
    when_empty_.push_back(std::move(done));
}

template <class Command, class Then>
void embeddings_driver::commit(Command command, Then then) {
    using outcome = typename Command::outcome;
    store::submit(seams_.store, std::move(command),
                  [this, then = std::move(then)](result<outcome> o) mutable {
                      seams_.executor.post([then = std::move(then), o = std::move(o)]() mutable {
                          then(std::move(o));
                      });
                  });
}

// --- Before the first attempt -------------------------------------------------------------------

void embeddings_driver::plan(const shared_call& r) {
    if (r->stop) return end(r, *r->stop);
    if (++r->plans > plans_max)
        return end(r, fail(errc::store_busy, "prices changed again and again"));
    auto planned = messaging::plan_embedding(r->order, seams_.config, seams_.ids,
                                             seams_.clock.now(), seams_.clock.elapsed());
    if (!planned) return end(r, std::move(planned).error());
    r->plan = *std::move(planned);
    auto& call = r->plan.call;
    const auto first = calls::begin(call, seams_.breakers, seams_.clock.elapsed());
    if (const auto* given_up = std::get_if<calls::gave_up>(&first))
        return end(r, messaging::failure_error(call, given_up->why, seams_.clock.elapsed()));
    begin(r);
}

void embeddings_driver::begin(const shared_call& r) {
    auto& call = r->plan.call;
    store::begin_embedding t1{r->order.scope,
                              r->plan.key,
                              r->plan.id,
                              r->order.request,
                              seams_.store.self().id,
                              call.routes.front().exposure,
                              calls::release(call, seams_.clock.now()),
                              seams_.config.price_generation,
                              seams_.clock.now()};
    commit(std::move(t1), [this, r](auto outcome) { on_begun(r, std::move(outcome)); });
}

void embeddings_driver::on_begun(const shared_call& r,
                                 result<store::begin_embedding::outcome> outcome) {
    using verdict = store::begin_embedding::verdict;
    if (outcome && outcome->what == verdict::begun) {
        r->row = outcome->row;
        return attempt(r);
    }
    calls::abandon(r->plan.call, seams_.breakers, seams_.clock.elapsed());
    if (!outcome) return end(r, std::move(outcome).error());
    switch (outcome->what) {
        case verdict::changed:
            return read_prices(
                seams_.store, seams_.readers, seams_.executor, seams_.config,
                [this, r](result<void> read) { read ? plan(r) : end(r, std::move(read).error()); });
        case verdict::tenant_suspended:
            return end(r, fail(errc::tenant_suspended, "the tenant is suspended"));
        default:
            return end(r, fail(errc::resource_not_found, "the tenant was not found")
                              .with("tenant_id", r->order.scope.id().str()));
    }
}

// --- Attempts -----------------------------------------------------------------------------------

void embeddings_driver::attempt(const shared_call& r) {
    auto& call = r->plan.call;
    const auto& route = call.routes[call.route];
    messaging::call_provider out;
    out.key = call.attempts.back().key;
    out.target = route.target;
    out.request = std::make_shared<provider_request>();
    out.texts = r->plan.request;
    out.connect_timeout_ms = route.policy.connect_timeout_ms;
    out.first_byte_timeout_ms = route.policy.first_byte_timeout_ms;
    out.attempt_timeout_ms = calls::attempt_timeout_ms(call, seams_.clock.elapsed());
    r->call = seams_.desk.call(
        std::move(out), [this, r](call_result result) { on_result(r, std::move(result)); }, {});
    if (r->stop) seams_.desk.cancel(r->call);
}

void embeddings_driver::on_result(const shared_call& r, call_result result) {
    r->call = 0;
    messaging::complete_usage(result, r->plan);
    follow(r, calls::take_result(r->plan.call, std::move(result), seams_.breakers,
                                 seams_.clock.now(), seams_.clock.elapsed(), jitter_()));
}

void embeddings_driver::follow(const shared_call& r, const calls::next_step& next) {
    if (std::holds_alternative<calls::answered>(next)) return settle(r);
    if (const auto* given_up = std::get_if<calls::gave_up>(&next))
        return give_up(r, r->stop ? *r->stop
                                  : messaging::failure_error(r->plan.call, given_up->why,
                                                             seams_.clock.elapsed()));
    if (r->stop) {
        calls::abandon(r->plan.call, seams_.breakers, seams_.clock.elapsed());
        return give_up(r, *r->stop);
    }
    if (const auto* later = std::get_if<calls::attempt_later>(&next))
        return pause(r, later->wait_ms);
    release(r);
}

void embeddings_driver::pause(const shared_call& r, std::int64_t wait_ms) {
    r->timer = seams_.executor.run_at(seams_.clock.elapsed() + milliseconds(wait_ms), [this, r] {
        r->timer = 0;
        follow(r, calls::resume(r->plan.call, seams_.breakers, seams_.clock.elapsed()));
    });
}

/// The next attempt's row stands before its first byte leaves.
void embeddings_driver::release(const shared_call& r) {
    auto& call = r->plan.call;
    store::release_calls next{r->order.scope,
                              r->fence(seams_.store.self().id),
                              calls::take_finished(call),
                              {calls::release(call, seams_.clock.now())},
                              seams_.clock.now()};
    commit(std::move(next), [this, r](result<store::release_calls::outcome> outcome) {
        auto& released = r->plan.call;
        if (outcome && !outcome->fenced_off) {
            calls::mark_stored(released);
            return attempt(r);
        }
        calls::abandon(released, seams_.breakers, seams_.clock.elapsed());
        released.attempts.pop_back();  // it was never made
        calls::take_back(released);
        if (outcome) return end(r, fail(errc::conflict, "the call was closed while it ran"));
        give_up(r, std::move(outcome).error());
    });
}

// --- The end ------------------------------------------------------------------------------------

void embeddings_driver::settle(const shared_call& r) {
    if (!r->bill)
        r->bill = messaging::settle(r->order, r->plan, r->fence(seams_.store.self().id), seams_.ids,
                                    seams_.clock.now());
    commit(r->bill->command, [this, r](auto outcome) { on_settled(r, std::move(outcome)); });
}

void embeddings_driver::on_settled(const shared_call& r,
                                   result<store::settle_embedding::outcome> outcome) {
    if (outcome && !outcome->fenced_off) return end(r, std::move(r->bill->given));
    if (outcome) {
        commit(store::record_late_calls{r->order.scope, r->plan.id, 1, r->bill->command.finished,
                                        seams_.clock.now()},
               [this, r](const auto&) {
                   end(r, fail(errc::conflict, "the call was closed while it ran")
                              .with("executed", true));
               });
        return;
    }
    if (++r->writes >= writes_max || closed_)
        return end(r, std::move(outcome).error().with("executed", true));
    r->timer = seams_.executor.run_at(
        seams_.clock.elapsed() + milliseconds(write_retry_ms << r->writes), [this, r] {
            r->timer = 0;
            settle(r);
        });
}

/// Bills nothing and releases the hold. The caller hears why, whether that could be written or not.
void embeddings_driver::give_up(const shared_call& r, const error& e) {
    const bool is_final = e.code == errc::provider_rejected;
    commit(store::fail_send{r->order.scope, r->fence(seams_.store.self().id),
                            is_final ? send_state::failed_final : send_state::failed_retryable,
                            messaging::print_error(e), calls::take_finished(r->plan.call),
                            seams_.clock.now()},
           [this, r, e](const auto&) { end(r, e); });
}

void embeddings_driver::end(const shared_call& r, result<embeddings> outcome) {
    if (std::exchange(r->ended, true)) return;
    calls_.erase(r->id);
    if (!outcome && outcome.error().request_id.empty())
        outcome.error().request_id = r->order.request.str();
    r->done(std::move(outcome));
    if (!calls_.empty()) return;
    for (auto& done : std::exchange(when_empty_, {})) seams_.executor.post(std::move(done));
}

}  // namespace conclave::runtime
