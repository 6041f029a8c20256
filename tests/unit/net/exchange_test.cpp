// Exchanges over real sockets: delivery, kept connections, and what is never kept or repeated.
#include "base/limits.hpp"
#include "unit/net/loopback.hpp"

#include <sys/resource.h>

using namespace conclave;
using namespace conclave::net;

namespace {

http_client_options one_connection() {
    http_client_options options;
    options.max_connections_per_host = 1;
    return options;
}

/// Runs one exchange that the server answers with `bytes`, closing afterwards if asked to.
std::shared_ptr<recorder> exchange_with(world& w, loopback_server& server, std::string bytes,
                                        bool close = false) {
    server.on_request = [bytes = std::move(bytes), close](peer& p) {
        p.send(bytes);
        if (close) p.close();
    };
    auto sink = w.send(server.url());
    w.run_until_end(sink);
    return sink;
}

}  // namespace

TEST_CASE("a request reaches the peer and its answer the sink") {
    world w;
    loopback_server server(w.io);
    server.on_request = [](peer& p) { p.send(answer("hello", "X-A: b\r\n")); };
    http_request request;
    request.url = server.url("/v1/chat?x=1");
    request.headers = {{"content-type", "application/json"}};
    request.body = R"({"a":1})";
    const auto sink = w.send(request);
    w.run_until_end(sink);

    CHECK(sink->end->failure == exchange_failure::none);
    CHECK(sink->end->request_written);
    CHECK(sink->head->status == 200);
    CHECK(sink->head->headers == header_list{{"x-a", "b"}, {"content-length", "5"}});
    CHECK(sink->body == "hello");
    const auto& got = server.at(0).last_request;
    CHECK(got.starts_with("POST /v1/chat?x=1 HTTP/1.1\r\n"));
    CHECK(got.ends_with("content-length: 7\r\n\r\n{\"a\":1}"));
}

TEST_CASE("host names are resolved, IPv6 addresses are used as they are") {
    world w;
    loopback_server server(w.io);
    server.on_request = [](peer& p) { p.send(answer("x")); };
    const auto named = w.send("http://localhost:" + std::to_string(server.port()) + "/");
    w.run_until_end(named);
    CHECK(named->body == "x");

    loopback_server six(w.io, nullptr, "::1");
    six.on_request = server.on_request;
    const auto literal = w.send("http://[::1]:" + std::to_string(six.port()) + "/");
    w.run_until_end(literal);
    CHECK(literal->body == "x");
}

TEST_CASE("a request that cannot be sent is refused before anything happens") {
    world w;
    const auto url = w.send("http://user:pw@host/");
    http_request request;
    request.url = "http://127.0.0.1:1/";
    request.headers = {{"x", "a\r\nb: c"}};
    const auto header = w.send(request);
    for (const auto& sink : {url, header}) {
        w.run_until_end(sink);
        CHECK(sink->end->failure == exchange_failure::bad_request);
        CHECK_FALSE(sink->end->request_written);
        CHECK(sink->end->message.find("pw") == std::string::npos);
    }
}

TEST_CASE("a name that is not known and a port that is closed are certain not to have been sent") {
    world w;
    const auto unknown = w.send("http://no-such-host.invalid/");
    w.run_until_end(unknown);
    CHECK(unknown->end->failure == exchange_failure::resolve);
    CHECK_FALSE(unknown->end->request_written);

    loopback_server server(w.io);
    const auto url = server.url();
    server.stop_listening();
    const auto refused = w.send(url);
    w.run_until_end(refused);
    CHECK(refused->end->failure == exchange_failure::connect);
    CHECK_FALSE(refused->end->request_written);
}

TEST_CASE("an answer is the same however the network cuts it") {
    const std::string text =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
    world w;
    loopback_server server(w.io);
    for (std::size_t cut = 1; cut < text.size(); ++cut) {
        CAPTURE(cut);
        peer* asked = nullptr;
        server.on_request = [&](peer& p) { asked = &p; };
        const auto sink = w.send(server.url());
        w.run_until([&] { return asked != nullptr; });
        asked->send(text.substr(0, cut));
        for (int i = 0; i < 3; ++i) w.io.poll_one();
        asked->send(text.substr(cut));
        w.run_until_end(sink);
        CHECK(sink->body == "ok");
        CHECK(sink->end->failure == exchange_failure::none);
    }
    CHECK(server.peers.size() == 1);
}

