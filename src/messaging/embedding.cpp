// Plans and settles calls for vectors.
#include "messaging/embedding.hpp"

#include "base/field.hpp"
#include "base/limits.hpp"
#include "crypto/sha256.hpp"
#include "messaging/plan.hpp"
#include "metering/price.hpp"

#include <utility>

namespace conclave::messaging {
namespace {

result<void> check_inputs(const std::vector<std::string>& inputs) {
    if (inputs.empty() || inputs.size() > limits::embeddings_inputs)
        return invalid("inputs", "must be 1 to 2048 texts");
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (auto ok = check_text("inputs[" + std::to_string(i) + "]", inputs[i],
                                 {.min_bytes = 1,
                                  .max_bytes = limits::content_bytes,
                                  .controls = control_characters::all_but_nul,
                                  .too_long = errc::payload_too_large});
            !ok)
            return ok;
        bytes += inputs[i].size();
    }
    if (bytes > limits::embeddings_bytes) return too_large("inputs", limits::embeddings_bytes);
    return {};
}

std::size_t bytes_of(const std::vector<std::string>& inputs) {
    std::size_t bytes = 0;
    for (const auto& input : inputs) bytes += input.size();
    return bytes;
}

result<void> check_terms(const calls::planned_route& route, const configuration& config) {
    const auto& terms = config.providers.find(route.target.provider)->second;
    if (terms.vectors == vector_support::none)
        return invalid("route", "names a provider that gives no vectors")
            .with("provider", route.target.provider);
    if (terms.vectors == vector_support::of_models && route.target.model.empty())
        return invalid("route", "names no model, and its provider has no default");
    return {};
}

}  // namespace

result<embedding_order> validate(tenant_scope scope, embeddings_request request) {
    if (auto ok = check_inputs(request.inputs); !ok) return ok.error();
    if (request.dimensions)
        if (auto ok = check_range("dimensions", *request.dimensions, 1, limits::vector_dimensions);
            !ok)
            return ok.error();
    if (request.deadline_ms)
        if (auto ok = check_range("deadline_ms", *request.deadline_ms, 1, limits::policy_time_ms);
            !ok)
            return ok.error();
    if (auto ok = check_request_id(request.request_id.str()); !ok) return ok.error();
    return embedding_order{std::move(scope),          std::move(request.route),
                           std::move(request.inputs), request.dimensions,
                           request.deadline_ms,       std::move(request.request_id)};
}

result<embedding_plan> plan_embedding(const embedding_order& order, const configuration& config,
                                      id_source& ids, timestamp now, instant elapsed) {
    auto route = plan_route(order.route, "route", {}, config, now);
    if (!route) return std::move(route).error();
    if (auto ok = check_terms(*route, config); !ok) return ok.error();
    embedding_plan plan;
    plan.bytes = bytes_of(order.inputs);
    if (route->price) {
        auto worst = metering::worst_case(route->price->price, plan.bytes, 0);
        if (!worst) return std::move(worst).error();
        route->exposure = *worst;
    }
    plan.id = ids.send();
    plan.key = {std::string(embedding_operation), crypto::sha256(plan.id.str())};
    plan.request = std::make_shared<providers::embeddings_request>(
        providers::embeddings_request{route->target.model, order.inputs, order.dimensions});
    auto total_ms = route->policy.total_timeout_ms;
    if (order.deadline_ms) total_ms = std::min(total_ms, *order.deadline_ms);
    plan.call.deadline = elapsed + std::chrono::milliseconds(total_ms);
    plan.call.position.stage = embedding_stage;
    plan.call.routes.push_back(*std::move(route));
    return plan;
}

void complete_usage(call_result& result, const embedding_plan& plan) {
    if (result.usage || result.outcome != call_class::ok) return;
    result.usage = token_usage{.input = calls::estimate_tokens(plan.bytes, 0).input};
    result.usage_estimated = true;
}

embedding_settlement settle(const embedding_order& order, embedding_plan& plan,
                            store::send_fence fence, id_source& ids, timestamp now) {
    const auto& route = plan.call.routes.front();
    auto& answer = *plan.call.attempts.back().result;
    embedding_settlement s{{order.scope, std::move(fence), route.exposure, {}, {}, now}, {}};
    s.given.vectors = std::move(answer.vectors);
    s.command.finished = calls::take_finished(plan.call);
    const auto& finished = s.command.finished.back();

    auto& line = s.command.line;
    line.id = ids.usage();
    line.provider = route.target.provider;
    line.model = route.target.model.empty() ? answer.model : route.target.model;
    line.tokens = *answer.usage;
    line.cost = finished.cost;
    line.estimated = answer.usage_estimated;
    line.cost_reported = finished.basis == store::cost_basis::reported;
    if (route.price) line.price = route.price->id;

    s.given.provider_used = route.target.provider;
    s.given.model_used = answer.model.empty() ? route.target.model : answer.model;
    s.given.request_id = order.request;
    auto& usage = s.given.usage;
    usage.tokens = line.tokens;
    usage.cost = line.cost;
    usage.unpriced = !line.cost;
    usage.estimated = line.estimated;
    usage.cost_reported = line.cost_reported;
    if (route.price && !line.cost_reported)
        usage.usd_per_1k_tokens = metering::usd_per_1k_tokens(route.price->price);
    return s;
}

}  // namespace conclave::messaging
