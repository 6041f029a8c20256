// Builds the bill and the reply.
#include "messaging/settlement.hpp"

#include "messaging/reply_document.hpp"
#include "metering/price.hpp"

namespace conclave::messaging {

namespace {

store::usage_line bill(const calls::planned_route& route, const call_result& result,
                       const store::finished_attempt& finished, id_source& ids) {
    store::usage_line line;
    line.id = ids.usage();
    line.provider = route.target.provider;
    // Billed under the model that was asked for: providers answer with dated names.
    line.model = route.target.model.empty() ? result.model : route.target.model;
    line.tokens = *result.usage;
    line.cost = finished.cost;
    line.estimated = result.usage_estimated;
    if (route.price) line.price = route.price->id;
    return line;
}

reply_metadata describe(const send_order& order, const send_plan& plan, const agent_id& agent,
                        const calls::planned_route& route, const call_result& result,
                        const store::usage_line& line) {
    const auto& routes = plan.call.routes;
    reply_metadata m;
    m.agent_id = agent;
    m.provider_used = route.target.provider;
    m.model_used = result.model.empty() ? route.target.model : result.model;
    m.primary_attempted = routes.front().target.provider;
    m.fallback_attempted = plan.fallback;
    m.fallback_used = plan.call.attempts.back().route != 0;
    if (m.fallback_used) m.fallback_attempted = route.target.provider;
    m.attempts = calls::summarize(plan.call);
    m.usage.tokens = line.tokens;
    m.usage.cost = line.cost;
    m.usage.unpriced = !line.cost;
    m.usage.estimated = line.estimated;
    if (route.price) m.usage.usd_per_1k_tokens = metering::usd_per_1k_tokens(route.price->price);
    m.finish_reason = result.finish;
    m.idempotency_key = order.key_text;
    m.request_id = order.request;
    return m;
}

}  // namespace

void complete_usage(call_result& result, std::size_t prompt_bytes) {
    if (result.usage) return;
    result.usage = calls::estimate_tokens(prompt_bytes, result.text.size());
    result.usage_estimated = true;
}

settlement settle(const send_order& order, send_plan& plan, const store::claim_send::claimed& claim,
                  const agent_id& agent, const std::string& owner, id_source& ids, timestamp now) {
    const auto& last = plan.call.attempts.back();
    const auto& route = plan.call.routes[last.route];
    const auto& result = *last.result;

    store::settle_send t2{order.scope,
                          {order.key, claim.send, owner, claim.epoch},
                          order.session,
                          agent,
                          claim.user_seq,
                          plan.hold,
                          claim.first_attempt > 0 || plan.call.attempts.size() > 1,
                          calls::take_finished(plan.call),
                          ids.message(),
                          result.text,
                          last.settled_cut ? message_status::aborted : message_status::complete,
                          {},
                          {},
                          now};
    t2.lines.push_back(bill(route, result, t2.finished.back(), ids));
    auto metadata = describe(order, plan, agent, route, result, t2.lines.front());
    t2.reply_metadata = print_metadata(metadata);

    message m;
    m.id = t2.reply_message;
    m.session_id = order.session;
    m.role = message_role::assistant;
    m.status = t2.status;
    m.content = result.text;
    m.created_at = now;
    auto reply = make_reply(std::move(m), std::move(metadata), t2.reply_metadata);
    return {std::move(t2), std::move(reply)};
}

}  // namespace conclave::messaging
