// Which addresses are accepted, and what they are read as.
#include "net/url.hpp"

#include "base/limits.hpp"

#include <catch2/catch.hpp>

using namespace conclave;
using namespace conclave::net;

TEST_CASE("a URL is read into its parts") {
    struct example {
        std::string text, host;
        int port;
        bool tls;
        std::string target, authority;
    };
    const std::vector<example> examples = {
        {"http://example.com", "example.com", 80, false, "/", "example.com"},
        {"https://example.com/", "example.com", 443, true, "/", "example.com"},
        {"HTTPS://Api.Example.COM:8443/v1/Chat?x=1&y=%20", "api.example.com", 8443, true,
         "/v1/Chat?x=1&y=%20", "api.example.com:8443"},
        {"http://h?x=1", "h", 80, false, "/?x=1", "h"},
        {"http://h:80/", "h", 80, false, "/", "h"},
        {"https://h:80/", "h", 80, true, "/", "h:80"},
        {"http://h:1/", "h", 1, false, "/", "h:1"},
        {"http://h:65535/", "h", 65535, false, "/", "h:65535"},
        {"http://127.0.0.1:8080/a@b:c", "127.0.0.1", 8080, false, "/a@b:c", "127.0.0.1:8080"},
        {"http://[::1]/", "::1", 80, false, "/", "[::1]"},
        {"https://[2001:DB8::1]:444/x", "2001:db8::1", 444, true, "/x", "[2001:db8::1]:444"},
        {"http://under_score.example/", "under_score.example", 80, false, "/",
         "under_score.example"},
    };
    for (const auto& each : examples) {
        CAPTURE(each.text);
        const auto parsed = parse_url(each.text);
        REQUIRE(parsed);
        CHECK(parsed->host == each.host);
        CHECK(parsed->port == each.port);
        CHECK(parsed->tls == each.tls);
        CHECK(parsed->target == each.target);
        CHECK(parsed->authority() == each.authority);
    }
}

TEST_CASE("what is not a plain http or https URL is refused and the field named") {
    const std::vector<std::string> refused = {
        "",
        "example.com",
        "//example.com",
        "ftp://example.com",
        "http:/example.com",
        "http://",
        "http:///path",
        "http://:80/",
        "http://user@host/",
        "http://user:pw@host/",
        "http://host:0/",
        "http://host:65536/",
        "http://host:/",
        "http://host:8x/",
        "http://host:-1/",
        "http://host:+80/",
        "http://a..b/",
        "http://.a/",
        "http://a./",
        "http://a b/",
        "http://a/\r\nx: y",
        "http://a/\n",
        std::string("http://a/\0b", 11),
        "http://a/\x7f",
        "http://a/\xc3\xa4",
        "http://\xc3\xa4/",
        "http://a/#fragment",
        "http://a\\b/",
        "http://a%2eb/",
        "http://[::1",
        "http://[::1]x/",
        "http://[]/",
        "http://[::1]:/",
        "http://[fe80::1%25eth0]/",
        "http://[1.2.3.4]/",
        "http://::1/",
        "http://a/<>",
        "http://a/\"",
        "http://a/{b}",
        "http://a/|",
    };
    for (const auto& text : refused) {
        CAPTURE(text);
        const auto parsed = parse_url(text, "base_url");
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().code == errc::validation_error);
        CHECK(parsed.error().message.find("base_url") != std::string::npos);
    }
}

TEST_CASE("a URL may be as long as the limit and not one byte longer") {
    const std::string start = "http://host/";
    const std::string longest = start + std::string(limits::url_bytes - start.size(), 'x');
    CHECK(parse_url(longest));
    CHECK_FALSE(parse_url(longest + "x"));
    CHECK(parse_url("http://" + std::string(253, 'h') + "/"));
    CHECK_FALSE(parse_url("http://" + std::string(254, 'h') + "/"));
}
