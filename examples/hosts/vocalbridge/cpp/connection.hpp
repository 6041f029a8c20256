// One HTTP/1.1 connection with keep-alive: requests one after another, each answered and logged.
#pragma once

#include "api.hpp"

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace vocalbridge {

/// Lives on one thread, that of its loop.
class connection : public std::enable_shared_from_this<connection> {
   public:
    connection(asio::ip::tcp::socket socket, const api& api)
        : socket_(std::move(socket)), timer_(socket_.get_executor()), api_(api) {}

    /// Serves until either side leaves; then `ended` runs.
    void start(std::function<void()> ended);

    /// Lets a request that is under way finish, and closes.
    void finish();

   private:
    /// Whether the next request may follow.
    enum class outcome { next, close };

    asio::awaitable<void> serve();
    asio::awaitable<outcome> exchange();
    asio::awaitable<bool> read_head();
    asio::awaitable<void> read_body(request& r);
    asio::awaitable<outcome> refuse(conclave::error e);
    asio::awaitable<void> write(std::string bytes);
    asio::awaitable<void> discard_until_closed();
    void limit(std::chrono::milliseconds time);

    asio::ip::tcp::socket socket_;
    asio::steady_timer timer_;
    const api& api_;
    std::string received_;        ///< and not yet used
    std::size_t head_bytes_ = 0;  ///< of the request at the front of `received_`
    bool answering_ = false;      ///< between the head of a request and the end of its answer
    bool finishing_ = false;
};

}  // namespace vocalbridge
