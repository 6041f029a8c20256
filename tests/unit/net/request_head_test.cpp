// The bytes of a request head, and what is never sent.
#include "net/request_head.hpp"

#include <catch2/catch.hpp>

using namespace conclave;
using namespace conclave::net;

namespace {

std::string head_of(const http_request& request, const proxy* forward = nullptr) {
    std::string out;
    append_head(out, request, *parse_url(request.url), forward);
    return out;
}

http_request with_header(std::string name, std::string value) {
    http_request request;
    request.headers = {{std::move(name), std::move(value)}};
    return request;
}

}  // namespace

TEST_CASE("a head has the request line, our headers and the caller's") {
    http_request request;
    request.url = "http://Example.com:8080/v1?q=1";
    request.headers = {{"Authorization", "Bearer x"}, {"User-Agent", "mine"}};
    request.body = "12345";
    CHECK(head_of(request) ==
          "POST /v1?q=1 HTTP/1.1\r\nhost: example.com:8080\r\naccept-encoding: identity\r\n"
          "Authorization: Bearer x\r\nUser-Agent: mine\r\ncontent-length: 5\r\n\r\n");
}

TEST_CASE("the length is told for an empty body only where a body is usual") {
    http_request request;
    request.url = "http://h/";
    CHECK(head_of(request).find("content-length: 0\r\n") != std::string::npos);
    request.method = "GET";
    CHECK(head_of(request).find("content-length") == std::string::npos);
    CHECK(head_of(request).find("user-agent: conclave/") != std::string::npos);
}

TEST_CASE("a forwarding proxy gets the whole address and its own authorization") {
    http_request request;
    request.url = "http://h:81/x";
    const proxy forward{"p", 1, "Basic abc"};
    const auto head = head_of(request, &forward);
    CHECK(head.starts_with("POST http://h:81/x HTTP/1.1\r\nhost: h:81\r\n"));
    CHECK(head.find("proxy-authorization: Basic abc\r\n") != std::string::npos);

    std::string tunnel;
    append_connect(tunnel, *parse_url("https://h/x"), forward);
    CHECK(tunnel.starts_with("CONNECT h:443 HTTP/1.1\r\nhost: h:443\r\n"));
    CHECK(tunnel.ends_with("proxy-authorization: Basic abc\r\n\r\n"));
}

TEST_CASE("what could break out of a header is refused") {
    CHECK(check_request(with_header("x-a", "tab\tand \xc3\xa4 are fine")));
    for (const std::string value : {"a\r\nb: c", "a\nb", "a\rb", "\x01", "\x7f"}) {
        CHECK_FALSE(check_request(with_header("x-a", value)));
    }
    CHECK_FALSE(check_request(with_header("x-a", std::string("a\0b", 3))));
    for (const std::string name : {"", "a b", "a:", "a\r\n", "\xc3\xa4", "a\x7f", "(a)"}) {
        const auto checked = check_request(with_header(name, "v"));
        REQUIRE_FALSE(checked);
        CHECK(checked.error().message.find("headers") != std::string::npos);
    }
}

TEST_CASE("headers that frame the message belong to the client") {
    for (const std::string name :
         {"Host", "content-length", "Transfer-Encoding", "Connection", "accept-encoding", "Expect",
          "proxy-authorization", "TE", "Upgrade", "keep-alive", "Trailer", "Proxy-Connection"}) {
        CAPTURE(name);
        CHECK_FALSE(check_request(with_header(name, "x")));
    }
}

TEST_CASE("a method is a token, and never CONNECT") {
    http_request request;
    for (const std::string method : {"GET", "POST", "M-SEARCH"}) {
        request.method = method;
        CHECK(check_request(request));
    }
    for (const std::string method : {"", "GET /", "P\r\n", "CONNECT"}) {
        request.method = method;
        CHECK_FALSE(check_request(request));
    }
}
