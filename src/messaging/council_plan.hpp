// Turns a send of a council and the state it was read with into a deliberation.
#pragma once

#include <conclave/result.hpp>

#include "calls/paid_call.hpp"
#include "council/deliberation.hpp"
#include "messaging/configuration.hpp"
#include "messaging/order.hpp"
#include "messaging/plan.hpp"
#include "store/sends.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace conclave::messaging {

struct council_plan {
    council::deliberation machine;
    store::council_basis basis;
    std::vector<calls::planned_route> routes;  ///< by seat
    /// The next number of an attempt, where earlier runs made some.
    std::map<std::pair<council::stage, std::size_t>, std::int64_t> next_attempt;
    std::vector<store::stored_council_call> earlier;  ///< calls of other runs
    /// Some of which may have run, without an answer, and nobody has allowed to repeat them.
    bool has_earlier_doubts = false;
};

/// Whether a send is a council's: its own, its agent's, or one that earlier runs began.
bool is_council(const send_order& order, const store::prepare_send::answer& state);

/// The plan without routes, whose request is the question. Errors as of plan_send, and
/// VALIDATION_ERROR for what a council does not offer.
result<send_plan> plan_question(const send_order& order, store::turn_basis& basis,
                                const configuration& config, instant elapsed);

/// What is deliberated, taken up where earlier runs left it. VALIDATION_ERROR naming the member
/// whose provider is not registered, BUDGET_EXCEEDED.
result<council_plan> plan_council(const send_order& order, const send_plan& plan, const agent& a,
                                  store::prepare_send::answer& state, const send_id& send,
                                  const configuration& config, timestamp now);

/// Seats that will often be cut, by what is known of their models.
std::vector<council_warning> warn_of_slow_seats(const council_options& options,
                                                const configuration& config,
                                                const council::latency_book& latencies);

/// The same of all models that councils have asked lately, for who looks after the process.
std::vector<std::string> tell_slow_routes(const council::latency_book& latencies);

}  // namespace conclave::messaging
