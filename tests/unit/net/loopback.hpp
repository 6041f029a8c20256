// A client and scripted raw peers on one thread, over real sockets on the loopback interface.
#pragma once

#include "net/http_client.hpp"
#include "unit/net/manual_executor.hpp"

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ssl.hpp>
#include <asio/write.hpp>
#include <catch2/catch.hpp>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace conclave::net {

/// Keeps what one exchange delivered.
struct recorder final : exchange_sink {
    void on_head(const http_head& h) override {
        CHECK_FALSE(head);
        CHECK_FALSE(end);
        head = h;
        if (when_head) when_head();
    }
    void on_body(std::string_view bytes) override {
        CHECK(head);
        CHECK_FALSE(end);
        body += bytes;
        if (when_body) when_body();
    }
    void on_end(const exchange_end& e) override {
        CHECK_FALSE(end);
        end = e;
        if (when_end) when_end();
    }

    bool ended_with(exchange_failure failure) const { return end && end->failure == failure; }

    std::optional<http_head> head;
    std::string body;
    std::optional<exchange_end> end;
    std::function<void()> when_head, when_body, when_end;
};

/// The server's end of one connection. Sends exactly the bytes it is told to.
class peer : public std::enable_shared_from_this<peer> {
   public:
    peer(asio::ip::tcp::socket socket, asio::ssl::context* tls) : socket_(std::move(socket)) {
        socket_.set_option(asio::ip::tcp::no_delay(true));
        if (tls) tls_.emplace(socket_, *tls);
    }

    void start(std::function<void(peer&)> on_request) {
        on_request_ = std::move(on_request);
        begin();
    }

    /// Within on_request: from now on the peer speaks TLS, as behind a tunnel.
    void upgrade(asio::ssl::context& tls) { tls_.emplace(socket_, tls); }

    void send(std::string bytes) {
        asio::error_code ignored;
        if (tls_) {
            asio::write(*tls_, asio::buffer(bytes), ignored);
        } else {
            asio::write(socket_, asio::buffer(bytes), ignored);
        }
    }

    void close() {
        asio::error_code ignored;
        socket_.close(ignored);
    }

    /// Ends the stream in order and closes once the client has done the same.
    void say_goodbye() {
        tls_->async_shutdown([self = shared_from_this()](asio::error_code) { self->close(); });
    }

    void reset() {
        socket_.set_option(asio::socket_base::linger(true, 0));
        close();
    }

    void stop_reading() { reading_ = false; }

    std::string received;  ///< since the last whole request
    std::string last_request;
    int requests = 0;
    bool gone = false;  ///< the client has closed
    bool resumed = false;

   private:
    void begin() {
        if (!tls_) return read();
        tls_->async_handshake(asio::ssl::stream_base::server,
                              [self = shared_from_this()](asio::error_code failed) {
                                  if (failed) return self->close();
                                  self->resumed = SSL_session_reused(self->tls_->native_handle());
                                  self->read();
                              });
    }

    void read() {
        const auto then = [self = shared_from_this()](asio::error_code failed, std::size_t bytes) {
            self->on_read(failed, bytes);
        };
        if (tls_) {
            tls_->async_read_some(asio::buffer(buffer_), then);
        } else {
            socket_.async_read_some(asio::buffer(buffer_), then);
        }
    }

    void on_read(asio::error_code failed, std::size_t bytes) {
        if (failed == asio::error::operation_aborted) return;
        if (failed) {
            gone = true;
            return;
        }
        received.append(buffer_.data(), bytes);
        const bool plain = !tls_;
        while (auto size = whole_request()) {
            ++requests;
            last_request = received.substr(0, size);
            received.erase(0, size);
            if (on_request_) on_request_(*this);
        }
        if (!reading_ || !socket_.is_open()) return;
        if (plain && tls_) return begin();
        read();
    }

