// Accepts connections.
#include "server.hpp"

#include "connection.hpp"

#include <chrono>
#include <memory>
#include <utility>

namespace simulator {
namespace {

// Without it, a process out of descriptors would spin.
constexpr std::chrono::milliseconds pause_after_failure{10};

}  // namespace

server::server(asio::io_context& context, const endpoints& handler, std::uint16_t port)
    : acceptor_(context, {asio::ip::address_v4::loopback(), port}),
      pause_(context),
      handler_(handler) {
    accept();
}

void server::accept() {
    acceptor_.async_accept([this](asio::error_code error, asio::ip::tcp::socket socket) {
        if (!error) {
            std::make_shared<connection>(std::move(socket), handler_, ++connections_)->start();
            accept();
            return;
        }
        pause_.expires_after(pause_after_failure);
        pause_.async_wait([this](asio::error_code) { accept(); });
    });
}

}  // namespace simulator
