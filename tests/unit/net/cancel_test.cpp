// Cancelling in every phase, closing, and destroying the client under its exchanges.
#include "unit/net/loopback.hpp"

using namespace conclave;
using namespace conclave::net;

namespace {

/// Cancels the last exchange and checks that its end comes later, and once.
void check_cancel(world& w, const std::shared_ptr<recorder>& sink, bool written) {
    w.last->cancel();
    CHECK_FALSE(sink->end);
    w.last->cancel();
    w.run_until_end(sink);
    CHECK(sink->end->failure == exchange_failure::cancelled);
    CHECK(sink->end->request_written == written);
    w.last->cancel();
    for (int i = 0; i < 100; ++i) w.io.poll_one();
}

http_client_options one_connection() {
    http_client_options options;
    options.max_connections_per_host = 1;
    return options;
}

}  // namespace

TEST_CASE("an exchange can be cancelled while it resolves or connects") {
    world w;
    loopback_server server(w.io);
    SECTION("at once") {
        check_cancel(w, w.send(server.url()), false);
        CHECK(server.requests() == 0);
    }
    SECTION("while it resolves") {
        check_cancel(w, w.send("http://localhost:" + std::to_string(server.port())), false);
        CHECK(server.peers.empty());
    }
    SECTION("within the TLS hand-shake") {
        const auto sink = w.send("https://127.0.0.1:" + std::to_string(server.port()) + "/");
        w.run_until([&] { return !server.peers.empty() && !server.at(0).received.empty(); });
        check_cancel(w, sink, false);
    }
}

TEST_CASE("an exchange can be cancelled while it waits for a connection") {
    world w(one_connection());
    loopback_server server(w.io);
    const auto first = w.send(server.url());
    const auto keep = w.last;
    const auto second = w.send(server.url());
    check_cancel(w, second, false);
    w.run_until([&] { return server.requests() == 1; });
    server.at(0).send(answer("x"));
    w.run_until_end(first);
    CHECK(first->body == "x");
    CHECK(server.requests() == 1);
}

TEST_CASE("an exchange can be cancelled while it writes, awaits and reads") {
    world w;
    loopback_server server(w.io);
    SECTION("while it writes") {
        const auto sink = w.send(server.url(), std::string(16 * 1024 * 1024, 'q'));
        w.run_until([&] { return !server.peers.empty() && !server.at(0).received.empty(); });
        check_cancel(w, sink, true);
    }
    SECTION("while it awaits the answer") {
        const auto sink = w.send(server.url());
        w.run_until([&] { return server.requests() == 1; });
        check_cancel(w, sink, true);
    }
    SECTION("while it reads") {
        const auto sink = w.send(server.url());
        w.run_until([&] { return server.requests() == 1; });
        server.at(0).send("HTTP/1.1 200 OK\r\n\r\nx");
        w.run_until([&] { return sink->body == "x"; });
        check_cancel(w, sink, true);
    }
    w.run_until([&] { return server.at(0).gone; });
    // The connection is not used again.
    server.on_request = [](peer& p) { p.send(answer("y")); };
    const auto next = w.send(server.url());
    w.run_until_end(next);
    CHECK(next->body == "y");
    CHECK(server.peers.size() == 2);
}

TEST_CASE("an exchange can be cancelled by its own sink") {
    world w;
    loopback_server server(w.io);
    server.on_request = [](peer& p) {
        p.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n1\r\ny\r\n");
    };
    const auto sink = w.send(server.url());
    std::string expected;
    SECTION("at the head") {
        sink->when_head = [&] { w.last->cancel(); };
    }
    SECTION("within the body") {
        expected = "x";
        sink->when_body = [&] { w.last->cancel(); };
    }
    w.run_until_end(sink);
    CHECK(sink->end->failure == exchange_failure::cancelled);
    CHECK(sink->body == expected);
}

TEST_CASE("a cancel at the end comes too late") {
    world w;
    loopback_server server(w.io);
    server.on_request = [](peer& p) { p.send(answer("x")); };
    const auto sink = w.send(server.url());
    sink->when_end = [&] { w.last->cancel(); };
    w.run_until_end(sink);
    CHECK(sink->end->failure == exchange_failure::none);
    w.run_until_end(w.send(server.url()));
    CHECK(server.peers.size() == 1);
}

TEST_CASE("a dropped handle changes nothing") {
    world w;
    loopback_server server(w.io);
    server.on_request = [](peer& p) { p.send(answer("x")); };
    const auto sink = w.send(server.url());
    w.last.reset();
    w.run_until_end(sink);
    CHECK(sink->body == "x");
}

TEST_CASE("close cancels everything, later sends included") {
    world w(one_connection());
    loopback_server server(w.io);
    const auto running = w.send(server.url());
    const auto waiting = w.send(server.url());
    w.run_until([&] { return server.requests() == 1; });
    const auto dialling = w.send("http://localhost:" + std::to_string(server.port()));
    w.client->close();
    w.client->close();
    CHECK_FALSE(running->end);
    const auto late = w.send(server.url());
    for (const auto& sink : {running, waiting, dialling, late}) {
        w.run_until_end(sink);
        CHECK(sink->end->failure == exchange_failure::cancelled);
        CHECK(sink->end->request_written == (sink == running));
    }
    w.run_until([&] { return server.at(0).gone; });
    CHECK(w.tasks.timers_waiting() == 0);
}

TEST_CASE("the client may be destroyed under its exchanges and within their calls") {
    world w;
    loopback_server server(w.io);
    SECTION("while they run") {
        const auto running = w.send(server.url());
        w.run_until([&] { return server.requests() == 1; });
        const auto dialling = w.send(server.url());
        w.client = *http_client::open(w.io, w.tasks, w.time, {});
        w.run_until_end(running);
        w.run_until_end(dialling);
        CHECK(running->end->failure == exchange_failure::cancelled);
        w.last->cancel();
    }
    SECTION("within on_head, on_body or on_end") {
        server.on_request = [](peer& p) { p.send(answer("x")); };
        for (auto hook : {&recorder::when_head, &recorder::when_body, &recorder::when_end}) {
            const auto sink = w.send(server.url());
            (*sink).*hook = [&] { w.client = *http_client::open(w.io, w.tasks, w.time, {}); };
            w.run_until_end(sink);
        }
    }
    for (int i = 0; i < 100; ++i) w.io.poll_one();
}
