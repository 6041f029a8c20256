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

const calls::attempt* last_at(const calls::paid_call& call, std::size_t route) {
    const auto last = std::find_if(
        call.attempts.rbegin(), call.attempts.rend(),
        [route](const calls::attempt& a) { return a.route == route && a.result.has_value(); });
    return last != call.attempts.rend() ? &*last : nullptr;
}

bool is_skipped(const calls::paid_call& call, std::size_t route) {
    return std::find(call.skipped.begin(), call.skipped.end(), route) != call.skipped.end();
}

/// ": vendorA/large TIMEOUT, vendorB CIRCUIT_OPEN", how each route ended that the call came to.
/// Models as the agent names them, since what a vendor says has no place in a message.
std::string list_ends(const calls::paid_call& call) {
    std::string list;
    for (std::size_t r = 0; r < call.routes.size(); ++r) {
        const auto* last = last_at(call, r);
        if (last == nullptr && !is_skipped(call, r)) continue;
        const auto how = last != nullptr ? last->result->error : attempt_error::circuit_open;
        if (how == attempt_error::none) continue;
        list.append(list.empty() ? ": " : ", ").append(call.routes[r].target.text());
        list.append(" ").append(to_string(how));
    }
    return list;
}

error describe(const calls::paid_call& call, calls::call_failure why) {
    const auto ends = list_ends(call);
    switch (why) {
        case calls::call_failure::rejected:
            return fail(errc::provider_rejected, "the request was refused for good" + ends);
        case calls::call_failure::in_doubt:
            return fail(errc::outcome_unknown,
                        "the provider may have run this call, and policy forbids another" + ends);
        case calls::call_failure::deadline:
            return fail(errc::deadline_exceeded,
                        "the total deadline of the call has passed" + ends);
        case calls::call_failure::interrupted:
            return fail(errc::all_providers_failed,
                        "the answer broke off after a part of it was seen" + ends)
                .with("partial", true);
        case calls::call_failure::exhausted: break;
    }
    return fail(errc::all_providers_failed, "no provider gave an answer" + ends);
}

/// The shortest wait that a vendor asked for or that a circuit takes, whatever the routes' order.
std::optional<std::int64_t> wait_ms(const calls::paid_call& call, instant now) {
    std::optional<std::int64_t> shortest;
    const auto consider = [&](std::int64_t ms) { shortest = std::min(ms, shortest.value_or(ms)); };
    for (std::size_t r = 0; r < call.routes.size(); ++r) {
        const auto* last = last_at(call, r);
        if (last == nullptr || last->result->outcome == call_class::final) continue;
        if (last->result->retry_after_ms) consider(*last->result->retry_after_ms);
    }
    if (call.opens_at) {
        const auto opens_in = std::chrono::ceil<std::chrono::milliseconds>(*call.opens_at - now);
        consider(std::max<std::int64_t>(opens_in.count(), 1));
    }
    return shortest;
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
        if (result.http_status != 0) e.with("provider_status", result.http_status);
        if (!result.provider_code.empty()) e.with("provider_code", result.provider_code);
    } else if (!call.skipped.empty()) {
        e.with("provider", call.routes[call.skipped.back()].target.provider);
        e.with("error_code", std::string(to_string(attempt_error::circuit_open)));
    }
    if (why == calls::call_failure::exhausted) e.retry_after_ms = wait_ms(call, now);
    return e;
}

error failure_error(const send& s, calls::call_failure why, instant now) {
    auto e = failure_error(s.plan->call, why, now);
    if (s.plan->unregistered) e.with("unregistered_provider", *s.plan->unregistered);
    return e;
}

}  // namespace conclave::messaging
