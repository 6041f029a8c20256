// Which TLS peers are trusted, and how exchanges pass through TLS.
#include "net/tls_context.hpp"
#include "unit/net/loopback.hpp"
#include "unit/net/test_authority.hpp"

#include <filesystem>

using namespace conclave;
using namespace conclave::net;

namespace {

http_client_options trusting(const authority& ca) {
    http_client_options options;
    options.trust.ca_file = ca.file();
    return options;
}

/// One exchange with a server under this context; the name resolves to the loopback interface.
struct secured {
    secured(asio::ssl::context context, http_client_options options)
        : tls(std::move(context)), w(std::move(options)), server(w.io, &tls) {
        server.on_request = [](peer& p) { p.send(answer("secret")); };
    }

    std::shared_ptr<recorder> exchange_with(const std::string& host) {
        const auto sink = w.send("https://" + host + ":" + std::to_string(server.port()) + "/");
        w.run_until_end(sink);
        return sink;
    }
    void check_refused(const std::string& host, const std::string& why) {
        const auto sink = exchange_with(host);
        CHECK(sink->end->failure == exchange_failure::tls);
        CHECK_FALSE(sink->end->request_written);
        CHECK_FALSE(sink->head);
        CAPTURE(sink->end->message);
        CHECK(sink->end->message.find(why) != std::string::npos);
        CHECK(server.requests() == 0);
    }

    asio::ssl::context tls;
    world w;
    loopback_server server;
};

}  // namespace

TEST_CASE("a certificate for the name, signed by a trusted authority, is accepted") {
    authority ca;
    secured s(ca.server({.dns = "localhost"}), trusting(ca));
    for (int i = 0; i < 3; ++i) {
        const auto sink = s.exchange_with("localhost");
        CHECK(sink->end->failure == exchange_failure::none);
        CHECK(sink->body == "secret");
    }
    CHECK(s.server.peers.size() == 1);
}

TEST_CASE("an IP address must stand in the certificate as such") {
    authority ca;
    SECTION("it does") {
        secured s(ca.server({.ip = "127.0.0.1"}), trusting(ca));
        CHECK(s.exchange_with("127.0.0.1")->body == "secret");
    }
    SECTION("another one does") {
        secured s(ca.server({.ip = "127.0.0.2"}), trusting(ca));
        s.check_refused("127.0.0.1", "mismatch");
    }
    SECTION("only a name that looks the same does") {
        secured s(ca.server({.dns = "127.0.0.1"}), trusting(ca));
        s.check_refused("127.0.0.1", "mismatch");
    }
}

TEST_CASE("a certificate for another host is refused") {
    authority ca;
    secured s(ca.server({.dns = "example.com"}), trusting(ca));
    s.check_refused("localhost", "mismatch");
}

TEST_CASE("an expired certificate is refused, one not yet valid too") {
    authority ca;
    SECTION("expired") {
        secured s(ca.server({.dns = "localhost", .valid_from_s = -7200, .valid_until_s = -60}),
                  trusting(ca));
        s.check_refused("localhost", "expired");
    }
    SECTION("not yet valid") {
        secured s(ca.server({.dns = "localhost", .valid_from_s = 3000}), trusting(ca));
        s.check_refused("localhost", "not yet valid");
    }
}

TEST_CASE("a certificate of an unknown authority is refused") {
    authority known;
    authority unknown;
    SECTION("under a given authority") {
        secured s(unknown.server({.dns = "localhost"}), trusting(known));
        s.check_refused("localhost", "certificate");
    }
    SECTION("under the system's") {
        secured s(unknown.server({.dns = "localhost"}), {});
        s.check_refused("localhost", "certificate");
    }
}

TEST_CASE("authorities come from a folder, or are added to the others") {
    authority known;
    authority other;
    http_client_options options;
    const auto told = [&](const authority& signer) {
        secured s(signer.server({.dns = "localhost"}), options);
        return s.exchange_with("localhost")->body;
    };
    SECTION("a folder stands in for the system's") {
        options.trust.ca_dir = known.folder();
        CHECK(told(known) == "secret");
        CHECK(told(other).empty());
    }
    SECTION("a list of folders may name some that are not there") {
        options.trust.ca_dir = "/nonexistent:" + known.folder();
        CHECK(told(known) == "secret");
    }
    SECTION("a file and a folder are both trusted") {
        options.trust.ca_file = known.file();
        options.trust.ca_dir = other.folder();
        CHECK(told(known) == "secret");
        CHECK(told(other) == "secret");
    }
    SECTION("an extra file beside a file") {
        options.trust.ca_file = known.file();
        options.trust.extra_ca_file = other.file();
        CHECK(told(known) == "secret");
        CHECK(told(other) == "secret");
    }
    SECTION("an extra file beside the system's") {
        options.trust.extra_ca_file = known.file();
        CHECK(told(known) == "secret");
        CHECK(told(other).empty());
    }
}

TEST_CASE("an extra file leaves the system's authorities in place") {
    if (!std::filesystem::exists(X509_get_default_cert_file())) return;
    authority ca;
    const auto count = [](const trusted_authorities& who) {
        const auto context = tls_context::open(who).value();
        tls_session_slot none;
        const auto connection = context->start("localhost", none);
        auto* store = SSL_CTX_get_cert_store(SSL_get_SSL_CTX(connection.get()));
        return sk_X509_OBJECT_num(X509_STORE_get0_objects(store));
    };
    CHECK(count({.extra_ca_file = ca.file()}) == count({}) + 1);
    CHECK(count({.ca_file = ca.file()}) == 1);
}

