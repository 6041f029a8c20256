// Retry, fallback, breaker and deadline of one paid call.
#include "calls/paid_call.hpp"

#include "base/limits.hpp"
#include "base/planted_bug.hpp"
#include "metering/price.hpp"
#include "resilience/retry.hpp"

#include <algorithm>
#include <utility>

namespace conclave::calls {

namespace {

const planned_route& current(const paid_call& call) { return call.routes[call.route]; }

/// Why the call ends when no route is left: a definite no from every one of them is final.
call_failure reason_to_stop(const paid_call& call) {
    if (!call.skipped.empty()) return call_failure::exhausted;
    for (std::size_t r = 0; r < call.routes.size(); ++r) {
        const auto last = std::find_if(call.attempts.rbegin(), call.attempts.rend(),
                                       [&](const attempt& a) { return a.route == r; });
        if (last == call.attempts.rend() || !last->result ||
            last->result->outcome != call_class::final)
            return call_failure::exhausted;
    }
    return call_failure::rejected;
}

void skip(paid_call& call, const breaker_board& breakers) {
    call.skipped.push_back(call.route);
    const auto opens_at = breakers.opens_until(current(call).target);
    if (opens_at) call.opens_at = std::min(*opens_at, call.opens_at.value_or(*opens_at));
}

/// From the route in turn on, the first whose circuit lets the call pass.
next_step admit_from_here(paid_call& call, breaker_board& breakers, instant now) {
    if (now >= call.deadline) return gave_up{call_failure::deadline};
    if (call.try_budget <= 0) return gave_up{call_failure::exhausted};
    for (; call.route < call.routes.size(); ++call.route, call.tries = 0) {
        call.admitted = breakers.admit(current(call).target, now);
        if (call.admitted) return attempt_now{};
        skip(call, breakers);
    }
    return gave_up{reason_to_stop(call)};
}

next_step fall_back(paid_call& call, breaker_board& breakers, instant now) {
    ++call.route;
    call.tries = 0;
    return admit_from_here(call, breakers, now);
}

/// The class decides whether this route may be tried again; SEMANTICS, attempt classes.
bool may_retry_route(const paid_call& call, call_class outcome) {
    return outcome != call_class::final && call.tries <= current(call).policy.retries &&
           call.try_budget > 0;
}

/// What is stored of a result: the text of an answer goes into the message, that of a partial one
/// and all that a council's seats say stays with the attempt.
call_result as_stored(const attempt_key& key, const call_result& r) {
    const bool is_message = key.stage == attempt_key{}.stage;
    call_result stored;
    stored.outcome = r.outcome;
    stored.error = r.error;
    stored.http_status = r.http_status;
    if (r.outcome == call_class::partial || !is_message) stored.text = r.text;
    stored.finish = r.finish;
    stored.model = r.model;
    stored.usage = r.usage;
    stored.usage_estimated = r.usage_estimated;
    stored.cache_write_1h = r.cache_write_1h;
    stored.service_tier = r.service_tier;
    stored.told_cost_nano_usd = r.told_cost_nano_usd;
    stored.provider_code = r.provider_code;
    stored.provider_message = r.provider_message;
    stored.retry_after_ms = r.retry_after_ms;
    stored.latency_ms = r.latency_ms;
    stored.text_shown = r.text_shown;
    return stored;
}

/// What the provider itself reported comes before what a price gives. A call that the price cannot
/// tell, as one in an unknown service tier, is unpriced.
void count_cost(store::finished_attempt& f, const planned_route& route) {
    const auto& r = f.result;
    f.basis = store::cost_basis::unpriced;
    if (r.told_cost_nano_usd) {
        f.cost = money::from_nano_usd(*r.told_cost_nano_usd);
        f.basis = store::cost_basis::reported;
    } else if (route.price) {
        const auto cost =
            metering::cost(route.price->price, *r.usage, {r.cache_write_1h, r.service_tier});
        if (!cost) return;
        f.cost = *cost;
        f.basis = r.usage_estimated ? store::cost_basis::estimated : store::cost_basis::known;
    }
}

store::finished_attempt costed(const planned_route& route, const attempt& a) {
    store::finished_attempt f{a.key,         as_stored(a.key, *a.result),
                              std::nullopt,  store::cost_basis::none,
                              a.finished_at, a.settled_cut};
    // What a stream gave before it broke was generated, and its tokens are told or estimated.
    const bool is_counted = a.result->outcome == call_class::ok || a.settled_cut ||
                            (a.result->outcome == call_class::partial && a.result->usage);
    if (is_counted) {
        count_cost(f, route);
    } else if (possibly_executed(a.result->outcome)) {
        f.basis = store::cost_basis::exposure;
        if (route.price) f.cost = route.exposure;
    } else {
        f.cost = money();
    }
    return f;
}

}  // namespace

next_step begin(paid_call& call, breaker_board& breakers, instant now) {
    call.try_budget = limits::attempts_per_send;
    return admit_from_here(call, breakers, now);
}

store::released_attempt release(paid_call& call, timestamp now) {
    call.attempts.push_back({call.position, call.route, now, std::nullopt, {}});
    ++call.position.attempt;
    ++call.tries;
    --call.try_budget;
    return as_released(call, call.attempts.back());
}

store::released_attempt as_released(const paid_call& call, const attempt& a) {
    const auto& planned = call.routes[a.route];
    store::released_attempt row{a.key, planned.target, std::nullopt, a.started_at, {}};
    if (planned.price) row.price = planned.price->id;
    return row;
}

next_step take_result(paid_call& call, call_result result, breaker_board& breakers, timestamp now,
                      instant elapsed, std::uint64_t random) {
    if (call.admitted) breakers.report(*call.admitted, breaker_verdict(result), elapsed);
    call.admitted.reset();
    auto& a = call.attempts.back();
    a.result = std::move(result);
    a.finished_at = now;
    const auto outcome = a.result->outcome;
    if (outcome == call_class::ok) return answered{};

    const auto& policy = current(call).policy;
    if (possibly_executed(outcome) && policy.on_ambiguous == ambiguous_policy::stop)
        return gave_up{call_failure::in_doubt};
    if (outcome == call_class::partial && a.result->text_shown &&
        !planted(planted_bug::shown_text_repeated))
        return gave_up{call_failure::interrupted};
    if (!may_retry_route(call, outcome)) return fall_back(call, breakers, elapsed);

    const auto wait_ms =
        resilience::retry_wait_ms(policy, call.tries, a.result->retry_after_ms, random);
    if (!wait_ms) return fall_back(call, breakers, elapsed);
    if (elapsed + std::chrono::milliseconds(*wait_ms) >= call.deadline) {
        // Waiting here would outlive the call; another route may still answer in time.
        return fall_back(call, breakers, elapsed);
    }
    return attempt_later{*wait_ms};
}

next_step begin_round(paid_call& call, breaker_board& breakers, instant now) {
    ++call.position.round;
    call.tries = 0;
    return admit_from_here(call, breakers, now);
}

void go_on_at(paid_call& call, std::int64_t round, const route& target) {
    call.position.round = round;
    call.try_budget = limits::attempts_per_send;
    const auto found = std::find_if(call.routes.begin(), call.routes.end(), [&](const auto& r) {
        return r.target.provider == target.provider &&
               (r.target.model.empty() || r.target.model == target.model);
    });
    if (found != call.routes.end())
        call.route = static_cast<std::size_t>(found - call.routes.begin());
}

std::vector<billable_attempt> list_billable(const paid_call& call) {
    std::vector<billable_attempt> list;
    for (const auto& a : call.attempts)
        if (a.result && (a.result->outcome == call_class::ok || a.settled_cut))
            list.push_back({a.route, costed(call.routes[a.route], a)});
    return list;
}

money sum_costs(const paid_call& call) {
    money sum;
    for (const auto& a : call.attempts)
        if (a.result) sum += costed(call.routes[a.route], a).cost.value_or(money());
    return sum;
}

next_step resume(paid_call& call, breaker_board& breakers, instant now) {
    return admit_from_here(call, breakers, now);
}

void abandon(paid_call& call, breaker_board& breakers, instant now) {
    if (call.admitted) breakers.report(*call.admitted, resilience::call_outcome::abandoned, now);
    call.admitted.reset();
}

std::vector<store::finished_attempt> take_finished(paid_call& call) {
    std::vector<store::finished_attempt> finished;
    for (auto& a : call.attempts) {
        if (!a.result || a.kept != keeping::none) continue;
        a.kept = keeping::handed_over;
        finished.push_back(costed(call.routes[a.route], a));
    }
    return finished;
}

void mark_stored(paid_call& call) {
    for (auto& a : call.attempts)
        if (a.kept == keeping::handed_over) a.kept = keeping::stored;
}

void take_back(paid_call& call) {
    for (auto& a : call.attempts)
        if (a.kept == keeping::handed_over) a.kept = keeping::none;
}

std::int64_t attempt_timeout_ms(const paid_call& call, instant now) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(call.deadline - now).count();
    return std::clamp<std::int64_t>(left, 1, current(call).policy.attempt_timeout_ms);
}

