// Judges a vendor's failure: its kind, its class, and the coarse word for it.
#include "providers/vendor_error.hpp"

#include "base/ascii.hpp"
#include "base/limits.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace conclave::providers {
namespace {

struct named_code {
    std::string_view name;
    vendor_code code;
};

constexpr std::array named_codes = {
    named_code{"authentication", vendor_code::authentication},
    named_code{"permission", vendor_code::permission},
    named_code{"not_found", vendor_code::not_found},
    named_code{"invalid_request", vendor_code::invalid_request},
    named_code{"context_length", vendor_code::context_length},
    named_code{"content_filter", vendor_code::content_filter},
    named_code{"rate_limit", vendor_code::rate_limit},
    named_code{"quota_exhausted", vendor_code::quota_exhausted},
    named_code{"overloaded", vendor_code::overloaded},
    named_code{"server_error", vendor_code::server_error},
    named_code{"timeout", vendor_code::timeout},
    named_code{"payload_too_large", vendor_code::payload_too_large},
    named_code{"invalid_tool_call", vendor_code::invalid_tool_call},
    named_code{"stream_truncated", vendor_code::stream_truncated},
    named_code{"name_not_resolved", vendor_code::name_not_resolved},
    named_code{"connection_failed", vendor_code::connection_failed},
    named_code{"tls_failed", vendor_code::tls_failed},
    named_code{"connection_timeout", vendor_code::connection_timeout},
};

struct type_status {
    std::string_view word;
    std::int64_t status;
};

// What the type or code of an error inside a 200 stands for.
constexpr std::array type_statuses = {
    type_status{"invalid_request_error", 400},   type_status{"authentication_error", 401},
    type_status{"billing_error", 402},           type_status{"permission_error", 403},
    type_status{"not_found_error", 404},         type_status{"request_too_large", 413},
    type_status{"rate_limit_error", 429},        type_status{"insufficient_quota", 429},
    type_status{"timeout_error", 504},           type_status{"overloaded_error", 529},
    type_status{"rate_limit_exceeded", 429},     type_status{"slow_down", 429},
    type_status{"server_is_overloaded", 503},    type_status{"invalid_prompt", 400},
    type_status{"invalid_api_key", 401},         type_status{"model_not_found", 404},
    type_status{"context_length_exceeded", 400},
};

// How vendors say that a prompt is longer than the model's window.
constexpr std::array<std::string_view, 15> context_wordings = {
    "context length",
    "context window",
    "context size",
    "context limit",
    "prompt is too long",
    "maximum prompt length",
    "prompt exceeds max length",
    "maximum model length",
    "input token count",
    "input is too long",
    "range of input length",
    "exceeded model token limit",
    "too many tokens",
    "`inputs` tokens + `max_new_tokens`",
    "`inputs` must have less than",
};

constexpr std::array<std::string_view, 4> bad_key_wordings = {
    "incorrect api key",
    "invalid api key",
    "api key not valid",
    "api key is invalid",
};

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

template <std::size_t n>
bool contains_any(std::string_view text, const std::array<std::string_view, n>& parts) {
    return std::any_of(parts.begin(), parts.end(),
                       [&](std::string_view part) { return contains(text, part); });
}

/// The HTTP status that a code of 400 to 599 names; 0: none.
std::int64_t status_in(std::string_view code) {
    if (code.size() != 3 || (code[0] != '4' && code[0] != '5')) return 0;
    if (!is_digit(code[1]) || !is_digit(code[2])) return 0;
    return (code[0] - '0') * 100 + (code[1] - '0') * 10 + (code[2] - '0');
}

/// The HTTP status, or what an error inside a 200 stands for.
std::int64_t status_of(const vendor_facts& f) {
    if (f.http_status < 200 || f.http_status >= 300) return f.http_status;
    if (const auto inside = status_in(f.code)) return inside;
    for (const auto& [word, status] : type_statuses) {
        if (f.code == word || f.type == word) return status;
    }
    // OpenAI has many for images that it cannot take.
    return contains(f.code, "image") ? 400 : 500;
}

bool is_quota_exhausted(const vendor_facts& f, std::int64_t status, std::string_view message) {
    const std::string_view code = f.code;
    return status == 402 || code == "insufficient_quota" || f.type == "insufficient_quota" ||
           is_one_of(code, {"credit_balance_exhausted", "enforced_spend_limit_reached"}) ||
           code.ends_with("_usage_limit_exceeded") || code.ends_with("_spend_limit_exceeded") ||
           f.type == "billing_error" || contains(message, "credit balance is too low");
}

bool is_context_length(const vendor_facts& f, std::int64_t status, std::string_view message) {
    if (status != 400 && status != 413 && status != 422 && status != 500) return false;
    return f.code == "context_length_exceeded" ||
           is_one_of(f.type, {"exceed_context_size_error", "too_many_prompt_tokens"}) ||
           contains_any(message, context_wordings);
}

/// Besides "The model `x` does not exist".
constexpr std::array<std::string_view, 4> no_model_wordings = {
    "is not a valid model",
    "model not found",
    "model not exist",
    "unknown model",
};

bool says_no_such_model(std::string_view message) {
    if (contains_any(message, no_model_wordings)) return true;
    const auto model = message.find("model ");
    return model != std::string_view::npos && contains(message.substr(model), "does not exist");
}

bool is_not_found(const vendor_facts& f, std::int64_t status, std::string_view message) {
    if (status == 404) return true;
    if (is_one_of(f.code, {"model_not_found", "model_not_available"})) return true;
    return f.type == "invalid_model" || (status < 500 && says_no_such_model(message));
}

constexpr std::int64_t no_capacity = 498;  ///< Groq's

/// Refusals for want of room, for which vendors have statuses that else mean no.
bool is_want_of_room(const vendor_facts& f, std::int64_t status) {
    return status == no_capacity || (status == 402 && f.reason == "in_flight_budget_exhausted");
}

vendor_code code_of_status(const vendor_facts& f, std::int64_t status) {
    if (status == 413) return vendor_code::payload_too_large;
    if (status == 408 || status == 504 || f.status_word == "DEADLINE_EXCEEDED")
        return vendor_code::timeout;
    if (status == 429) return vendor_code::rate_limit;
    if (status == 503 || status == no_capacity) return vendor_code::overloaded;
    if (status >= 500 || f.status_word == "CANCELLED") return vendor_code::server_error;
    return vendor_code::invalid_request;
}

bool is_retryable(const vendor_facts& f, vendor_code code, std::int64_t status) {
    if (is_want_of_room(f, status)) return true;
    switch (code) {
        case vendor_code::quota_exhausted:
        case vendor_code::context_length:
        case vendor_code::content_filter:
        case vendor_code::invalid_tool_call: return false;
        case vendor_code::rate_limit:
            // A single request beyond the whole limit is refused for ever.
            if (contains(to_lower(f.message), "request too large")) return false;
            break;
        default: break;
    }
    return status == 408 || status == 409 || status == 429 || (status >= 500 && status != 501);
}

call_class class_of(const vendor_facts& f, vendor_code code, std::int64_t status) {
    if (f.should_retry) return *f.should_retry ? call_class::refused : call_class::final;
    if (!is_retryable(f, code, status)) return call_class::final;
    if (is_want_of_room(f, status)) return call_class::refused;
    switch (status) {
        case 409:
        case 429:
        case 503:
        case 529: return call_class::refused;
        case 408:
        case 502:
        case 504: return call_class::ambiguous;
        default: return call_class::server_error;
    }
}

attempt_error word_of(std::int64_t status) {
    if (status == 408 || status == 504) return attempt_error::timeout;
    if (status == 429) return attempt_error::rate_limited;
    if (status >= 500) return attempt_error::upstream_5xx;
    return status >= 400 ? attempt_error::upstream_4xx : attempt_error::bad_response;
}

call_result failed(call_class outcome, attempt_error error, std::int64_t http_status) {
    call_result r;
    r.outcome = outcome;
    r.error = error;
    r.http_status = http_status;
    r.finish = finish_reason::error;
    return r;
}

call_result unsent(vendor_code why) {
    auto r = failed(call_class::not_sent, attempt_error::network, 0);
    r.provider_code = to_string(why);
    return r;
}

}  // namespace

