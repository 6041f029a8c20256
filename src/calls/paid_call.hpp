// One paid call: its attempts over routes, and what follows each of them. Decisions only.
#pragma once

#include <conclave/money.hpp>

#include "base/clock.hpp"
#include "calls/breaker_board.hpp"
#include "metering/price_book.hpp"
#include "model/call.hpp"
#include "model/route.hpp"
#include "model/send.hpp"
#include "resilience/resolved_policy.hpp"
#include "store/sends.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace conclave::calls {

/// A route with everything that was fixed for it when the call began.
struct planned_route {
    route target;
    resilience::resolved_policy policy;
    std::optional<metering::price_entry> price;  ///< absent: unpriced
    money exposure;                              ///< what one attempt may cost at worst
};

/// How far the result of an attempt has come on its way into the store.
enum class keeping {
    none,
    handed_over,  ///< to a transaction that is not known to stand
    stored,
};

/// One attempt of the call and, later, its result.
struct attempt {
    attempt_key key;
    std::size_t route = 0;  ///< index into paid_call::routes
    timestamp started_at{};
    std::optional<call_result> result;
    timestamp finished_at{};
    keeping kept = keeping::none;
    bool settled_cut = false;  ///< cut on request, and billed as far as it came
};

/// The state of a paid call. One seat of one stage; a plain send has exactly one.
struct paid_call {
    std::vector<planned_route> routes;  ///< primary first
    attempt_key position;               ///< stage, seat, round; `attempt` is the next number
    instant deadline{};                 ///< the policy's total deadline

    std::size_t route = 0;   ///< the one in turn
    std::int64_t tries = 0;  ///< on that route
    std::vector<attempt> attempts;
    std::vector<std::size_t> skipped;   ///< routes passed over because their circuit is open
    std::optional<instant> opens_at;    ///< the first of those circuits
    std::optional<admission> admitted;  ///< for the attempt released or in flight
    std::int64_t try_budget = 0;        ///< attempts left in all (limits::attempts_per_send)
};

/// What follows.
struct attempt_now {};
struct attempt_later {
    std::int64_t wait_ms = 0;
};
struct answered {};
enum class call_failure {
    rejected,     ///< every route said a definite no
    exhausted,    ///< no route is left
    in_doubt,     ///< an attempt may have been executed and policy forbids another
    deadline,     ///< the total deadline has passed
    interrupted,  ///< an answer broke off after somebody saw part of it
};
struct gave_up {
    call_failure why = call_failure::exhausted;
};
using next_step = std::variant<attempt_now, attempt_later, answered, gave_up>;

/// Chooses the first route whose circuit lets a call pass and takes its admission.
next_step begin(paid_call& call, breaker_board& breakers, instant now);

/// Makes the row of the attempt that now leaves. Only after attempt_now.
store::released_attempt release(paid_call& call, timestamp now);
/// The attempt as `release` gave it.
store::released_attempt as_released(const paid_call& call, const attempt& a);

/// Takes the result of the attempt in flight and decides what follows. `random` feeds jitter.
next_step take_result(paid_call& call, call_result result, breaker_board& breakers, timestamp now,
                      instant elapsed, std::uint64_t random);

/// After an answer that asks for tools: the next round, at the route that gave it.
next_step begin_round(paid_call& call, breaker_board& breakers, instant now);

/// Before `begin`, or in its place where tools come first: `round` is where an earlier run was
/// left, and `target` what answered it there, to go on at if it is still among the routes.
void go_on_at(paid_call& call, std::int64_t round, const route& target);

/// After the wait of attempt_later: asks the breaker again.
next_step resume(paid_call& call, breaker_board& breakers, instant now);

/// Gives the admission back when the attempt will not be made after all.
void abandon(paid_call& call, breaker_board& breakers, instant now);

/// The results that no transaction has yet, costed; marks them as handed over.
std::vector<store::finished_attempt> take_finished(paid_call& call);
/// The transaction that was handed results stands, or came to nothing: the next one takes them.
void mark_stored(paid_call& call);
void take_back(paid_call& call);

/// What the call is billed for, costed: its answers, and an attempt that was settled cut. With the
/// route of each.
struct billable_attempt {
    std::size_t route = 0;
    store::finished_attempt finished;
};
std::vector<billable_attempt> list_billable(const paid_call& call);

/// What all attempts cost so far, the worst case for those that may have been executed.
money sum_costs(const paid_call& call);

/// How long the attempt in turn may take: its own timeout, cut by the total deadline.
std::int64_t attempt_timeout_ms(const paid_call& call, instant now);

/// All tries at one route, for the reply.
std::vector<attempt_summary> summarize(const paid_call& call);

/// Rounds of tokens that nobody reported: four bytes to a token, at least one. Marked `estimated`.
token_usage estimate_tokens(std::size_t prompt_bytes, std::size_t answer_bytes);

}  // namespace conclave::calls
