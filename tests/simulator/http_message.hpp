// A request as the simulator received it, and the bytes and manner of its answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace simulator {

/// One complete request. Absent headers are empty.
struct http_request {
    std::string_view method;
    std::string url;
    std::string body;
    std::string authorization;
    std::string idempotency_key;
    std::string request_id;
    std::uint64_t connection_id = 0;
    bool keep_alive = true;

    std::string_view path() const { return std::string_view(url).substr(0, url.find('?')); }
    std::string_view query() const {
        const auto mark = url.find('?');
        return mark == std::string::npos ? std::string_view{}
                                         : std::string_view(url).substr(mark + 1);
    }
};

/// What happens to the connection once the bytes of the reply are sent.
enum class ending {
    keep,    ///< wait for the next request
    finish,  ///< end of the answer: no more bytes from this side, then wait for the client to leave
    cut,     ///< close at once
    reset,   ///< close at once with RST
    hang     ///< say nothing more and wait for the client to leave
};

/// The answer to one request. `wire` is everything that is sent, possibly cut short on purpose.
struct http_reply {
    std::string wire;
    std::int64_t latency_ms = 0;
    ending after = ending::keep;
};

/// Contents of a reply before it is put on the wire.
struct reply_parts {
    int status = 200;
    std::string_view body = {};
    std::string_view content_type = {};  ///< empty: application/json
    std::string_view header_lines = {};  ///< further headers, each ended by CR LF
    bool chunked = false;
    bool keep_alive = true;
};

/// Replaces `reply` by the HTTP/1.1 form of `parts`; returns the length of the header block.
std::size_t print_reply(const reply_parts& parts, http_reply& reply);

/// Standard phrase of a status, "Status" for one without.
std::string_view reason_phrase(int status);

}  // namespace simulator
