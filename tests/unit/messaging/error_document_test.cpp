// Errors as documents, and back.
#include "messaging/error_document.hpp"

#include <catch2/catch.hpp>

using namespace conclave;
using namespace conclave::messaging;

TEST_CASE("an error is printed with the contract's keys", "[error_document]") {
    auto e = fail(errc::all_providers_failed, "no \"answer\"").with("provider", "vendorA");
    e.with("attempts", 3).with("executed", true);
    e.request_id = "req_1";
    e.retry_after_ms = 250;
    CHECK(print_error(e) ==
          R"({"code":"ALL_PROVIDERS_FAILED","message":"no \"answer\"","details":)"
          R"({"provider":"vendorA","attempts":3,"executed":true},"request_id":"req_1",)"
          R"("retryable":true,"retry_after_ms":250,"http_status":503})");
    CHECK(print_error(fail(errc::conflict, "")) ==
          R"({"code":"CONFLICT","message":"","details":{},"request_id":"",)"
          R"("retryable":false,"retry_after_ms":null,"http_status":409})");
}

TEST_CASE("every code and kind of detail survives", "[error_document]") {
    for (int n = 1; n <= static_cast<int>(errc::internal_error); ++n) {
        auto e = fail(static_cast<errc>(n), "why");
        e.with("text", "t").with("number", -1).with("truth", false);
        e.request_id = "req_1";
        if (n % 2 == 0) e.retry_after_ms = n;
        CAPTURE(n);
        CHECK(parse_error(print_error(e)) == e);
    }
}

TEST_CASE("a text that is no error is an internal one", "[error_document]") {
    for (const char* text :
         {"", "nothing", "[]", "{}", R"({"code":"NO_SUCH_CODE"})", R"({"code":7,"details":[]})"})
        CHECK(parse_error(text).code == errc::internal_error);
}