std::vector<attempt_summary> summarize(const paid_call& call) {
    std::vector<attempt_summary> list;
    for (std::size_t r = 0; r < call.routes.size(); ++r) {
        const auto& target = call.routes[r].target;
        attempt_summary s;
        s.provider = target.provider;
        s.model = target.model;
        std::int64_t tries = 0;
        std::int64_t retries = 0;
        std::int64_t round = -1;
        for (const auto& a : call.attempts) {
            if (a.route != r || !a.result) continue;
            ++tries;
            // The first try of a round is none that had failed before.
            if (std::exchange(round, a.key.round) == a.key.round) ++retries;
            const auto& result = *a.result;
            s.success = result.outcome == call_class::ok;
            s.attempt_class = to_string(result.outcome);
            s.http_status.reset();
            if (result.http_status != 0) s.http_status = result.http_status;
            s.latency_ms = result.latency_ms;
            s.error_code.reset();
            if (result.error != attempt_error::none) s.error_code = to_string(result.error);
            if (!result.model.empty()) s.model = result.model;
        }
        if (tries == 0) {
            if (std::find(call.skipped.begin(), call.skipped.end(), r) == call.skipped.end())
                continue;
            s.attempt_class = to_string(call_class::not_sent);
            s.error_code = to_string(attempt_error::circuit_open);
        }
        s.retries = retries;
        list.push_back(std::move(s));
    }
    return list;
}

token_usage estimate_tokens(std::size_t prompt_bytes, std::size_t answer_bytes) {
    const auto tokens = [](std::size_t bytes) {
        return static_cast<std::int64_t>(std::max<std::size_t>(1, (bytes + 3) / 4));
    };
    token_usage usage;
    usage.input = tokens(prompt_bytes);
    usage.output = tokens(answer_bytes);
    return usage;
}

}  // namespace conclave::calls
