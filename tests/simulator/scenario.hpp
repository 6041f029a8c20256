// What a vendor is told to do with a request, and the control document that says so.
#pragma once

#include "answer.hpp"
#include "http_message.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace simulator {

/// The simulated vendors, in the order of `vendor_names`.
inline constexpr std::array<std::string_view, 6> vendor_names = {
    "openai", "vendor-a", "vendor-b", "openai-responses", "anthropic", "gemini"};

/// How an answer is spoilt on the wire.
enum class fault {
    none,
    drop_before_read,    ///< close when the head of the request is seen; not journalled
    drop_after_request,  ///< read the request, close without a byte
    drop_mid_headers,    ///< close after half of the header block
    drop_mid_body,       ///< close after half of the body
    drop_after_events,   ///< close after `drop_after_events` events of a stream
    truncate_body,       ///< announce the whole body, close after `truncate_body_bytes`
    hang,                ///< read the request, never answer
    reset                ///< read the request, close with RST
};

/// Name of a fault in the journal.
std::string_view fault_name(fault value);

/// One answer. The defaults are a prompt and correct one.
struct scenario {
    int status = 200;
    std::int64_t latency_ms = 0;
    std::optional<std::string> body;  ///< sent as it is, instead of the vendor's own shape
    std::optional<std::string> text;  ///< the model's words, or the error's message from status 400
    std::optional<std::int64_t> tokens_in;
    std::optional<std::int64_t> tokens_out;
    std::string header_lines;  ///< each ended by CR LF, names in lower case
    std::string content_type;  ///< empty: the vendor's own
    std::optional<std::int64_t> retry_after_ms;
    fault spoilt = fault::none;
    std::size_t truncate_body_bytes = 0;
    std::size_t drop_after_events = 0;
    std::optional<ending> end_by;   ///< how a dropped or truncated answer ends, else by closing
    bool malformed = false;         ///< the vendor's own body, cut in the middle, of correct length
    bool trailing_garbage = false;  ///< bytes after the end of the answer, connection kept open
    bool chunked = false;

    std::optional<std::string> thinking;
    std::vector<answer_part> tool_calls;  ///< without arguments where they are to be made up
    std::optional<std::string> text_after_tools;  ///< instead, once the request has tool results
    std::optional<std::int64_t> cached_tokens_in, cache_write_tokens_in, reasoning_tokens;
    std::optional<finish_reason> finish;
    omissions omits;

    std::size_t chunks = 0;           ///< of each part of a stream; 0: by length
    std::int64_t chunk_delay_ms = 0;  ///< between one delta and the next
    bool endless = false;             ///< the last delta again and again, or spaces after a body
    std::optional<std::size_t> stall_after_events, stall_after_bytes;
    std::int64_t stall_ms = 0;
    std::optional<std::size_t> error_after_events;
    int error_status = 500;
    std::optional<std::string> error_text;
    std::size_t bytes_per_write = 0;  ///< 0: as many as there are
    std::int64_t write_delay_ms = 0;  ///< between one write and the next
};

using scenario_ptr = std::shared_ptr<const scenario>;

/// Scenarios of one vendor: `next` one per request in order, then `otherwise` for ever. A null
/// `otherwise` means the vendor's own habits.
struct script {
    std::deque<scenario_ptr> next;
    scenario_ptr otherwise;
};

/// A control document, ready to be applied to one vendor (index into vendor_names) or to each.
struct control {
    std::optional<std::size_t> vendor;
    script plan;
};

/// Why a control document was refused.
struct control_error {
    std::string field;
    std::string message;
};

/// Reads a control document. Everything unknown, ill-typed, out of range or contradictory is
/// refused with the path of the field; then `out` is unchanged.
std::optional<control_error> parse_control(std::string_view document, control& out);

}  // namespace simulator