TEST_CASE("connections are used again, the one used last first") {
    world w;
    loopback_server server(w.io);
    for (int i = 0; i < 10; ++i) exchange_with(w, server, answer(std::to_string(i)));
    CHECK(server.peers.size() == 1);
    CHECK(server.at(0).requests == 10);
}

TEST_CASE("a request sent from on_end finds the connection free") {
    world w;
    loopback_server server(w.io);
    server.on_request = [](peer& p) { p.send(answer("x")); };
    std::shared_ptr<recorder> second;
    const auto first = w.send(server.url());
    first->when_end = [&] { second = w.send(server.url()); };
    w.run_until([&] { return second && second->end; });
    CHECK(second->body == "x");
    CHECK(server.peers.size() == 1);
}

TEST_CASE("schemes, hosts and ports do not share connections") {
    world w;
    loopback_server a(w.io);
    loopback_server b(w.io);
    exchange_with(w, a, answer("a"));
    CHECK(exchange_with(w, b, answer("b"))->body == "b");
    CHECK(a.peers.size() == 1);
    CHECK(b.peers.size() == 1);
}

TEST_CASE("a connection is not kept where the answer forbids it or bytes are left") {
    const std::vector<std::string> answers = {
        answer("x", "Connection: close\r\n"),
        "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx",
        answer("x") + "y",
        answer("x") + answer("smuggled"),
        answer("x", "Keep-Alive: timeout=1\r\n"),
    };
    for (const auto& text : answers) {
        CAPTURE(text);
        world w;
        loopback_server server(w.io);
        CHECK(exchange_with(w, server, text)->body == "x");
        const auto second = exchange_with(w, server, answer("clean"));
        CHECK(second->body == "clean");
        CHECK(server.peers.size() == 2);
    }
}

TEST_CASE("bytes that arrive on an idle connection end it") {
    world w;
    loopback_server server(w.io);
    exchange_with(w, server, answer("x"));
    server.at(0).send(answer("unasked"));
    SECTION("noticed while idle") {
        w.run_until([&] { return server.at(0).gone; });
    }
    SECTION("noticed at the next request") {}
    CHECK(exchange_with(w, server, answer("asked"))->body == "asked");
    CHECK(server.peers.size() == 2);
}

TEST_CASE("a connection that the peer closed while idle is replaced, not tried") {
    for (const bool reset : {false, true}) {
        world w;
        loopback_server server(w.io);
        exchange_with(w, server, answer("x"));
        if (reset) {
            server.at(0).reset();
        } else {
            server.at(0).close();
        }
        // The client has not been told by the event loop yet: the look before use finds out.
        const auto sink = exchange_with(w, server, answer("y"));
        CHECK(sink->body == "y");
        CHECK(server.peers.size() == 2);
        CHECK(server.requests() == 2);
    }
}

TEST_CASE("a request that was written is never repeated") {
    for (const bool used_before : {false, true}) {
        world w;
        loopback_server server(w.io);
        if (used_before) exchange_with(w, server, answer("x"));
        const int before = server.requests();
        const auto sink = exchange_with(w, server, "", true);
        CHECK(sink->end->failure == exchange_failure::reset);
        CHECK(sink->end->request_written);
        CHECK_FALSE(sink->head);
        CHECK(server.requests() == before + 1);
        CHECK(server.peers.size() == 1);
    }
}

TEST_CASE("a reset within the answer is a reset") {
    world w;
    loopback_server server(w.io);
    server.on_request = [](peer& p) { p.send("HTTP/1.1 200 OK\r\n\r\npart"); };
    const auto sink = w.send(server.url());
    w.run_until([&] { return sink->body == "part"; });
    server.at(0).reset();
    w.run_until_end(sink);
    CHECK(sink->end->failure == exchange_failure::reset);
    CHECK(sink->end->request_written);
}

