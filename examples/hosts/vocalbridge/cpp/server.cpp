// Accepts connections.
#include "server.hpp"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

namespace vocalbridge {

namespace {

using namespace std::chrono_literals;

// Without it, a process out of descriptors would spin.
constexpr auto pause_after_failure = 50ms;

}  // namespace

server::server(asio::io_context& loop, const asio::ip::tcp::endpoint& where, const api& api)
    : acceptor_(loop, where), pause_(loop), api_(api) {
    asio::co_spawn(loop, accept(), asio::detached);
}

asio::awaitable<void> server::accept() {
    while (acceptor_.is_open()) {
        if (connections_.size() >= connections_max) {
            co_await wait(pause_after_failure);  // the kernel's queue holds the others
            continue;
        }
        asio::error_code error;
        auto socket =
            co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
        if (error == asio::error::operation_aborted) break;
        if (error) {
            co_await wait(pause_after_failure);
            continue;
        }
        const auto one = std::make_shared<connection>(std::move(socket), api_);
        connections_.insert(one);
        one->start([this, key = std::weak_ptr(one)] { remove(key.lock()); });
    }
}

asio::awaitable<void> server::wait(std::chrono::milliseconds time) {
    asio::error_code ignored;
    pause_.expires_after(time);
    co_await pause_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

void server::remove(const std::shared_ptr<connection>& one) {
    connections_.erase(one);
    if (connections_.empty() && stopped_) stopped_();
}

void server::stop(std::function<void()> stopped) {
    asio::error_code ignored;
    acceptor_.close(ignored);
    for (const auto& one : connections_) one->finish();
    if (connections_.empty()) return stopped();
    stopped_ = std::move(stopped);
}

}  // namespace vocalbridge
