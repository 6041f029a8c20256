// One HTTP/1.1 connection: reads requests, sends answers, breaks off where a scenario says so.
#pragma once

#include "endpoints.hpp"
#include "http_message.hpp"

#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <http_parser.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace simulator {

/// Lives as long as its one outstanding operation, so no two threads are ever inside it.
class connection : public std::enable_shared_from_this<connection> {
   public:
    connection(asio::ip::tcp::socket socket, const endpoints& handler, std::uint64_t id);

    void start();

   private:
    static const http_parser_settings callbacks;
    static int on_url(http_parser* parser, const char* at, std::size_t length);
    static int on_header_field(http_parser* parser, const char* at, std::size_t length);
    static int on_header_value(http_parser* parser, const char* at, std::size_t length);
    static int on_headers_complete(http_parser* parser);
    static int on_body(http_parser* parser, const char* at, std::size_t length);
    static int on_message_complete(http_parser* parser);

    void begin_request();
    bool count_header_bytes(std::size_t bytes);
    int refuse(int status);

    void read();
    void consume(std::string_view received);
    void deliver();
    void send();
    bool refill();
    std::size_t due() const;
    bool write_due(std::size_t bytes);
    void send_after(std::int64_t delay_ms);
    bool is_deserted();
    void sent();
    void discard_until_closed();
    void close();

    asio::ip::tcp::socket socket_;
    asio::steady_timer timer_;
    const endpoints& handler_;

    http_parser parser_{};
    http_request request_;
    std::string header_name_;
    std::string* header_value_ =
        nullptr;  // where the value of the current header is kept, if at all
    bool in_header_value_ = false;
    std::size_t headers_ = 0;
    std::size_t header_bytes_ = 0;
    bool complete_ = false;
    bool drop_unread_ = false;
    int refusal_status_ = 0;

    http_reply reply_;
    std::size_t position_ = 0;  // bytes of the reply that are sent
    std::size_t in_wire_ = 0;   // of these, those of what the wire holds now
    std::string unparsed_;      // received behind the request that is being answered
};

}  // namespace simulator