std::string_view to_string(vendor_code code) {
    for (const auto& row : named_codes) {
        if (row.code == code) return row.name;
    }
    return "";
}

std::optional<vendor_code> parse_vendor_code(std::string_view name) {
    for (const auto& row : named_codes) {
        if (row.name == name) return row.code;
    }
    return std::nullopt;
}

vendor_code code_of(const vendor_facts& f) {
    if (f.known) return *f.known;
    const auto status = status_of(f);
    const auto message = to_lower(f.message);
    if (f.code == "content_filter" || contains(message, "content management policy"))
        return vendor_code::content_filter;
    if (f.code == "tool_use_failed") return vendor_code::invalid_tool_call;
    if (f.type == "overloaded_error" || status == 529 || f.status_word == "UNAVAILABLE" ||
        f.code == "1305")
        return vendor_code::overloaded;
    if (is_quota_exhausted(f, status, message)) return vendor_code::quota_exhausted;
    if (is_context_length(f, status, message)) return vendor_code::context_length;
    if (status == 401 || f.reason == "API_KEY_INVALID" ||
        (status == 400 && contains_any(message, bad_key_wordings)))
        return vendor_code::authentication;
    if (status == 403) return vendor_code::permission;
    if (is_not_found(f, status, message)) return vendor_code::not_found;
    return code_of_status(f, status);
}

call_result judge(const vendor_facts& f) {
    const auto status = status_of(f);
    const auto code = code_of(f);
    auto r = failed(class_of(f, code, status), word_of(status), f.http_status);
    r.provider_code = to_string(code);
    r.provider_message = kept_message(f.message);
    r.retry_after_ms = f.retry_after_ms;
    return r;
}

call_result interrupted(wire_end end, std::int64_t http_status) {
    switch (end) {
        case wire_end::unresolved: return unsent(vendor_code::name_not_resolved);
        case wire_end::unreachable: return unsent(vendor_code::connection_failed);
        case wire_end::untrusted: return unsent(vendor_code::tls_failed);
        case wire_end::unconnected: return unsent(vendor_code::connection_timeout);
        case wire_end::not_sent:
            return failed(call_class::not_sent, attempt_error::network, http_status);
        case wire_end::timeout:
            return failed(call_class::ambiguous, attempt_error::timeout, http_status);
        case wire_end::broken:
        case wire_end::cancelled:
            return failed(call_class::ambiguous, attempt_error::network, http_status);
        case wire_end::complete:
        case wire_end::malformed: break;
    }
    return unreadable(http_status);
}

call_result truncated(wire_end end, std::int64_t http_status) {
    auto r = interrupted(end, http_status);
    r.provider_code = to_string(vendor_code::stream_truncated);
    return r;
}

call_result unreadable(std::int64_t http_status) {
    return failed(call_class::ambiguous, attempt_error::bad_response, http_status);
}

std::string kept_message(std::string_view theirs) {
    if (!utf8::valid(theirs)) return {};
    return std::string(utf8::truncate(theirs, limits::provider_message_bytes));
}

}  // namespace conclave::providers