TEST_CASE("TLS below 1.2 is refused") {
    authority ca;
    auto context = ca.server({.dns = "localhost"});
    SSL_CTX_set_security_level(context.native_handle(), 0);
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context.native_handle(), TLS1_1_VERSION);
    secured s(std::move(context), trusting(ca));
    s.check_refused("localhost", "TLS failed");
}

TEST_CASE("a peer that does not speak TLS, or closes within the hand-shake, is a TLS failure") {
    authority ca;
    world w(trusting(ca));
    loopback_server server(w.io);
    const auto sink = w.send("https://127.0.0.1:" + std::to_string(server.port()) + "/");
    w.run_until([&] { return !server.peers.empty() && !server.at(0).received.empty(); });
    SECTION("plain HTTP") { server.at(0).send("HTTP/1.1 400 Bad Request\r\n\r\n"); }
    SECTION("close") { server.at(0).close(); }
    SECTION("reset") { server.at(0).reset(); }
    w.run_until_end(sink);
    CHECK(sink->end->failure == exchange_failure::tls);
    CHECK_FALSE(sink->end->request_written);
}

TEST_CASE("sessions are resumed, in both protocol versions") {
    authority ca;
    auto context = ca.server({.dns = "localhost"});
    SECTION("TLS 1.3") { SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_3_VERSION); }
    SECTION("TLS 1.2") { SSL_CTX_set_max_proto_version(context.native_handle(), TLS1_2_VERSION); }
    secured s(std::move(context), trusting(ca));
    s.server.on_request = [](peer& p) { p.send(answer("x", "Connection: close\r\n")); };
    for (int i = 0; i < 3; ++i) CHECK(s.exchange_with("localhost")->body == "x");
    REQUIRE(s.server.peers.size() == 3);
    CHECK_FALSE(s.server.at(0).resumed);
    CHECK(s.server.at(1).resumed);
    CHECK(s.server.at(2).resumed);
}

TEST_CASE("sessions of as many hosts as the limit are remembered") {
    authority ca;
    secured s(ca.server({.dns = "localhost"}), trusting(ca));
    s.server.on_request = [](peer& p) { p.send(answer("x", "Connection: close\r\n")); };
    s.exchange_with("localhost");
    std::size_t hosts = 1;
    const auto meet_another = [&] {
        const auto low = std::to_string(hosts / 200) + "." + std::to_string(hosts % 200 + 2);
        s.w.run_until_end(s.w.send("http://127.1." + low + ":1/"));
        ++hosts;
    };
    while (hosts < http_client::remembered_hosts) meet_another();
    s.exchange_with("localhost");
    CHECK(s.server.at(1).resumed);
    meet_another();
    s.exchange_with("localhost");
    CHECK_FALSE(s.server.at(2).resumed);
}

TEST_CASE("large bodies pass through TLS both ways") {
    authority ca;
    secured s(ca.server({.dns = "localhost"}), trusting(ca));
    const std::string large(1'000'000, 'd');
    s.server.on_request = [&](peer& p) { p.send(answer(large)); };
    http_request request;
    request.url = "https://localhost:" + std::to_string(s.server.port()) + "/";
    request.body.assign(3'000'000, 'u');
    const auto sink = s.w.send(request);
    s.w.run_until_end(sink);
    CHECK(sink->body == large);
    CHECK(s.server.at(0).last_request.ends_with(request.body));
    s.w.run_until_end(s.w.send(request));
    CHECK(s.server.peers.size() == 1);
}

TEST_CASE("an answer without length must end with TLS's own goodbye") {
    authority ca;
    secured s(ca.server({.dns = "localhost"}), trusting(ca));
    const bool goodbye = GENERATE(true, false);
    s.server.on_request = [&](peer& p) {
        p.send("HTTP/1.1 200 OK\r\n\r\nall of it?");
        if (goodbye) {
            p.say_goodbye();
        } else {
            p.close();
        }
    };
    const auto sink = s.exchange_with("localhost");
    CHECK(sink->body == "all of it?");
    CHECK(sink->end->failure == (goodbye ? exchange_failure::none : exchange_failure::reset));
}

TEST_CASE("an idle TLS connection that the peer closed is replaced, not tried") {
    authority ca;
    secured s(ca.server({.dns = "localhost"}), trusting(ca));
    CHECK(s.exchange_with("localhost")->body == "secret");
    s.server.at(0).close();
    CHECK(s.exchange_with("localhost")->body == "secret");
    CHECK(s.server.requests() == 2);
    CHECK(s.server.peers.size() == 2);
}

TEST_CASE("bytes left behind an answer are not kept in TLS either") {
    authority ca;
    secured s(ca.server({.dns = "localhost"}), trusting(ca));
    const bool one_record = GENERATE(true, false);
    s.server.on_request = [&](peer& p) {
        if (one_record) {
            p.send(answer("x") + answer("smuggled"));
        } else {
            p.send(answer("x"));
            p.send(answer("smuggled"));
        }
    };
    CHECK(s.exchange_with("localhost")->body == "x");
    s.w.run_until([&] { return s.server.at(0).gone; });
    CHECK(s.exchange_with("localhost")->body == "x");
    CHECK(s.server.peers.size() == 2);
}

TEST_CASE("a TLS exchange that breaks after the request was written says so") {
    authority ca;
    secured s(ca.server({.dns = "localhost"}), trusting(ca));
    s.server.on_request = [](peer& p) { p.close(); };
    const auto sink = s.exchange_with("localhost");
    CHECK(sink->end->failure == exchange_failure::reset);
    CHECK(sink->end->request_written);
}
