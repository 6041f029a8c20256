// Words for the ends of sends.
#include "messaging/send_errors.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace conclave::messaging {

namespace {

constexpr std::int64_t first_failed_status = 400;

/// "vendorA/large TIMEOUT, vendorB UPSTREAM_5XX": how each route ended.
std::string list_ends(const std::vector<attempt_summary>& attempts) {
    std::string list;
    for (const auto& a : attempts) {
        if (!list.empty()) list += ", ";
        list += route{a.provider, a.model}.text();
        if (a.error_code) list.append(" ").append(*a.error_code);
    }
    return list;
}

error describe(calls::call_failure why, const std::vector<attempt_summary>& attempts) {
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
    return fail(errc::all_providers_failed, "no provider gave an answer: " + list_ends(attempts));
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
    const auto attempts = calls::summarize(call);
    auto e = describe(why, attempts);
    if (!attempts.empty()) {
        e.with("provider", attempts.back().provider);
        if (attempts.back().error_code) e.with("error_code", *attempts.back().error_code);
    }
    if (call.attempts.empty()) {
        e.retry_after_ms = circuit_wait_ms(call, now);
        return e;
    }
    const auto& last = call.attempts.back().result;
    if (!last) return e;
    if (last->http_status >= first_failed_status) e.with("provider_status", last->http_status);
    if (!last->provider_code.empty()) e.with("provider_code", last->provider_code);
    if (why == calls::call_failure::exhausted) e.retry_after_ms = last->retry_after_ms;
    return e;
}

error failure_error(const send& s, calls::call_failure why, instant now) {
    auto e = failure_error(s.plan->call, why, now);
    if (s.plan->unregistered) e.with("unregistered_provider", *s.plan->unregistered);
    return e;
}

}  // namespace conclave::messaging
