// Drives one connection.
#include "connection.hpp"

#include "error_answer.hpp"
#include "log.hpp"

#include <asio/co_spawn.hpp>
#include <asio/read.hpp>
#include <asio/read_until.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include <random>

namespace vocalbridge {

namespace {

using namespace std::chrono_literals;
using asio::use_awaitable;
using conclave::errc;

constexpr auto head_time = 30s;  // also how long an idle connection is kept
constexpr auto body_time = 30s;
constexpr auto write_time = 30s;
constexpr auto farewell_time = 2s;

constexpr std::string_view head_end = "\r\n\r\n";

/// `req_` and 128 random bits.
std::string new_request_id() {
    constexpr char digits[] = "0123456789abcdef";
    static std::random_device device;
    std::string id = "req_";
    for (int word = 0; word < 4; ++word)
        for (auto [bits, left] = std::pair(device(), 8); left > 0; bits >>= 4, --left)
            id += digits[bits & 15];
    return id;
}

/// One line per request: its path, but nothing of its headers, query or body.
class record {
   public:
    explicit record(const std::string& request_id) : request_id_(request_id) {}

    void write(std::string_view method, std::string_view path, int status) const {
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::steady_clock::now() - began_);
        log(log_line(status < 500 ? "info" : "error")
                .text("requestId", request_id_)
                .text("method", method)
                .text("path", path)
                .number("status", status)
                .number("latencyMs", took.count()));
    }

   private:
    const std::string& request_id_;
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace

void connection::start(std::function<void()> ended) {
    asio::error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    asio::co_spawn(
        socket_.get_executor(), serve(),
        [self = shared_from_this(), ended = std::move(ended)](const std::exception_ptr&) {
            self->timer_.cancel();
            ended();
        });
}

void connection::finish() {
    finishing_ = true;
    asio::error_code ignored;
    if (!answering_) socket_.cancel(ignored);
}

/// Whatever is under way on the socket is given up after `time`.
void connection::limit(std::chrono::milliseconds time) {
    timer_.expires_after(time);
    timer_.async_wait([self = weak_from_this()](asio::error_code error) {
        const auto alive = self.lock();
        // A wait that ended just before the time was set anew also comes without an error.
        if (error || !alive || alive->timer_.expiry() > std::chrono::steady_clock::now()) return;
        asio::error_code ignored;
        alive->socket_.cancel(ignored);
    });
}

/// Ends with an exception of the socket when the client leaves.
asio::awaitable<void> connection::serve() {
    while (!finishing_)
        if (co_await exchange() == outcome::close) break;
    asio::error_code ignored;
    socket_.shutdown(asio::socket_base::shutdown_send, ignored);
    co_await discard_until_closed();
}

asio::awaitable<connection::outcome> connection::exchange() {
    limit(head_time);
    if (!co_await read_head())
        co_return co_await refuse(
            conclave::fail(errc::payload_too_large, "The headers are too large")
                .with("maxBytes", static_cast<std::int64_t>(head_bytes_max)));
    answering_ = true;
    auto r = parse_head(std::string_view(received_).substr(0, head_bytes_));
    received_.erase(0, head_bytes_);
    if (!r) co_return co_await refuse(conclave::invalid("request", "is not valid HTTP/1.1"));

    const auto request_id = new_request_id();
    const record line(request_id);
    answer a;
    bool keep_alive = r->keep_alive;
    if (r->body_bytes > body_bytes_max) {
        keep_alive = false;  // the body stays unread
        a = error_answer(conclave::fail(errc::payload_too_large, "The body is too large")
                             .with("maxBytes", static_cast<std::int64_t>(body_bytes_max)),
                         request_id);
    } else {
        co_await read_body(*r);
        a = co_await api_.respond(*r, request_id);
    }
    keep_alive = keep_alive && !finishing_;
    line.write(r->method, r->path, a.status);
    co_await write(print(a, request_id, keep_alive));
    answering_ = false;
    co_return keep_alive ? outcome::next : outcome::close;
}

/// False when the head does not end within its limit.
asio::awaitable<bool> connection::read_head() {
    for (std::size_t searched = 0;;) {
        if (const auto at = received_.find(head_end, searched); at != std::string::npos) {
            head_bytes_ = at + head_end.size();
            co_return head_bytes_ <= head_bytes_max;
        }
        if (received_.size() >= head_bytes_max) co_return false;
        searched = received_.size() < head_end.size() ? 0 : received_.size() - head_end.size() + 1;
        char piece[4096];
        const auto bytes = co_await socket_.async_read_some(asio::buffer(piece), use_awaitable);
        received_.append(piece, bytes);
    }
}

asio::awaitable<void> connection::read_body(request& r) {
    const auto early = std::min(r.body_bytes, received_.size());
    r.body = received_.substr(0, early);
    received_.erase(0, early);
    if (r.body.size() == r.body_bytes) co_return;
    limit(body_time);
    if (r.header("expect")) co_await write("HTTP/1.1 100 Continue\r\n\r\n");
    r.body.resize(r.body_bytes);
    co_await asio::async_read(socket_, asio::buffer(r.body) + early, use_awaitable);
}

/// For what cannot be read as a request: the connection cannot go on after it.
asio::awaitable<connection::outcome> connection::refuse(conclave::error e) {
    answering_ = true;
    const auto request_id = new_request_id();
    const auto a = error_answer(e, request_id);
    record(request_id).write("", "", a.status);
    co_await write(print(a, request_id, false));
    co_return outcome::close;
}

asio::awaitable<void> connection::write(std::string bytes) {
    limit(write_time);
    co_await asio::async_write(socket_, asio::buffer(bytes), use_awaitable);
}

/// Closing with unread bytes would reset the connection and could destroy the answer on its way.
asio::awaitable<void> connection::discard_until_closed() {
    limit(farewell_time);
    char piece[16384];
    while (true) co_await socket_.async_read_some(asio::buffer(piece), use_awaitable);
}

}  // namespace vocalbridge
