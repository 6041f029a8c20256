// Builds resolutions.
#include "messaging/resolution.hpp"

#include "base/field.hpp"
#include "base/limits.hpp"
#include "messaging/error_document.hpp"
#include "messaging/reply_document.hpp"
#include "metering/price.hpp"

#include <algorithm>

namespace conclave::messaging {

namespace {

result<std::optional<metering::price>> price_of(const store::released_attempt& attempt,
                                                const std::vector<price_version>& prices) {
    if (!attempt.price) return std::optional<metering::price>();
    const auto version = std::find_if(prices.begin(), prices.end(),
                                      [&](const auto& v) { return v.id == *attempt.price; });
    if (version == prices.end())
        return fail(errc::internal_error, "the price version of an attempt is missing");
    auto price = metering::parse_price(version->usd_per_1k_tokens, version->usd_per_million);
    if (!price) return std::move(price).error();
    return std::optional(*price);
}

reply_metadata describe(const resolve_request& request, const store::send_snapshot& send,
                        const store::released_attempt& last, std::size_t attempts,
                        const store::usage_line& line,
                        const std::optional<metering::price>& price) {
    reply_metadata m;
    m.agent_id = send.agent;
    m.provider_used = m.primary_attempted = last.route.provider;
    m.model_used = last.route.model;
    attempt_summary attempt;
    attempt.provider = last.route.provider;
    attempt.model = last.route.model;
    attempt.success = true;
    attempt.attempt_class = to_string(call_class::ok);
    attempt.retries = static_cast<std::int64_t>(attempts) - 1;
    m.attempts.push_back(std::move(attempt));
    m.usage.tokens = line.tokens;
    m.usage.cost = line.cost;
    m.usage.unpriced = !line.cost;
    if (price) m.usage.usd_per_1k_tokens = metering::usd_per_1k_tokens(*price);
    m.idempotency_key = request.idempotency_key;
    m.request_id = send.request;
    return m;
}

result<void> plan_success(store::resolve_send& command, const resolve_request& request,
                          const store::find_unknown_send::answer& found,
                          const std::vector<price_version>& prices, id_source& ids) {
    if (found.attempts.empty())
        return fail(errc::conflict, "this send has no attempt that could have succeeded");
    const auto& last = found.attempts.back();
    auto price = price_of(last, prices);
    if (!price) return std::move(price).error();
    store::usage_line line;
    line.id = ids.usage();
    line.provider = last.route.provider;
    line.model = last.route.model;
    line.tokens = request.tokens;
    line.price = last.price;
    if (*price) {
        auto cost = metering::cost(**price, request.tokens);
        if (!cost) return std::move(cost).error();
        line.cost = *cost;
    }
    command.reply_message = ids.message();
    command.content = request.content;
    command.reply_metadata =
        print_metadata(describe(request, *found.send, last, found.attempts.size(), line, *price));
    command.lines.push_back(std::move(line));
    return {};
}

}  // namespace

result<void> validate(const resolve_request& request) {
    if (request.idempotency_key.empty() && request.send_id.empty())
        return invalid("idempotency_key", "or `send_id` is needed");
    if (request.decision != resolve_decision::succeed) return {};
    if (request.idempotency_key.empty())
        return invalid("idempotency_key", "is needed for the stored reply");
    if (auto ok = check_text("content", request.content,
                             {.min_bytes = 1,
                              .max_bytes = limits::content_bytes,
                              .controls = control_characters::all_but_nul,
                              .too_long = errc::payload_too_large});
        !ok)
        return ok;
    const auto& t = request.tokens;
    if (std::min({t.input, t.cached_input, t.cache_write, t.output, t.reasoning}) < 0)
        return invalid("tokens", "must not be negative");
    return {};
}

result<store::resolve_send> plan_resolution(const tenant_scope& scope,
                                            const resolve_request& request,
                                            const store::find_unknown_send::answer& found,
                                            const std::vector<price_version>& prices,
                                            id_source& ids, timestamp now) {
    if (!found.send) return fail(errc::resource_not_found, "the send was not found");
    store::resolve_send command{
        scope, std::nullopt, found.send->id, request.decision, {}, {}, {}, {}, {}, now};
    switch (request.decision) {
        case resolve_decision::retry: break;
        case resolve_decision::fail:
            command.error_document =
                print_error(fail(errc::provider_rejected, "this call was settled by hand as failed")
                                .with("send_id", found.send->id.str()));
            break;
        case resolve_decision::succeed:
            if (std::any_of(found.attempts.begin(), found.attempts.end(),
                            [](const auto& a) { return a.key.stage != attempt_key{}.stage; }))
                return fail(errc::unsupported,
                            "a council's answer is not given by hand: retry, or let it fail")
                    .with("field", "decision");
            if (auto ok = plan_success(command, request, found, prices, ids); !ok)
                return ok.error();
            break;
    }
    return command;
}

}  // namespace conclave::messaging
