// Answers in every shape and in every cut, and the limits on them.
#include "net/response_parser.hpp"

#include "base/limits.hpp"
#include "unit/test_seed.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

using namespace conclave;
using namespace conclave::net;
using state = response_parser::state;
using kind = response_parser::request_kind;

namespace {

/// Feeds one answer and keeps what came of it.
struct reader final : response_parser::listener {
    explicit reader(kind k = kind::usual) { parser.begin(*this, k); }

    bool on_head(const http_head& h) override {
        CHECK(++heads == 1);
        head = h;
        return !stop_at_head;
    }
    bool on_body(std::string_view bytes) override {
        body += bytes;
        return !stop_at_body;
    }

    state feed(std::string_view bytes) {
        const auto progress = parser.feed(bytes);
        used += progress.used;
        return progress.now;
    }
    state feed_bytewise(std::string_view bytes) {
        auto now = state::reading;
        for (std::size_t i = 0; i < bytes.size() && now == state::reading; ++i) {
            now = feed(bytes.substr(i, 1));
        }
        return now;
    }

    response_parser parser;
    http_head head;
    std::string body;
    int heads = 0;
    std::size_t used = 0;
    bool stop_at_head = false;
    bool stop_at_body = false;
};

const std::string chunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-One:  two words \r\n\r\n"
    "5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: x\r\n\r\n";

}  // namespace

TEST_CASE("an answer is the same however it is cut") {
    const std::vector<std::string> answers = {
        "HTTP/1.1 200 OK\r\nContent-Length: 11\r\nX-One: two words\r\n\r\nhello world", chunked,
        "HTTP/1.1 100 Continue\r\nx-interim: 1\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n" +
            chunked};
    for (const auto& text : answers) {
        for (std::size_t cut = 1; cut < text.size(); ++cut) {
            CAPTURE(text, cut);
            reader r;
            REQUIRE(r.feed(text.substr(0, cut)) == state::reading);
            REQUIRE(r.feed(text.substr(cut)) == state::complete);
            CHECK(r.head.status == 200);
            CHECK(r.body == "hello world");
            CHECK(r.used == text.size());
            CHECK(r.parser.keep_alive());
            REQUIRE(r.head.headers.size() == 2);
            CHECK(std::count(r.head.headers.begin(), r.head.headers.end(),
                             std::pair<std::string, std::string>("x-one", "two words")) == 1);
        }
        reader r;
        CHECK(r.feed_bytewise(text) == state::complete);
        CHECK(r.body == "hello world");
    }
}

TEST_CASE("bytes behind an answer are not touched") {
    reader r;
    const std::string one = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    CHECK(r.feed(one + "HTTP/1.1 200 OK\r\n") == state::complete);
    CHECK(r.used == one.size());
    CHECK(r.body == "ok");
}

TEST_CASE("a parser serves one answer after another") {
    reader r;
    CHECK(r.feed("HTTP/1.1 500 Oops\r\nContent-Length: 1\r\nA: b\r\n\r\n1") == state::complete);
    r.heads = 0;
    r.parser.begin(r, kind::usual);
    CHECK(r.feed("HTTP/1.1 204 No Content\r\nC: d\r\n\r\n") == state::complete);
    CHECK(r.head.status == 204);
    CHECK(r.head.headers == header_list{{"c", "d"}});
}

