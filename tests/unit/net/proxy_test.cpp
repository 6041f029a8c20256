// Which proxies are accepted.
#include "net/proxy.hpp"

#include <catch2/catch.hpp>

using namespace conclave;
using namespace conclave::net;

TEST_CASE("a proxy is an address with optional user information") {
    const auto plain = parse_proxy("http://proxy.example:3128");
    REQUIRE(plain);
    CHECK(plain->host == "proxy.example");
    CHECK(plain->port == 3128);
    CHECK(plain->authorization.empty());

    const auto named = parse_proxy("http://Aladdin:open%20sesame@[::1]:8080/");
    REQUIRE(named);
    CHECK(named->host == "::1");
    CHECK(named->port == 8080);
    CHECK(named->authorization == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

TEST_CASE("user information is encoded whatever its length") {
    CHECK(parse_proxy("http://u:@h")->authorization == "Basic dTo=");
    CHECK(parse_proxy("http://u:p@h")->authorization == "Basic dTpw");
    CHECK(parse_proxy("http://u:pw@h")->authorization == "Basic dTpwdw==");
    CHECK(parse_proxy("http://u:p%40%ff@h")->authorization == "Basic dTpwQP8=");
    CHECK(parse_proxy("http://u:%fb%ff@h")->authorization == "Basic dTr7/w==");
}

TEST_CASE("an unusable proxy is refused without repeating its secret") {
    for (const std::string text :
         {"https://proxy:1", "proxy:3128", "http://", "http://user@proxy:1", "http://u:pw%4@proxy",
          "http://u:pw%zz@proxy", "http://u:pw@proxy:0", "http://u:pw@proxy/path",
          "http://u:pw@proxy?x", "http://u:pw@"}) {
        CAPTURE(text);
        const auto parsed = parse_proxy(text);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().code == errc::validation_error);
        CHECK(parsed.error().message.find("proxy") != std::string::npos);
        CHECK(parsed.error().message.find("pw") == std::string::npos);
    }
}