    /// Size of the first complete request received, or 0.
    std::size_t whole_request() const {
        const auto head = received.find("\r\n\r\n");
        if (head == std::string::npos) return 0;
        const auto at = received.find("content-length: ");
        const auto body = at < head ? std::stoul(received.substr(at + 16)) : 0;
        const auto size = head + 4 + body;
        return received.size() < size ? 0 : size;
    }

    asio::ip::tcp::socket socket_;
    std::optional<asio::ssl::stream<asio::ip::tcp::socket&>> tls_;
    std::array<char, 65536> buffer_;
    bool reading_ = true;
    std::function<void(peer&)> on_request_;
};

/// Listens on a free loopback port and keeps every connection it accepted.
class loopback_server {
   public:
    explicit loopback_server(asio::io_context& io, asio::ssl::context* tls = nullptr,
                             const char* address = "127.0.0.1")
        : acceptor_(io, asio::ip::tcp::endpoint(asio::ip::make_address(address), 0)), tls_(tls) {
        accept();
    }

    std::string url(std::string_view path = "/") const {
        return std::string(tls_ ? "https" : "http") + "://127.0.0.1:" + std::to_string(port()) +
               std::string(path);
    }
    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    peer& at(std::size_t i) { return *peers.at(i); }
    int requests() const {
        int sum = 0;
        for (const auto& each : peers) sum += each->requests;
        return sum;
    }
    void stop_listening() { acceptor_.close(); }

    /// Called for each complete request.
    std::function<void(peer&)> on_request;
    std::vector<std::shared_ptr<peer>> peers;

   private:
    void accept() {
        acceptor_.async_accept([this](asio::error_code failed, asio::ip::tcp::socket socket) {
            if (failed) return;
            auto& made = peers.emplace_back(std::make_shared<peer>(std::move(socket), tls_));
            made->start([this](peer& p) {
                if (on_request) on_request(p);
            });
            accept();
        });
    }

    asio::ip::tcp::acceptor acceptor_;
    asio::ssl::context* tls_;
};

/// The client under test with its hands on time.
class world {
   public:
    explicit world(http_client_options options = {}) {
        auto opened = http_client::open(io, tasks, time, std::move(options));
        REQUIRE(opened);
        client = *std::move(opened);
    }
    ~world() {
        client.reset();
        while (tasks.run_ready()) {
        }
        CHECK(tasks.timers_waiting() == 0);
    }

    /// Sends the request and remembers the exchange as the last one.
    std::shared_ptr<recorder> send(http_request request) {
        auto sink = std::make_shared<recorder>();
        last = client->send(std::move(request), sink);
        CHECK_FALSE(sink->end);
        return sink;
    }
    std::shared_ptr<recorder> send(std::string url, std::string body = "{}") {
        http_request request;
        request.url = std::move(url);
        request.body = std::move(body);
        return send(std::move(request));
    }

    /// Lets bytes and tasks flow until the condition holds; fails after ten seconds of silence.
    void run_until(const std::function<bool()>& holds) {
        for (int idle = 0; !holds();) {
            if (tasks.run_ready()) continue;
            io.restart();
            idle = io.run_one_for(std::chrono::milliseconds(10)) > 0 ? 0 : idle + 1;
            if (idle == 1000) FAIL("the awaited condition did not come");
        }
    }
    void run_until_end(const std::shared_ptr<recorder>& sink) {
        run_until([&] { return sink->end.has_value(); });
    }

    /// Moves the clock and runs the timers that became due.
    void advance(std::int64_t ms) {
        time.advance(ms);
        while (tasks.run_ready()) {
        }
    }

    asio::io_context io;
    manual_clock time;
    manual_executor tasks{time};
    std::unique_ptr<http_client> client;
    std::shared_ptr<exchange> last;
};

inline std::string answer(std::string_view body, std::string_view extra_headers = "") {
    return "HTTP/1.1 200 OK\r\n" + std::string(extra_headers) +
           "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

}  // namespace conclave::net
