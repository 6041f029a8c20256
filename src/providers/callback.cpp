// What a host's own provider answered.
#include "providers/callback.hpp"

#include "base/limits.hpp"
#include "base/utf8.hpp"
#include "providers/tool_rule.hpp"
#include "providers/vendor_error.hpp"
#include "providers/whole_answer.hpp"

#include <algorithm>
#include <utility>

namespace conclave::providers {
namespace {

struct verdict {
    call_class outcome;
    attempt_error error;
    vendor_code code;
};

verdict verdict_of(errc code) {
    switch (code) {
        case errc::provider_rejected:
        case errc::validation_error:  // It answered what is no answer, and would again.
            return {call_class::final, attempt_error::upstream_4xx, vendor_code::invalid_request};
        case errc::rate_limited:
            return {call_class::refused, attempt_error::rate_limited, vendor_code::rate_limit};
        case errc::deadline_exceeded:
            return {call_class::ambiguous, attempt_error::timeout, vendor_code::timeout};
        default:
            return {call_class::ambiguous, attempt_error::upstream_5xx, vendor_code::server_error};
    }
}

call_result read_error(const error& e) {
    const auto v = verdict_of(e.code);
    call_result r;
    r.outcome = v.outcome;
    r.error = v.error;
    r.finish = finish_reason::error;
    r.provider_code = to_string(v.code);
    r.provider_message = kept_message(e.message);
    if (e.retry_after_ms)
        r.retry_after_ms = std::clamp<std::int64_t>(*e.retry_after_ms, 0, asked_wait_ms_max);
    return r;
}

std::optional<token_usage> possible(const token_usage& t) {
    for (const auto n : {t.input, t.output, t.cached_input, t.cache_write, t.reasoning}) {
        if (n < 0 || n > tokens_max) return std::nullopt;
    }
    return t;
}

}  // namespace

call_result read_callback(result<provider_reply> reply, const provider_request& request) {
    if (!reply) return read_error(reply.error());
    if (reply->text.size() > limits::response_body_bytes || !utf8::valid(reply->text))
        return unreadable(0);
    auto calls = keep_tool_calls(std::move(reply->tool_calls), "call_");
    if (!calls) return unreadable(0);
    call_result r;
    r.text = std::move(reply->text);
    r.tool_calls = *std::move(calls);
    r.finish = r.tool_calls.empty() ? reply->finish_reason : finish_reason::tool_calls;
    const bool names_model = !reply->model.empty() && reply->model.size() <= limits::name_bytes &&
                             utf8::valid(reply->model);
    r.model = names_model ? reply->model : request.model;
    if (reply->tokens) r.usage = possible(*reply->tokens);
    return r;
}

}  // namespace conclave::providers