TEST_CASE("answers that have no body do not wait for one") {
    for (const std::string line : {"204 No Content", "304 Not Modified"}) {
        reader r;
        CHECK(r.feed("HTTP/1.1 " + line + "\r\nContent-Length: 5\r\n\r\n") == state::complete);
        CHECK(r.parser.keep_alive());
    }
    reader head(kind::head);
    CHECK(head.feed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n") == state::complete);
    reader tunnel(kind::tunnel);
    CHECK(tunnel.feed("HTTP/1.1 200 Connection established\r\n\r\n") == state::complete);
}

TEST_CASE("an answer without length ends where the peer closes") {
    reader r;
    CHECK(r.feed("HTTP/1.1 200 OK\r\n\r\nhello") == state::reading);
    CHECK(r.parser.finish() == state::complete);
    CHECK(r.body == "hello");
    CHECK_FALSE(r.parser.keep_alive());
}

TEST_CASE("a connection is kept only where both sides mean it") {
    const auto keeps = [](const std::string& head) {
        reader r;
        CHECK(r.feed(head + "Content-Length: 0\r\n\r\n") == state::complete);
        return r.parser.keep_alive();
    };
    CHECK(keeps("HTTP/1.1 200 OK\r\n"));
    CHECK_FALSE(keeps("HTTP/1.1 200 OK\r\nConnection: close\r\n"));
    CHECK_FALSE(keeps("HTTP/1.0 200 OK\r\n"));
    CHECK(keeps("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n"));
}

TEST_CASE("the peer's keep-alive time is read") {
    const auto seconds = [](const std::string& value) {
        reader r;
        r.feed("HTTP/1.1 200 OK\r\nKeep-Alive: " + value + "\r\nContent-Length: 0\r\n\r\n");
        return r.parser.keep_alive_s();
    };
    CHECK(seconds("timeout=5") == 5);
    CHECK(seconds("max=10, timeout=72") == 72);
    CHECK(seconds("max=10") == std::nullopt);
    CHECK(seconds("timeout=x") == std::nullopt);
}

TEST_CASE("an answer cut short anywhere is a reset") {
    const std::string whole =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
    for (std::size_t cut = 0; cut < whole.size(); ++cut) {
        CAPTURE(cut);
        reader r;
        if (cut > 0) REQUIRE(r.feed(whole.substr(0, cut)) == state::reading);
        CHECK(r.parser.finish() == state::failed);
        CHECK(r.parser.failure() == exchange_failure::reset);
    }
    reader r;
    CHECK(r.feed("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok") == state::reading);
    CHECK(r.parser.finish() == state::failed);
    CHECK(r.parser.failure() == exchange_failure::reset);
}

TEST_CASE("what is not HTTP/1.x is malformed") {
    const std::vector<std::string> garbage = {
        "SSH-2.0-OpenSSH_9.2\r\n",
        "\x15\x03\x01\x00\x02\x02\x28",
        "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1 99 Low\r\n\r\n",
        "HTTP/1.1 1000 High\r\n\r\n",
        "HTTP/1.1 abc\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "GET / HTTP/1.1\r\n\r\n",
    };
    for (const auto& text : garbage) {
        CAPTURE(text);
        reader whole;
        CHECK(whole.feed(text) == state::failed);
        CHECK(whole.parser.failure() == exchange_failure::malformed);
        CHECK_FALSE(whole.parser.message().empty());
        reader bytewise;
        CHECK(bytewise.feed_bytewise(text) == state::failed);
        CHECK(bytewise.parser.failure() == exchange_failure::malformed);
    }
}

TEST_CASE("random bytes are survived") {
    const auto seed = conclave::test::test_seed();
    CAPTURE(seed);
    std::mt19937 random(seed);
    for (int i = 0; i < 2'000; ++i) {
        std::string text = i % 2 ? chunked : "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
        for (int flips = 0; flips < 3; ++flips) {
            text[random() % text.size()] = static_cast<char>(random());
        }
        reader r;
        if (r.feed_bytewise(text) == state::reading) r.parser.finish();
    }
}

TEST_CASE("the listener can stop the parser") {
    reader at_head;
    at_head.stop_at_head = true;
    CHECK(at_head.feed(chunked) == state::stopped);
    CHECK(at_head.body.empty());
    reader at_body;
    at_body.stop_at_body = true;
    CHECK(at_body.feed(chunked) == state::stopped);
    CHECK(at_body.body == "hello");
}

TEST_CASE("header bytes are taken up to the limit and not one more") {
    // Status line 15 + 2, one header with ": " and CRLF: 4.
    const auto head_of = [](std::size_t bytes) {
        return "HTTP/1.1 200 OK\r\nx: " + std::string(bytes - 17 - 5, 'v') + "\r\n\r\n";
    };
    reader fits;
    CHECK(fits.feed(head_of(limits::response_header_bytes)) == state::reading);
    CHECK(fits.heads == 1);
    reader over;
    CHECK(over.feed(head_of(limits::response_header_bytes + 1)) == state::failed);
    CHECK(over.parser.failure() == exchange_failure::too_large);
    reader status;
    CHECK(status.feed("HTTP/1.1 200 " + std::string(limits::response_header_bytes + 1, 'x')) ==
          state::failed);
    CHECK(status.parser.failure() == exchange_failure::too_large);
}

TEST_CASE("headers are taken up to the limit and not one more, trailers and interim ones too") {
    const auto headers = [](std::size_t count) {
        std::string text;
        for (std::size_t i = 0; i < count; ++i) text += "x: y\r\n";
        return text;
    };
    const std::string line = "HTTP/1.1 200 OK\r\n";
    reader fits;
    CHECK(fits.feed(line + headers(limits::response_headers) + "\r\n") == state::reading);
    CHECK(fits.head.headers.size() == limits::response_headers);

    const std::vector<std::string> over = {
        line + headers(limits::response_headers + 1),
        line + "transfer-encoding: chunked\r\n\r\n0\r\n" + headers(limits::response_headers),
        "HTTP/1.1 103 Early Hints\r\n" + headers(limits::response_headers) + "\r\n" + line +
            headers(1)};
    for (const auto& text : over) {
        reader r;
        CHECK(r.feed(text) == state::failed);
        CHECK(r.parser.failure() == exchange_failure::too_large);
    }
}

TEST_CASE("interim answers cannot go on for ever") {
    reader r;
    auto now = state::reading;
    int count = 0;
    while (now == state::reading && count < 100'000) {
        now = r.feed("HTTP/1.1 102 Processing\r\n\r\n");
        ++count;
    }
    CHECK(now == state::failed);
    CHECK(r.parser.failure() == exchange_failure::too_large);
}

TEST_CASE("a body is taken up to the limit and not one byte more") {
    const std::string piece(1024 * 1024, 'b');
    REQUIRE(limits::response_body_bytes % piece.size() == 0);
    const auto fill = [&](reader& r) {
        for (std::size_t i = 0; i < limits::response_body_bytes / piece.size(); ++i) {
            REQUIRE(r.feed(piece) == state::reading);
        }
    };
    reader fits;
    fits.feed("HTTP/1.1 200 OK\r\n\r\n");
    fill(fits);
    CHECK(fits.parser.finish() == state::complete);
    reader over;
    over.feed("HTTP/1.1 200 OK\r\n\r\n");
    fill(over);
    CHECK(over.feed("b") == state::failed);
    CHECK(over.parser.failure() == exchange_failure::too_large);

    const auto announce = [](std::size_t bytes) {
        return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n";
    };
    reader announced;
    CHECK(announced.feed(announce(limits::response_body_bytes)) == state::reading);
    reader refused;
    CHECK(refused.feed(announce(limits::response_body_bytes + 1)) == state::failed);
    CHECK(refused.parser.failure() == exchange_failure::too_large);
    CHECK(refused.heads == 1);
}
