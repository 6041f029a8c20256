// Accepts connections, a limited number at once, until it is told to stop.
#pragma once

#include "api.hpp"
#include "connection.hpp"

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <set>

namespace vocalbridge {

inline constexpr std::size_t connections_max = 1024;

/// Used on the thread of its loop only.
class server {
   public:
    /// Listens. Throws std::system_error when it cannot.
    server(asio::io_context& loop, const asio::ip::tcp::endpoint& where, const api& api);

    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

    /// Refuses new connections, closes idle ones and lets the others finish their request.
    /// `stopped` runs when the last one has ended.
    void stop(std::function<void()> stopped);

   private:
    asio::awaitable<void> accept();
    asio::awaitable<void> wait(std::chrono::milliseconds time);
    void remove(const std::shared_ptr<connection>& one);

    asio::ip::tcp::acceptor acceptor_;
    asio::steady_timer pause_;
    const api& api_;
    std::set<std::shared_ptr<connection>> connections_;
    std::function<void()> stopped_;
};

}  // namespace vocalbridge
