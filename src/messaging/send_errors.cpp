// Words for the ends of sends.
#include "messaging/send_errors.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace conclave::messaging {

namespace {

constexpr std::int64_t first_failed_status = 400;

/// The word for how a route ended; empty if the call never came to it.
std::string_view end_of(const calls::paid_call& call, std::size_t route) {
    std::string_view word;
    for (const auto& a : call.attempts)
        if (a.route == route && a.result) word = to_string(a.result->error);
    const auto& skipped = call.skipped;
    if (word.empty() && std::find(skipped.begin(), skipped.end(), route) != skipped.end())
        word = to_string(attempt_error::circuit_open);
    return word;
}

/// "vendorA/large TIMEOUT, vendorB UPSTREAM_5XX": models as the agent names them, since what a
/// vendor says has no place in a message.
std::string list_ends(const calls::paid_call& call) {
    std::string list;
    for (std::size_t r = 0; r < call.routes.size(); ++r) {
        const auto word = end_of(call, r);
        if (word.empty()) continue;
        if (!list.empty()) list += ", ";
        list.append(call.routes[r].target.text()).append(" ").append(word);
    }
    return list;
}

error describe(const calls::paid_call& call, calls::call_failure why) {
    switch (why) {
        case calls::call_failure::rejected:
            return fail(errc::provider_rejected, "the provider refused the request for good");
        case calls::call_failure::in_doubt:
            return fail(errc::outcome_unknown,
                        "the provider may have run this call, and policy forbids another");
        case calls::call_failure::deadline:
            return fail(errc::deadline_exceeded, "the total deadline of the call has passed");
        case calls::call_failure::interrupted:
            return fail(errc::all_providers_failed,
                        "the answer broke off after a part of it was seen")
                .with("partial", true);
        case calls::call_failure::exhausted: break;
    }
    return fail(errc::all_providers_failed, "no provider gave an answer: " + list_ends(call));
}

/// Until the first of the circuits that were passed over lets a call through.
std::optional<std::int64_t> circuit_wait_ms(const calls::paid_call& call, instant now) {
    if (!call.opens_at) return std::nullopt;
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(*call.opens_at - now);
    return std::max<std::int64_t>(wait.count(), 1);
}

}  // namespace

error with_request(const send& s, error e) {
    if (e.request_id.empty()) e.request_id = s.order.request.str();
    return e;
}

error claim_error(const send& s, store::claim_send::verdict what) {
    using verdict = store::claim_send::verdict;
    const auto& session = s.order.session.str();
    switch (what) {
        case verdict::session_closed:
            return fail(errc::session_closed, "the session is closed and takes no messages")
                .with("session_id", session);
        case verdict::session_missing:
            return fail(errc::resource_not_found, "the session was not found")
                .with("session_id", session);
        case verdict::agent_missing:
            return fail(errc::agent_not_found, "the agent of the session was not found")
                .with("agent_id", s.basis.agent_id.str());
        case verdict::tenant_missing:
            return fail(errc::resource_not_found, "the tenant was not found")
                .with("tenant_id", s.order.scope.id().str());
        case verdict::tenant_suspended:
            return fail(errc::tenant_suspended, "the tenant is suspended");
        case verdict::claimed:
        case verdict::existing:
        case verdict::changed:
        case verdict::session_busy: break;
    }
    return fail(errc::internal_error, "unknown verdict of a claim");
}

error misfit(const error& why) {
    auto e = fail(errc::provider_rejected, "the answer does not fit output_schema: " + why.message)
                 .with("provider_code", "invalid_output");
    for (const auto& d : why.details)
        if (d.key == "field") e.details.push_back(d);
    return e;
}

error failure_error(const calls::paid_call& call, calls::call_failure why, instant now) {
    auto e = describe(call, why);
    const auto last = std::find_if(call.attempts.rbegin(), call.attempts.rend(),
                                   [](const calls::attempt& a) { return a.result.has_value(); });
    if (last != call.attempts.rend()) {
        const auto& result = *last->result;
        e.with("provider", call.routes[last->route].target.provider);
        if (result.error != attempt_error::none)
            e.with("error_code", std::string(to_string(result.error)));
        if (result.http_status >= first_failed_status)
            e.with("provider_status", result.http_status);
        if (!result.provider_code.empty()) e.with("provider_code", result.provider_code);
        if (why == calls::call_failure::exhausted) e.retry_after_ms = result.retry_after_ms;
    } else if (!call.skipped.empty()) {
        e.with("provider", call.routes[call.skipped.back()].target.provider);
        e.with("error_code", std::string(to_string(attempt_error::circuit_open)));
        e.retry_after_ms = circuit_wait_ms(call, now);
    }
    return e;
}

error failure_error(const send& s, calls::call_failure why, instant now) {
    auto e = failure_error(s.plan->call, why, now);
    if (s.plan->unregistered) e.with("unregistered_provider", *s.plan->unregistered);
    return e;
}

}  // namespace conclave::messaging