TEST_CASE("a truncated answer is a reset, one without length ends with the connection") {
    world w;
    loopback_server server(w.io);
    const auto cut =
        exchange_with(w, server, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", true);
    CHECK(cut->end->failure == exchange_failure::reset);
    CHECK(cut->body == "half");
    const auto whole = exchange_with(w, server, "HTTP/1.1 200 OK\r\n\r\nall", true);
    CHECK(whole->end->failure == exchange_failure::none);
    CHECK(whole->body == "all");
}

TEST_CASE("garbage and oversize answers end the exchange and the connection") {
    world w;
    loopback_server server(w.io);
    const auto garbage = exchange_with(w, server, "\x16\x03\x01 what is this\r\n\r\n");
    CHECK(garbage->end->failure == exchange_failure::malformed);
    CHECK(garbage->end->request_written);
    CHECK(garbage->end->message.find("what is this") == std::string::npos);

    const auto headers = exchange_with(
        w, server, answer("x", "a: " + std::string(limits::response_header_bytes, 'b') + "\r\n"));
    CHECK(headers->end->failure == exchange_failure::too_large);

    const auto body = exchange_with(
        w, server,
        "HTTP/1.1 429 Slow\r\nContent-Length: " + std::to_string(limits::response_body_bytes + 1) +
            "\r\n\r\n");
    CHECK(body->end->failure == exchange_failure::too_large);
    CHECK(body->head->status == 429);
    w.run_until([&] { return server.at(0).gone && server.at(1).gone && server.at(2).gone; });
}

TEST_CASE("a redirect is an answer like any other") {
    world w;
    loopback_server server(w.io);
    const auto sink = exchange_with(
        w, server,
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
    CHECK(sink->head->status == 302);
    CHECK(server.requests() == 1);
}

TEST_CASE("large bodies pass both ways") {
    world w;
    loopback_server server(w.io);
    const std::string large(limits::content_bytes * 4, 'q');
    server.on_request = [&](peer& p) { p.send(answer(std::to_string(p.last_request.size()))); };
    const auto up = w.send(server.url(), large);
    w.run_until_end(up);
    CHECK(std::stoul(up->body) > large.size());
    CHECK(server.at(0).last_request.ends_with("\r\n\r\n" + large));

    std::string text = answer(std::string(300'000, 'z'));
    const auto down = exchange_with(w, server, text);
    CHECK(down->body == std::string(300'000, 'z'));
    CHECK(server.peers.size() == 1);
}

TEST_CASE("an answer that comes before the request is read to its end counts, the connection not") {
    world w;
    loopback_server server(w.io);
    const auto sink = w.send(server.url(), std::string(8 * 1024 * 1024, 'q'));
    w.run_until([&] { return !server.peers.empty(); });
    server.at(0).stop_reading();
    server.at(0).send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
    w.run_until_end(sink);
    CHECK(sink->head->status == 413);
    CHECK(sink->end->failure == exchange_failure::none);
    exchange_with(w, server, answer("x"));
    CHECK(server.peers.size() == 2);
}

TEST_CASE("a peer that closes within the request gives a failed write that was begun") {
    world w;
    loopback_server server(w.io);
    const auto sink = w.send(server.url(), std::string(8 * 1024 * 1024, 'q'));
    w.run_until([&] { return !server.peers.empty() && !server.at(0).received.empty(); });
    server.at(0).reset();
    w.run_until_end(sink);
    CHECK((sink->ended_with(exchange_failure::write) || sink->ended_with(exchange_failure::reset)));
    CHECK(sink->end->request_written);
}

TEST_CASE("exchanges beyond the connections of a host wait in order of arrival") {
    world w(one_connection());
    loopback_server server(w.io);
    std::vector<std::string> order;
    server.on_request = [&](peer& p) {
        order.push_back(p.last_request.substr(5, 2));
        p.send(answer("x"));
    };
    std::vector<std::shared_ptr<recorder>> sinks;
    for (int i = 0; i < 5; ++i) sinks.push_back(w.send(server.url("/" + std::to_string(i))));
    for (const auto& sink : sinks) {
        w.run_until_end(sink);
        CHECK(sink->body == "x");
    }
    CHECK(order == std::vector<std::string>{"/0", "/1", "/2", "/3", "/4"});
    CHECK(server.peers.size() == 1);
}

TEST_CASE("one that waits gets a new connection when the old one cannot be used again") {
    world w(one_connection());
    loopback_server server(w.io);
    server.on_request = [](peer& p) { p.send(answer("x", "Connection: close\r\n")); };
    const auto first = w.send(server.url());
    const auto second = w.send(server.url());
    w.run_until_end(first);
    w.run_until_end(second);
    CHECK(second->body == "x");
    CHECK(server.peers.size() == 2);
}

TEST_CASE("one that waits is not written to a connection that the peer has just closed") {
    world w(one_connection());
    loopback_server server(w.io);
    server.on_request = [](peer& p) {
        p.send(answer("x"));
        p.close();
    };
    const auto first = w.send(server.url());
    const auto second = w.send(server.url());
    w.run_until_end(first);
    w.run_until_end(second);
    CHECK(second->body == "x");
    CHECK(server.peers.size() == 2);
}

TEST_CASE("no more idle connections are kept than allowed") {
    http_client_options options;
    options.max_idle_per_host = 2;
    world w(options);
    loopback_server server(w.io);
    std::vector<std::shared_ptr<recorder>> sinks;
    for (int i = 0; i < 5; ++i) sinks.push_back(w.send(server.url()));
    w.run_until([&] { return server.requests() == 5; });
    for (const auto& each : server.peers) each->send(answer("x"));
    for (const auto& sink : sinks) w.run_until_end(sink);
    const auto closed = [&] {
        return std::count_if(server.peers.begin(), server.peers.end(),
                             [](const auto& each) { return each->gone; });
    };
    w.run_until([&] { return closed() == 3; });
}

TEST_CASE("an idle connection is closed after its time") {
    http_client_options options;
    options.idle_keep_ms = 10'000;
    world w(options);
    loopback_server server(w.io);
    std::int64_t kept_ms = 10'000;
    std::string headers;
    SECTION("ours") {}
    SECTION("the peer's, where it is shorter, less a margin") {
        headers = "Keep-Alive: timeout=5\r\n";
        kept_ms = 4'000;
    }
    exchange_with(w, server, answer("x", headers));
    w.advance(kept_ms - 1);
    exchange_with(w, server, answer("y", headers));
    CHECK(server.peers.size() == 1);
    w.advance(kept_ms);
    w.run_until([&] { return server.at(0).gone; });
    exchange_with(w, server, answer("z"));
    CHECK(server.peers.size() == 2);
}

TEST_CASE("with no idle time every exchange has its own connection") {
    http_client_options options;
    options.idle_keep_ms = 0;
    world w(options);
    loopback_server server(w.io);
    exchange_with(w, server, answer("x"));
    exchange_with(w, server, answer("y"));
    CHECK(server.peers.size() == 2);
}

TEST_CASE("running out of descriptors is a failed connect") {
    world w;
    loopback_server server(w.io);
    rlimit before{};
    REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
    rlimit none = before;
    none.rlim_cur = 0;
    REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
    const auto sink = w.send(server.url());
    w.run_until_end(sink);
    REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
    CHECK(sink->end->failure == exchange_failure::connect);
    CHECK_FALSE(sink->end->request_written);
}

TEST_CASE("bad options are refused by name") {
    asio::io_context io;
    manual_clock time;
    manual_executor tasks(time);
    const auto check_refused = [&](const http_client_options& options, const std::string& field) {
        const auto opened = http_client::open(io, tasks, time, options);
        REQUIRE_FALSE(opened);
        CHECK(opened.error().message.starts_with(field + " "));
        CHECK(opened.error().message.find("nonexistent") == std::string::npos);
    };
    check_refused({.trust = {.ca_file = "/nonexistent/ca.pem"}}, "ca_file");
    check_refused({.trust = {.ca_dir = "/nonexistent:/nonexistent/too"}}, "ca_dir");
    check_refused({.trust = {.extra_ca_file = "/nonexistent/ca.pem"}}, "extra_ca_file");
    check_refused({.proxy = "socks5://h:1"}, "proxy");
}
