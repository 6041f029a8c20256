// Builds the bill and the reply.
#include "messaging/settlement.hpp"

#include "messaging/reply_document.hpp"
#include "metering/price.hpp"

#include <algorithm>
#include <utility>

namespace conclave::messaging {

namespace {

std::string billed_model(const calls::planned_route& route, const call_result& result) {
    // Billed under the model that was asked for: providers answer with dated names.
    return route.target.model.empty() ? result.model : route.target.model;
}

}  // namespace

void bill(std::vector<store::usage_line>& lines, store::usage_line answer, id_source& ids) {
    const auto same = std::find_if(lines.begin(), lines.end(), [&](const auto& l) {
        return l.provider == answer.provider && l.model == answer.model;
    });
    if (same == lines.end()) {
        answer.id = ids.usage();
        lines.push_back(std::move(answer));
        return;
    }
    same->tokens += answer.tokens;
    same->estimated = same->estimated || answer.estimated;
    same->cost_reported = same->cost_reported || answer.cost_reported;
    // Runs at different times may have one answer with a price and one without.
    if (answer.cost) same->cost = same->cost.value_or(money()) + *answer.cost;
    if (!same->price) same->price = answer.price;
}

store::usage_line line_of(const calls::planned_route& route,
                          const store::finished_attempt& finished) {
    store::usage_line line;
    line.provider = route.target.provider;
    line.model = billed_model(route, finished.result);
    line.tokens = *finished.result.usage;
    line.cost = finished.cost;
    line.estimated = finished.result.usage_estimated;
    line.cost_reported = finished.basis == store::cost_basis::reported;
    if (route.price) line.price = route.price->id;
    return line;
}

reply_usage sum_up(const std::vector<store::usage_line>& lines) {
    reply_usage u;
    u.cost = money();
    for (const auto& line : lines) {
        u.tokens += line.tokens;
        u.estimated = u.estimated || line.estimated;
        u.cost_reported = u.cost_reported || line.cost_reported;
        if (u.cost && line.cost)
            *u.cost += *line.cost;
        else
            u.cost.reset();
    }
    u.unpriced = !u.cost;
    return u;
}

namespace {

reply_metadata describe(const send_order& order, const send_plan& plan, const agent_id& agent,
                        const calls::planned_route& route, const call_result& result,
                        const std::vector<store::usage_line>& lines) {
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
    m.usage = sum_up(lines);
    if (route.price && lines.size() == 1 && lines.front().price == route.price->id &&
        !m.usage.cost_reported)
        m.usage.usd_per_1k_tokens = metering::usd_per_1k_tokens(route.price->price);
    m.finish_reason = result.finish;
    m.tool_calls = result.tool_calls;
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

namespace {

/// The call that T1 released, while all that the store knows of it is that it may run.
std::optional<store::released_attempt> open_call(const send_plan& plan,
                                                 const store::claim_send::claimed& claim) {
    const auto& first = plan.call.attempts.front();
    if (claim.epoch > 1 || first.kept != calls::keeping::none) return std::nullopt;
    return calls::as_released(plan.call, first);
}

}  // namespace

settlement settle(const send_order& order, send_plan& plan, send_rounds& rounds,
                  const store::claim_send::claimed& claim, const store::turn_basis& basis,
                  const std::string& owner, id_source& ids, timestamp now) {
    const auto& last = plan.call.attempts.back();
    const auto& route = plan.call.routes[last.route];
    const auto& result = *last.result;

    auto text = rounds.text + result.text;
    for (const auto& call : result.tool_calls) rounds.steps.push_back(show_call(call, text.size()));
    auto open = open_call(plan, claim);  // as it lies before it is handed over
    store::settle_send t2{order.scope,
                          {order.key, claim.send, owner, claim.epoch, claim.row},
                          order.session,
                          basis.agent_id,
                          claim.user_seq,
                          plan.hold,
                          claim.first_attempt > 0 || plan.call.attempts.size() > 1,
                          calls::take_finished(plan.call),
                          ids.message(),
                          std::move(text),
                          last.settled_cut ? message_status::aborted : message_status::complete,
                          {},
                          {},
                          now,
                          result.tool_calls,
                          print_steps(rounds.steps)};
    t2.open = std::move(open);
    if (basis.active_days) t2.books = {claim.session, *basis.active_days};
    for (auto& line : rounds.reused) bill(t2.lines, line, ids);
    for (const auto& b : calls::list_billable(plan.call))
        bill(t2.lines, line_of(plan.call.routes[b.route], b.finished), ids);
    auto metadata = describe(order, plan, basis.agent_id, route, result, t2.lines);
    metadata.sources = rounds.sources;
    metadata.output = rounds.output;
    t2.reply_metadata = print_metadata(metadata);

    message m;
    m.id = t2.reply_message;
    m.session_id = order.session;
    m.role = message_role::assistant;
    m.status = t2.status;
    m.content = t2.content;
    m.tool_calls = result.tool_calls;
    m.created_at = now;
    auto reply = make_reply(std::move(m), std::move(metadata), t2.reply_metadata);
    return {store::share(std::move(t2)), std::move(reply)};
}

}  // namespace conclave::messaging
