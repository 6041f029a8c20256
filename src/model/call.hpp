// What is known of one attempt at a provider.
#pragma once

#include <conclave/reply.hpp>
#include <conclave/token_usage.hpp>
#include <conclave/tool.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conclave {

/// Decides what may follow an attempt (SEMANTICS: attempt classes).
enum class call_class : std::int8_t {
    ok = 0,
    not_sent = 1,      ///< no byte of the request left
    refused = 2,       ///< complete 429, 503, 529: not executed
    final = 3,         ///< a definite no
    server_error = 4,  ///< complete 500 and kin: may have been executed
    ambiguous = 5,     ///< no complete answer: may have been executed
    partial = 6,       ///< a stream broke after content
};

std::string_view to_string(call_class c);

/// True if the provider may have executed (and charged) the attempt without an answer held.
constexpr bool possibly_executed(call_class c) {
    return c == call_class::server_error || c == call_class::ambiguous || c == call_class::partial;
}

/// The coarse public word for why an attempt failed.
enum class attempt_error : std::int8_t {
    none = 0,
    timeout = 1,
    rate_limited = 2,
    upstream_5xx = 3,
    upstream_4xx = 4,
    network = 5,
    bad_response = 6,
    circuit_open = 7,
};

/// Empty for none, else `TIMEOUT` ...
std::string_view to_string(attempt_error e);

/// The outcome of one attempt, in no vendor's words except where named so.
struct call_result {
    call_class outcome = call_class::ok;
    attempt_error error = attempt_error::none;
    std::int64_t http_status = 0;  ///< 0: none received
    std::string text;
    std::string thinking;  ///< that may be shown; no part of the text
    std::string refusal;   ///< what the model said in place of an answer, where that stands apart
    std::vector<tool_call> tool_calls;  ///< that the model makes; their arguments are tidy
    conclave::finish_reason finish = conclave::finish_reason::stop;
    std::string finish_word;           ///< theirs; empty if there was none
    std::string model;                 ///< as the provider names it; empty if it does not
    std::string response_id;           ///< theirs, of the answer
    std::optional<token_usage> usage;  ///< absent: not told
    bool usage_estimated = false;      ///< counted by us, not told
    std::int64_t cache_write_1h = 0;   ///< the part of `usage->cache_write` kept for an hour
    std::string service_tier;          ///< theirs; empty if they named none
    /// The cost as the provider itself reports it; absent: it does not.
    std::optional<std::int64_t> told_cost_nano_usd;
    /// For the assistant's turn in later requests (provider_request::turn). Opaque; often empty.
    std::string keepsake;
    std::vector<std::vector<float>> vectors;  ///< of a call for these, which has no text
    std::string provider_code;     ///< our normalised code: rate_limit, context_length ...
    std::string provider_message;  ///< theirs: capped, never logged by default
    std::optional<std::int64_t> retry_after_ms;
    std::int64_t latency_ms = 0;
    bool text_shown = false;  ///< somebody saw some of the text before the end
};

std::string_view to_string(conclave::finish_reason f);

}  // namespace conclave
