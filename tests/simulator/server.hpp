// Listens on loopback and starts a connection object per client.
#pragma once

#include "endpoints.hpp"

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>

#include <cstdint>

namespace simulator {

/// `context` and `handler` must outlive it. Throws std::system_error when the port is taken.
class server {
   public:
    /// Port 0 lets the kernel choose. Clients can connect as soon as this returns.
    server(asio::io_context& context, const endpoints& handler, std::uint16_t port);

    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

   private:
    void accept();

    asio::ip::tcp::acceptor acceptor_;
    asio::steady_timer pause_;
    const endpoints& handler_;
    std::uint64_t connections_ = 0;
};

}  // namespace simulator
