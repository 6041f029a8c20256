// Makes one connection: resolve, connect, tunnel, TLS.
#pragma once

#include <conclave/completion.hpp>

#include "net/byte_stream.hpp"
#include "net/client_context.hpp"
#include "net/response_parser.hpp"
#include "net/url.hpp"

#include <asio/ip/tcp.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace conclave::net {

/// A connection that is ready for requests, or why there is none.
struct dialled {
    std::unique_ptr<byte_stream> stream;
    exchange_failure failure = exchange_failure::none;
    std::string message;
};

/// Tries the addresses of a host in order until one connects. Has no time limit of its own.
class dialer final : public std::enable_shared_from_this<dialer>, response_parser::listener {
   public:
    /// `slot` must outlive the dialer and the stream it makes.
    dialer(client_context& context, const url& address, tls_session_slot& slot);

    /// Calls `done` once, never inside this call.
    void start(completion<dialled> done);
    /// Drops everything; `done` is not called any more.
    void cancel();

   private:
    using step = void (dialer::*)();

    void connect_next();
    void on_connect(asio::error_code failed);
    void begin_tunnel();
    void write_tunnel();
    void read_tunnel();
    bool on_head(const http_head& head) override;
    bool on_body(std::string_view bytes) override;
    void begin_tls();
    void handshake();

    void wait(byte_stream::state wanted, step next);
    void fail(exchange_failure failure, std::string message);

    client_context& context_;
    const url address_;
    tls_session_slot& slot_;
    completion<dialled> done_;
    asio::ip::tcp::resolver resolver_;
    std::vector<asio::ip::tcp::endpoint> endpoints_;
    std::size_t next_ = 0;
    asio::error_code last_error_;
    asio::ip::tcp::socket socket_;
    std::unique_ptr<byte_stream> stream_;
    std::string tunnel_request_;
    std::size_t tunnel_sent_ = 0;
    response_parser tunnel_answer_;
};

}  // namespace conclave::net
