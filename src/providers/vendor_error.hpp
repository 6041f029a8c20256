// A vendor's failure in our words: which kind it is, whether and when to try again.
#pragma once

#include "json/document.hpp"
#include "model/call.hpp"
#include "providers/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace conclave::providers {

using header_list = std::vector<std::pair<std::string, std::string>>;

/// No vendor's wish for a wait counts for more.
inline constexpr std::int64_t asked_wait_ms_max = 365LL * 24 * 60 * 60 * 1000;

/// The normalised kind of a failure; `details.provider_code` shows its name.
enum class vendor_code {
    authentication,
    permission,
    not_found,
    invalid_request,
    context_length,
    content_filter,
    rate_limit,
    quota_exhausted,
    overloaded,
    server_error,
    timeout,
    payload_too_large,
    invalid_tool_call,
    stream_truncated,
    name_not_resolved,
    connection_failed,
    tls_failed,
    connection_timeout,
};

std::string_view to_string(vendor_code code);
std::optional<vendor_code> parse_vendor_code(std::string_view name);

/// What a vendor said about a failure, wherever in the answer it stood.
struct vendor_facts {
    std::int64_t http_status = 0;
    std::string code = {};  ///< inside a 200 a number from 400 to 599 counts as the status
    std::string type = {};
    std::string status_word = {};  ///< as Google names it: `UNAVAILABLE`
    std::string reason = {};       ///< of Google's ErrorInfo, or OpenRouter's metadata
    std::string message = {};      ///< theirs, in full
    std::optional<bool> should_retry = {};
    std::optional<std::int64_t> retry_after_ms = {};
    std::optional<vendor_code> known = {};  ///< decided already; nothing else is looked at
};

/// The wait that headers of a failed answer ask for: `retry-after-ms` if positive, else
/// `retry-after` in seconds. A date is no wait without a clock.
std::optional<std::int64_t> asked_wait_ms(const header_list& headers);

/// A delay as JSON says it, an integer, number or text, in units of `unit_ms`.
std::optional<std::int64_t> asked_wait_ms(const json::element& delay, double unit_ms);

/// Whether an answer with status 200 reports a failure.
bool reports_failure(const json::element& document);

/// Reads a failed answer: any envelope, or none. `document` is the parsed body, null if it is not
/// JSON. Headers and delays count from status 400 on only.
vendor_facts read_failure(std::int64_t http_status, const header_list& headers,
                          std::string_view body, const json::element* document);

/// The first rule that fits decides (SEMANTICS: attempt classes).
vendor_code code_of(const vendor_facts& facts);

/// The outcome of the attempt, without a latency.
call_result judge(const vendor_facts& facts);

/// The outcome of an attempt that ended without a complete answer.
call_result interrupted(wire_end end, std::int64_t http_status);

/// The outcome of an attempt whose stream ended without its closing signal.
call_result truncated(wire_end end, std::int64_t http_status);

/// The outcome of an attempt whose answer cannot be read.
call_result unreadable(std::int64_t http_status);

/// A vendor's text as it may be kept: valid UTF-8, cut to its limit.
std::string kept_message(std::string_view theirs);

}  // namespace conclave::providers
