// Bytes of a connection in, one HTTP/1.x answer out.
#pragma once

#include "net/transport.hpp"

#include <http_parser.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace conclave::net {

/// Parses answers one after another and enforces the limits of base/limits.hpp. Does no I/O.
class response_parser {
   public:
    /// Receives the answer; returning false stops the parser for good.
    class listener {
       public:
        virtual bool on_head(const http_head& head) = 0;
        virtual bool on_body(std::string_view bytes) = 0;

       protected:
        ~listener() = default;
    };

    enum class state {
        reading,
        complete,  ///< the last byte of the answer was seen
        failed,    ///< failure() and message() say why
        stopped    ///< the listener asked for it
    };

    /// What the request was, as far as it decides whether the answer has a body.
    enum class request_kind { usual, head, tunnel };

    struct progress {
        state now;
        std::size_t used;  ///< bytes that belong to this answer
    };

    /// Makes ready for the answer to a new request. The listener must outlive it.
    void begin(listener& to, request_kind kind);
    /// `bytes` must not be empty.
    progress feed(std::string_view bytes);
    /// The peer has closed in order: ends an answer that has no other end.
    state finish();

    /// Of a complete answer: may the connection carry another request?
    bool keep_alive() const { return keep_alive_; }
    /// Of a complete answer: for how long the peer keeps the idle connection, where it says so.
    std::optional<std::int64_t> keep_alive_s() const { return keep_alive_s_; }
    int status() const { return static_cast<int>(parser_.status_code); }

    exchange_failure failure() const { return failure_; }
    const std::string& message() const { return message_; }

   private:
    static const http_parser_settings& settings();
    template <int (response_parser::*member)(std::string_view)>
    static int data(http_parser* parser, const char* at, std::size_t size);
    template <int (response_parser::*member)()>
    static int notify(http_parser* parser);

    int on_status(std::string_view part);
    int on_name(std::string_view part);
    int on_value(std::string_view part);
    int on_headers_complete();
    int on_body(std::string_view part);
    int on_message_complete();

    int count_header_bytes(std::size_t bytes);
    int fail(exchange_failure failure, std::string message);
    state outcome();
    void note_keep_alive();

    http_parser parser_{};
    listener* to_ = nullptr;
    request_kind kind_ = request_kind::usual;
    http_head head_;
    std::size_t header_bytes_ = 0;
    std::size_t header_count_ = 0;
    std::size_t body_bytes_ = 0;
    bool value_seen_ = true;  ///< the next part of a name begins a header
    bool head_done_ = false;
    bool interim_ = false;
    bool complete_ = false;
    bool keep_alive_ = false;
    std::optional<std::int64_t> keep_alive_s_;
    exchange_failure failure_ = exchange_failure::none;
    std::string message_;
};

}  // namespace conclave::net
