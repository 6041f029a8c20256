// Turns a send and the state it was read with into the call to make.
#pragma once

#include <conclave/money.hpp>
#include <conclave/provider.hpp>
#include <conclave/result.hpp>

#include "calls/paid_call.hpp"
#include "messaging/configuration.hpp"
#include "messaging/order.hpp"
#include "store/sends.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace conclave::messaging {

/// Everything that is fixed before T1.
struct send_plan {
    calls::paid_call call;
    std::shared_ptr<provider_request> request;  ///< its model is set per route
    std::size_t round_turns = 0;                ///< at its end: of the rounds since the question
    std::size_t prompt_bytes = 0;
    money hold;  ///< the worst case of one attempt at the dearest route, in each round
    resilience::resolved_policy policy;         ///< of the primary route
    std::optional<std::string> fallback{};      ///< the provider of the first one configured
    std::optional<std::string> unregistered{};  ///< a fallback's that is not there to be tried
};

/// The policy that decides about the key itself: agent over primary provider over gateway.
result<resilience::resolved_policy> key_policy(const store::turn_basis& basis,
                                               const configuration& config);

/// SESSION_CLOSED, RESOURCE_NOT_FOUND, AGENT_NOT_FOUND.
result<void> check_session(const send_order& order, const store::turn_basis& basis);

/// The prompt; takes the history out of `basis`.
result<std::shared_ptr<provider_request>> build_request(const send_order& order,
                                                        store::turn_basis& basis,
                                                        const configuration& config);

/// One route with everything that is fixed for it: registered, with policy and price. Errors are
/// VALIDATION_ERROR naming `field`.
result<calls::planned_route> plan_route(const std::string& text, std::string_view field,
                                        const policy& agent_policy, const configuration& config,
                                        timestamp now);

/// Takes the history out of `basis`, for the prompt. Errors: RESOURCE_NOT_FOUND, SESSION_CLOSED,
/// AGENT_NOT_FOUND, VALIDATION_ERROR naming the primary whose provider is not registered. A
/// fallback whose provider is not registered is left out: the primary may well answer. A tool that
/// is not registered is VALIDATION_ERROR, and so are results of tools that nobody asked for.
result<send_plan> plan_send(const send_order& order, store::turn_basis& basis,
                            const configuration& config, timestamp now, instant elapsed);

/// What one attempt may cost with the prompt as it is now.
result<void> set_exposure(send_plan& plan);

}  // namespace conclave::messaging
