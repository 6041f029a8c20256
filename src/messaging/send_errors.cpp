// Words for the ends of sends.
#include "messaging/send_errors.hpp"

#include <utility>

namespace conclave::messaging {

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

error failure_error(const calls::paid_call& call, calls::call_failure why) {
    const auto attempts = calls::summarize(call);
    auto e = [&] {
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
        return fail(errc::all_providers_failed, "no provider gave an answer");
    }();
    if (!attempts.empty()) {
        e.with("provider", attempts.back().provider);
        if (attempts.back().error_code) e.with("error_code", *attempts.back().error_code);
    }
    const auto& made = call.attempts;
    const auto* last = made.empty() || !made.back().result ? nullptr : &*made.back().result;
    if (last != nullptr && !last->provider_code.empty())
        e.with("provider_code", last->provider_code);
    if (why == calls::call_failure::exhausted && last != nullptr)
        e.retry_after_ms = last->retry_after_ms;
    return e;
}

error failure_error(const send& s, calls::call_failure why) {
    auto e = failure_error(s.plan->call, why);
    if (s.plan->unregistered) e.with("unregistered_provider", *s.plan->unregistered);
    return e;
}

}  // namespace conclave::messaging
