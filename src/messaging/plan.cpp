// Chooses routes, prices and prompt of a send.
#include "messaging/plan.hpp"

#include "base/limits.hpp"
#include "messaging/rounds.hpp"
#include "metering/price.hpp"
#include "model/turn.hpp"

#include <algorithm>
#include <utility>

namespace conclave::messaging {

result<void> check_session(const send_order& order, const store::turn_basis& basis) {
    if (!basis.session)
        return fail(errc::resource_not_found, "the session was not found")
            .with("session_id", order.session.str());
    if (*basis.session != session_status::active)
        return fail(errc::session_closed, "the session is closed and takes no messages")
            .with("session_id", order.session.str());
    if (!basis.agent)
        return fail(errc::agent_not_found, "the agent of the session was not found")
            .with("agent_id", basis.agent_id.str());
    return {};
}

namespace {

bool has_tools(const std::vector<provider_request::turn>& turns) {
    return std::any_of(turns.begin(), turns.end(), [](const auto& turn) {
        return turn.role == message_role::tool || !turn.tool_calls.empty();
    });
}

}  // namespace

result<std::shared_ptr<provider_request>> build_request(const send_order& order,
                                                        store::turn_basis& basis,
                                                        const configuration& config) {
    const auto& agent = *basis.agent;
    auto tools = define_tools(agent, config);
    if (!tools) return std::move(tools).error();
    if (order.role == message_role::tool)
        if (auto ok = check_answers(order.tool_results, basis.history); !ok) return ok.error();
    auto r = std::make_shared<provider_request>();
    r->instructions = agent.instructions;
    r->turns = std::exchange(basis.history, {});
    if (order.role == message_role::tool)
        for (const auto& t : order.tool_results)
            r->turns.push_back({order.role, t.content, {}, t.tool_call_id});
    else
        r->turns.push_back({order.role, order.content, {}, {}, order.parts});
    if (has_tools(r->turns)) drop_loose_ends(r->turns);
    r->temperature = order.overrides.temperature ? order.overrides.temperature : agent.temperature;
    r->max_tokens = order.overrides.max_tokens ? order.overrides.max_tokens : agent.max_tokens;
    r->tools = *std::move(tools);
    r->output_schema = order.output_schema;
    return r;
}

namespace {

/// The hold stands until T2, so it covers the rounds that tools, or an answer that does not fit,
/// may make necessary.
void set_hold(send_plan& plan, const agent& a) {
    const bool may_go_on =
        std::any_of(a.tools.begin(), a.tools.end(), [](const auto& t) { return t.registered; });
    for (const auto& route : plan.call.routes) plan.hold = std::max(plan.hold, route.exposure);
    const auto one_round = plan.hold;
    auto more_rounds = may_go_on ? limits::tool_rounds : 0;
    if (!plan.request->output_schema.empty()) ++more_rounds;
    for (; more_rounds > 0; --more_rounds) plan.hold += one_round;
}

result<void> add_route(calls::paid_call& call, const std::string& text, std::string_view field,
                       const send_order& order, const store::turn_basis& basis,
                       const configuration& config, timestamp now) {
    auto planned = plan_route(text, field, basis.agent->policy, config, now);
    if (!planned) return std::move(planned).error();
    if (call.routes.empty() && order.overrides.model) {
        planned->target.model = *order.overrides.model;
        planned->price.reset();
        if (const auto* price =
                config.prices.find(planned->target.provider, planned->target.model, now))
            planned->price = *price;
    }
    call.routes.push_back(*std::move(planned));
    return {};
}

result<void> add_fallback(send_plan& plan, const std::string& text, const send_order& order,
                          const store::turn_basis& basis, const configuration& config,
                          timestamp now) {
    auto parsed = parse_route(text, "fallbacks");
    if (!parsed) return std::move(parsed).error();
    if (!plan.fallback) plan.fallback = parsed->provider;
    if (config.providers.contains(parsed->provider))
        return add_route(plan.call, text, "fallbacks", order, basis, config, now);
    plan.unregistered = std::move(parsed->provider);
    return {};
}

}  // namespace

result<calls::planned_route> plan_route(const std::string& text, std::string_view field,
                                        const policy& agent_policy, const configuration& config,
                                        timestamp now) {
    auto parsed = parse_route(text, field);
    if (!parsed) return std::move(parsed).error();
    const auto provider = config.providers.find(parsed->provider);
    if (provider == config.providers.end())
        return invalid(field, "names a provider that is not registered")
            .with("provider", parsed->provider);
    auto policy = resilience::resolve(config.policy, provider->second.policy, agent_policy);
    if (!policy) return std::move(policy).error();
    calls::planned_route planned{*std::move(parsed), *policy, std::nullopt, {}};
    if (planned.target.model.empty()) planned.target.model = provider->second.default_model;
    if (const auto* price = config.prices.find(planned.target.provider, planned.target.model, now))
        planned.price = *price;
    return planned;
}

result<resilience::resolved_policy> key_policy(const store::turn_basis& basis,
                                               const configuration& config) {
    policy provider;
    policy agent;
    if (basis.agent) {
        agent = basis.agent->policy;
        if (auto primary = parse_route(basis.agent->primary, "primary")) {
            const auto found = config.providers.find(primary->provider);
            if (found != config.providers.end()) provider = found->second.policy;
        }
    }
    return resilience::resolve(config.policy, provider, agent);
}

result<send_plan> plan_send(const send_order& order, store::turn_basis& basis,
                            const configuration& config, timestamp now, instant elapsed) {
    if (auto ok = check_session(order, basis); !ok) return ok.error();
    send_plan plan;
    auto& call = plan.call;
    if (auto ok = add_route(call, basis.agent->primary, "primary", order, basis, config, now); !ok)
        return ok.error();
    if (const auto& first = call.routes.front().target;
        first.model.empty() && config.providers.find(first.provider)->second.needs_model)
        return invalid("primary", "names no model, and its provider has no default_model")
            .with("provider", first.provider);
    for (const auto& text : basis.agent->fallbacks)
        if (auto ok = add_fallback(plan, text, order, basis, config, now); !ok) return ok.error();
    plan.policy = call.routes.front().policy;
    call.deadline = elapsed + std::chrono::milliseconds(plan.policy.total_timeout_ms);
    auto request = build_request(order, basis, config);
    if (!request) return std::move(request).error();
    plan.request = *std::move(request);
    if (auto ok = set_exposure(plan); !ok) return ok.error();
    set_hold(plan, *basis.agent);
    return plan;
}

result<void> set_exposure(send_plan& plan) {
    plan.prompt_bytes = bytes_of(*plan.request);
    for (auto& route : plan.call.routes) {
        if (!route.price) continue;
        auto worst =
            metering::worst_case(route.price->price, plan.prompt_bytes, plan.request->max_tokens);
        if (!worst) return std::move(worst).error();
        route.exposure = *worst;
    }
    return {};
}

}  // namespace conclave::messaging
