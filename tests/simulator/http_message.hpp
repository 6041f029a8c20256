// A request as the simulator received it, and the bytes and manner of its answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
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
    std::string api_key;      ///< x-api-key or x-goog-api-key
    std::string api_version;  ///< anthropic-version
    std::uint64_t connection_id = 0;
    bool keep_alive = true;

    std::string_view path() const { return std::string_view(url).substr(0, url.find('?')); }
    std::string_view query() const {
        const auto mark = url.find('?');
        return mark == std::string::npos ? std::string_view{}
                                         : std::string_view(url).substr(mark + 1);
    }
};

/// What follows a whole answer where a scenario asks for it.
inline constexpr std::string_view trailing_garbage = "TRAILING GARBAGE\r\n";

/// What happens to the connection once the bytes of the reply are sent.
enum class ending {
    keep,    ///< wait for the next request
    finish,  ///< end of the answer: no more bytes from this side, then wait for the client to leave
    cut,     ///< close at once
    reset,   ///< close at once with RST
    hang     ///< say nothing more and wait for the client to leave
};

/// The rest of an answer, made only when it is due.
class body_stream {
   public:
    virtual ~body_stream() = default;

    /// Appends what comes next to `wire` and returns for how many milliseconds to wait before it is
    /// sent; nothing when the answer is over.
    virtual std::optional<std::int64_t> next(std::string& wire) = 0;
};

/// The answer to one request: `wire`, then `rest`. Positions are in bytes from its beginning.
struct http_reply {
    std::string wire;
    std::unique_ptr<body_stream> rest;
    std::int64_t latency_ms = 0;
    std::optional<std::size_t> cut_at;    ///< nothing is sent from here on
    std::optional<std::size_t> stall_at;  ///< here it waits for `stall_ms`
    std::int64_t stall_ms = 0;
    std::size_t bytes_per_write = 0;  ///< 0: as many as there are
    std::int64_t write_delay_ms = 0;
    ending after = ending::keep;
};

/// Contents of a reply before it is put on the wire.
struct reply_parts {
    int status = 200;
    std::string_view body = {};
    std::string_view content_type = {};  ///< empty: application/json
    std::string_view header_lines = {};  ///< further headers, each ended by CR LF
    bool chunked = false;
    bool open = false;  ///< chunked, and more chunks follow those of `body`
    bool keep_alive = true;
};

/// Replaces `reply` by the HTTP/1.1 form of `parts`; returns the length of the header block.
std::size_t print_reply(const reply_parts& parts, http_reply& reply);

/// Appends one chunk of a chunked body. An empty one ends the body.
void append_chunk(std::string& out, std::string_view data);

/// Standard phrase of a status, "Status" for one without.
std::string_view reason_phrase(int status);

}  // namespace simulator
