// Names of the model's enumerators, as stored documents and replies show them.
#include "model/call.hpp"
#include "model/send.hpp"

namespace conclave {

std::string_view to_string(call_class c) {
    switch (c) {
        case call_class::ok: return "ok";
        case call_class::not_sent: return "not_sent";
        case call_class::refused: return "refused";
        case call_class::final: return "final";
        case call_class::server_error: return "server_error";
        case call_class::ambiguous: return "ambiguous";
        case call_class::partial: return "partial";
    }
    return "";
}

std::string_view to_string(attempt_error e) {
    switch (e) {
        case attempt_error::none: return "";
        case attempt_error::timeout: return "TIMEOUT";
        case attempt_error::rate_limited: return "RATE_LIMITED";
        case attempt_error::upstream_5xx: return "UPSTREAM_5XX";
        case attempt_error::upstream_4xx: return "UPSTREAM_4XX";
        case attempt_error::network: return "NETWORK";
        case attempt_error::bad_response: return "BAD_RESPONSE";
        case attempt_error::circuit_open: return "CIRCUIT_OPEN";
    }
    return "";
}

std::string_view to_string(conclave::finish_reason f) {
    switch (f) {
        case finish_reason::stop: return "stop";
        case finish_reason::length: return "length";
        case finish_reason::tool_calls: return "tool_calls";
        case finish_reason::content_filter: return "content_filter";
        case finish_reason::error: return "error";
    }
    return "";
}

std::string_view to_string(send_state s) {
    switch (s) {
        case send_state::dispatching: return "dispatching";
        case send_state::succeeded: return "succeeded";
        case send_state::failed_final: return "failed_final";
        case send_state::failed_retryable: return "failed_retryable";
        case send_state::unknown: return "unknown";
        case send_state::closed: return "closed";
    }
    return "";
}

}  // namespace conclave
