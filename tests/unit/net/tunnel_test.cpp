// Requests through a proxy: plain ones forwarded, TLS in a tunnel.
#include "unit/net/loopback.hpp"
#include "unit/net/test_authority.hpp"

using namespace conclave;
using namespace conclave::net;

namespace {

http_client_options through(const loopback_server& proxy, const std::string& user = "") {
    http_client_options options;
    options.proxy = "http://" + user + "127.0.0.1:" + std::to_string(proxy.port());
    return options;
}

struct proxied {
    explicit proxied(const std::string& user = "", const std::string& ca_file = "") {
        auto options = through(proxy, user);
        options.trust.ca_file = ca_file;
        w.client = *http_client::open(w.io, w.tasks, w.time, options);
    }
    world w;
    loopback_server proxy{w.io};
};

}  // namespace

TEST_CASE("plain requests are forwarded, all hosts over the same connections") {
    proxied p("user:secret@");
    p.proxy.on_request = [](peer& each) { each.send(answer("via")); };
    for (const std::string host : {"one.example", "two.example:81"}) {
        const auto sink = p.w.send("http://" + host + "/x");
        p.w.run_until_end(sink);
        CHECK(sink->body == "via");
        const auto& got = p.proxy.at(0).last_request;
        CHECK(got.starts_with("POST http://" + host + "/x HTTP/1.1\r\nhost: " + host + "\r\n"));
        CHECK(got.find("proxy-authorization: Basic dXNlcjpzZWNyZXQ=\r\n") != std::string::npos);
    }
    CHECK(p.proxy.peers.size() == 1);
}

TEST_CASE("TLS goes through a tunnel, and the proxy's password only to the proxy") {
    authority ca;
    auto tls = ca.server({.dns = "api.example"});
    proxied p("user:secret@", ca.file());
    std::vector<std::string> seen;
    p.proxy.on_request = [&](peer& each) {
        seen.push_back(each.last_request);
        if (each.last_request.starts_with("CONNECT ")) {
            each.send("HTTP/1.1 200 Connection established\r\n\r\n");
            each.upgrade(tls);
        } else {
            each.send(answer("inside"));
        }
    };
    for (int i = 0; i < 2; ++i) {
        const auto sink = p.w.send("https://api.example/x");
        p.w.run_until_end(sink);
        CHECK(sink->body == "inside");
    }
    REQUIRE(seen.size() == 3);
    CHECK(seen[0].starts_with("CONNECT api.example:443 HTTP/1.1\r\nhost: api.example:443\r\n"));
    CHECK(seen[0].find("proxy-authorization: Basic") != std::string::npos);
    CHECK(seen[1].starts_with("POST /x HTTP/1.1\r\nhost: api.example\r\n"));
    CHECK(seen[1].find("proxy-authorization") == std::string::npos);
}

TEST_CASE("a tunnel that the proxy does not make is a failed connect") {
    const std::vector<std::string> answers = {
        "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 502 Bad Gateway\r\n\r\nlong words",
        "HTTP/1.1 302 Found\r\nLocation: x\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\nunasked",
        "nonsense\r\n\r\n",
        "HTTP/1.1 200",
        "",
    };
    for (const auto& text : answers) {
        CAPTURE(text);
        proxied p;
        p.proxy.on_request = [&](peer& each) {
            each.send(text);
            each.close();
        };
        const auto sink = p.w.send("https://api.example/");
        p.w.run_until_end(sink);
        CHECK(sink->end->failure == exchange_failure::connect);
        CHECK_FALSE(sink->end->request_written);
        CHECK_FALSE(sink->head);
    }
}

TEST_CASE("a proxy that does not answer is cut at the connect limit") {
    proxied p;
    http_request request;
    request.url = "https://api.example/";
    request.connect_timeout_ms = 100;
    const auto sink = p.w.send(request);
    p.w.run_until([&] { return p.proxy.requests() == 1; });
    p.w.advance(100);
    CHECK(sink->ended_with(exchange_failure::timeout));
    CHECK_FALSE(sink->end->request_written);
}
