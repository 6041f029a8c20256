// Each time limit of an exchange, on a clock that moves only when told.
#include "unit/net/loopback.hpp"

using namespace conclave;
using namespace conclave::net;

namespace {

/// A listening socket whose queue is full: connects to it neither succeed nor fail.
class deaf_port {
   public:
    explicit deaf_port(asio::io_context& io) : acceptor_(io) {
        acceptor_.open(asio::ip::tcp::v4());
        acceptor_.bind({asio::ip::address_v4::loopback(), 0});
        acceptor_.listen(0);
        for (auto& each : fillers_) {
            each = std::make_unique<asio::ip::tcp::socket>(io);
            each->async_connect(acceptor_.local_endpoint(), [](asio::error_code) {});
        }
    }
    std::string url() const {
        return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/";
    }

   private:
    asio::ip::tcp::acceptor acceptor_;
    std::array<std::unique_ptr<asio::ip::tcp::socket>, 4> fillers_;
};

http_request request_to(const std::string& url) {
    http_request request;
    request.url = url;
    request.connect_timeout_ms = 100;
    request.first_byte_timeout_ms = 200;
    request.idle_timeout_ms = 300;
    request.total_timeout_ms = 5'000;
    return request;
}

void check_times_out_after(world& w, const std::shared_ptr<recorder>& sink, std::int64_t ms,
                           bool written) {
    w.advance(ms - 1);
    CHECK_FALSE(sink->end);
    w.advance(1);
    REQUIRE(sink->end);
    CHECK(sink->end->failure == exchange_failure::timeout);
    CHECK(sink->end->request_written == written);
}

}  // namespace

TEST_CASE("a connection that does not stand in time is given up") {
    world w;
    deaf_port port(w.io);
    for (int i = 0; i < 100; ++i) w.io.poll_one();
    const auto sink = w.send(request_to(port.url()));
    for (int i = 0; i < 100; ++i) w.io.poll_one();
    check_times_out_after(w, sink, 100, false);
}

TEST_CASE("a TLS peer that says nothing counts as a connection that does not stand") {
    world w;
    loopback_server server(w.io);
    const auto sink =
        w.send(request_to("https://127.0.0.1:" + std::to_string(server.port()) + "/"));
    w.run_until([&] { return !server.peers.empty() && !server.at(0).received.empty(); });
    check_times_out_after(w, sink, 100, false);
}

TEST_CASE("waiting for a free connection counts as connecting") {
    http_client_options options;
    options.max_connections_per_host = 1;
    world w(options);
    loopback_server server(w.io);
    auto slow = request_to(server.url());
    slow.first_byte_timeout_ms = 0;
    const auto first = w.send(slow);
    w.run_until([&] { return server.requests() == 1; });
    const auto second = w.send(request_to(server.url()));
    check_times_out_after(w, second, 100, false);
    server.at(0).send(answer("x"));
    w.run_until_end(first);
    CHECK(first->body == "x");
    CHECK(server.requests() == 1);
}

TEST_CASE("a peer that never answers is cut at the first-byte limit") {
    world w;
    loopback_server server(w.io);
    const auto sink = w.send(request_to(server.url()));
    w.run_until([&] { return server.requests() == 1; });
    check_times_out_after(w, sink, 200, true);
    w.run_until([&] { return server.at(0).gone; });
}

TEST_CASE("a peer that does not read the request is cut at the first-byte limit") {
    world w;
    loopback_server server(w.io);
    auto request = request_to(server.url());
    request.body.assign(16 * 1024 * 1024, 'q');
    const auto sink = w.send(request);
    w.run_until([&] { return !server.peers.empty(); });
    server.at(0).stop_reading();
    for (int i = 0; i < 1'000; ++i) w.io.poll_one();
    w.advance(199);
    CHECK_FALSE(sink->end);
    w.advance(1);
    REQUIRE(sink->end);
    CHECK(sink->end->failure == exchange_failure::timeout);
    CHECK(sink->end->request_written);
}

TEST_CASE("pauses of an answer are limited one by one") {
    world w;
    loopback_server server(w.io);
    auto request = request_to(server.url());
    const auto sink = w.send(request);
    w.run_until([&] { return server.requests() == 1; });
    w.advance(199);
    server.at(0).send("HTTP/1.1 200 OK\r\n\r\n");
    w.run_until([&] { return sink->head.has_value(); });
    for (std::size_t i = 1; i <= 5; ++i) {
        w.advance(299);
        CHECK_FALSE(sink->end);
        server.at(0).send("x");
        w.run_until([&] { return sink->body.size() == i; });
    }
    check_times_out_after(w, sink, 300, true);
    CHECK(sink->body == "xxxxx");
}

TEST_CASE("an exchange is limited as a whole") {
    world w;
    loopback_server server(w.io);
    const auto sink = w.send(request_to(server.url()));
    w.run_until([&] { return server.requests() == 1; });
    server.at(0).send("HTTP/1.1 200 OK\r\n\r\n");
    w.run_until([&] { return sink->head.has_value(); });
    for (std::size_t i = 1; i < 20; ++i) {
        w.advance(250);
        server.at(0).send("x");
        w.run_until([&] { return sink->body.size() == i; });
    }
    check_times_out_after(w, sink, 250, true);
    CHECK(sink->end->message.find("whole") != std::string::npos);
}

TEST_CASE("the total limit also ends connecting and waiting") {
    http_client_options options;
    options.max_connections_per_host = 1;
    world w(options);
    loopback_server server(w.io);
    http_request request;
    request.url = server.url();
    request.total_timeout_ms = 2'000;
    const auto first = w.send(request);
    const auto waiting = w.send(request);
    w.run_until([&] { return server.requests() == 1; });
    w.advance(1'999);
    CHECK_FALSE(first->end);
    CHECK_FALSE(waiting->end);
    w.advance(1);
    CHECK(first->ended_with(exchange_failure::timeout));
    CHECK(first->end->request_written);
    CHECK(waiting->ended_with(exchange_failure::timeout));
    CHECK_FALSE(waiting->end->request_written);
}

TEST_CASE("no limit means no limit") {
    world w;
    loopback_server server(w.io);
    const auto sink = w.send(server.url());
    w.run_until([&] { return server.requests() == 1; });
    w.advance(48LL * 60 * 60 * 1000);
    CHECK_FALSE(sink->end);
    server.at(0).send(answer("late"));
    w.run_until_end(sink);
    CHECK(sink->body == "late");
}

TEST_CASE("a kept connection sets the executor's timer once for many exchanges") {
    world w;
    loopback_server server(w.io);
    server.on_request = [](peer& p) { p.send(answer("x")); };
    for (int i = 0; i < 50; ++i) w.run_until_end(w.send(request_to(server.url())));
    CHECK(w.tasks.timers_set == 1);
}
