// The verdict over a failure: kind, class and word by status; waits; texts.
#include "providers/vendor_error.hpp"

#include "base/limits.hpp"
#include "json/document.hpp"

#include <catch2/catch.hpp>

using namespace conclave;
using namespace conclave::providers;

namespace {

call_result verdict(std::int64_t status, std::string_view body, const header_list& headers = {}) {
    json::document document;
    const bool is_json = document.read(body, "body").has_value();
    return judge(read_failure(status, headers, body, is_json ? &document.root() : nullptr));
}

std::optional<std::int64_t> wait(const header_list& headers) { return asked_wait_ms(headers); }

struct row {
    std::int64_t status;
    call_class outcome;
    attempt_error error;
    std::string_view code;
};

// Written by hand from the semantics: attempt classes, and other vendor verdicts.
constexpr row rows[] = {
    {400, call_class::final, attempt_error::upstream_4xx, "invalid_request"},
    {401, call_class::final, attempt_error::upstream_4xx, "authentication"},
    {402, call_class::final, attempt_error::upstream_4xx, "quota_exhausted"},
    {403, call_class::final, attempt_error::upstream_4xx, "permission"},
    {404, call_class::final, attempt_error::upstream_4xx, "not_found"},
    {408, call_class::ambiguous, attempt_error::timeout, "timeout"},
    {409, call_class::refused, attempt_error::upstream_4xx, "invalid_request"},
    {413, call_class::final, attempt_error::upstream_4xx, "payload_too_large"},
    {418, call_class::final, attempt_error::upstream_4xx, "invalid_request"},
    {422, call_class::final, attempt_error::upstream_4xx, "invalid_request"},
    {429, call_class::refused, attempt_error::rate_limited, "rate_limit"},
    {500, call_class::server_error, attempt_error::upstream_5xx, "server_error"},
    {501, call_class::final, attempt_error::upstream_5xx, "server_error"},
    {502, call_class::ambiguous, attempt_error::upstream_5xx, "server_error"},
    {503, call_class::refused, attempt_error::upstream_5xx, "overloaded"},
    {504, call_class::ambiguous, attempt_error::timeout, "timeout"},
    {520, call_class::server_error, attempt_error::upstream_5xx, "server_error"},
    {529, call_class::refused, attempt_error::upstream_5xx, "overloaded"},
};

}  // namespace

TEST_CASE("the status alone decides where a vendor says nothing more") {
    for (const auto& expected : rows) {
        INFO(expected.status);
        const auto r = verdict(expected.status, "");
        CHECK(r.outcome == expected.outcome);
        CHECK(r.error == expected.error);
        CHECK(r.provider_code == expected.code);
        CHECK(r.http_status == expected.status);
        CHECK(r.finish == finish_reason::error);
        CHECK(r.text.empty());
    }
}

TEST_CASE("x-should-retry decides the class before anything else") {
    for (const auto& row : rows) {
        CHECK(verdict(row.status, "", {{"x-should-retry", "true"}}).outcome == call_class::refused);
        CHECK(verdict(row.status, "", {{"x-should-retry", "false"}}).outcome == call_class::final);
        CHECK(verdict(row.status, "", {{"x-should-retry", "?"}}).outcome == row.outcome);
    }
    CHECK(verdict(200, R"({"error":{"code":500}})", {{"x-should-retry", "false"}}).outcome ==
          call_class::server_error);
}

TEST_CASE("what cannot succeed is final whatever the status") {
    const auto of = [](std::int64_t status, std::string_view code, std::string_view message) {
        return verdict(status, R"({"error":{"code":")" + std::string(code) + R"(","message":")" +
                                   std::string(message) + R"("}})");
    };
    CHECK(of(429, "insufficient_quota", "").outcome == call_class::final);
    CHECK(of(429, "organization_spend_limit_exceeded", "").provider_code == "quota_exhausted");
    CHECK(of(429, "organization_usage_limit_exceeded", "").provider_code == "quota_exhausted");
    CHECK(of(400, "", "Your credit balance is too low").provider_code == "quota_exhausted");
    CHECK(of(500, "context_length_exceeded", "").outcome == call_class::final);
    CHECK(of(503, "context_length_exceeded", "").outcome == call_class::refused);
    CHECK(of(500, "content_filter", "").outcome == call_class::final);
    CHECK(of(500, "tool_use_failed", "").provider_code == "invalid_tool_call");
    CHECK(of(429, "", "Request too large for x").outcome == call_class::final);
    CHECK(of(503, "", "Request too large for x").outcome == call_class::refused);
    CHECK(of(429, "1305", "").provider_code == "overloaded");
    CHECK(of(429, "1305", "").outcome == call_class::refused);
    CHECK(verdict(429, R"({"error":{"details":{"error_code":"enforced_spend_limit_reached"}}})")
              .outcome == call_class::final);
}

TEST_CASE("every wording of a prompt that is too long is known") {
    for (const auto* message :
         {"This model's maximum context length is 8 tokens.", "prompt is too long: 3 > 2",
          "Your input exceeds the context window of this model.",
          "The input token count exceeds the maximum number of tokens allowed",
          "This model's maximum prompt length is 8",
          "the request exceeds the available context size",
          "too many tokens: size limit exceeded"}) {
        INFO(message);
        const auto body = R"({"error":{"message":")" + std::string(message) + R"("}})";
        CHECK(verdict(400, body).provider_code == "context_length");
        CHECK(verdict(404, body).provider_code == "not_found");
    }
}

TEST_CASE("a message is found in any envelope") {
    const auto message = [](std::string_view body) { return verdict(400, body).provider_message; };
    CHECK(message(R"({"error":{"message":"m"}})") == "m");
    CHECK(message(R"({"error":"m"})") == "m");
    CHECK(message(R"({"message":"m"})") == "m");
    CHECK(message(R"({"detail":"m"})") == "m");
    CHECK(message(R"({"detail":[{"msg":"m"}]})") == R"([{"msg":"m"}])");
    CHECK(message(R"([{"error":{"message":"m"}}])") == "m");
    CHECK(message(R"({"error":{"code":1},"message":"m"})") == "m");
    CHECK(message(R"("m")") == "m");
    CHECK(message(" m\n") == "m");
    CHECK(message(R"({"oh":"dear"})") == R"({"oh":"dear"})");
    CHECK(message("[]") == "[]");
    CHECK(message("") == "");
    CHECK(message("not UTF-8 \xff") == "");
}

TEST_CASE("a message is cut to its limit between two code points") {
    const std::string at(limits::provider_message_bytes, 'x');
    CHECK(verdict(400, at).provider_message == at);
    CHECK(verdict(400, at + "x").provider_message == at);
    CHECK(verdict(400, at.substr(1) + "é").provider_message == at.substr(1));
}

TEST_CASE("waits come from headers first, in their order") {
    CHECK(wait({{"retry-after-ms", "660"}}) == 660);
    CHECK(wait({{"retry-after-ms", "660"}, {"retry-after", "5"}}) == 660);
    CHECK(wait({{"retry-after-ms", "0"}, {"retry-after", "1"}}) == 1000);
    CHECK(wait({{"retry-after", " 2 "}}) == 2000);
    CHECK(wait({{"retry-after", "0.25"}}) == 250);
    CHECK(wait({{"retry-after", "0"}}) == 0);
    for (const auto* bad : {"", "-1", "nan", "inf", "-inf", "1e999", "1 s", "0x10",
                            "Wed, 21 Oct 2026 07:28:00 GMT"}) {
        INFO(bad);
        const auto found = wait({{"retry-after", bad}});
        CHECK((!found || *found == asked_wait_ms_max));
    }
    CHECK(wait({{"retry-after", "31536000"}}) == asked_wait_ms_max);
    CHECK(wait({{"retry-after", "31535999.999"}}) == asked_wait_ms_max - 1);
    CHECK(wait({{"retry-after", "99999999999999999999"}}) == asked_wait_ms_max);
}

TEST_CASE("waits in a body count where no header asks for one, from status 400 on") {
    const std::string gemini =
        R"({"error":{"code":429,"details":[{"@type":)"
        R"("type.googleapis.com/google.rpc.RetryInfo","retryDelay":"1.5s"}]}})";
    CHECK(verdict(429, gemini).retry_after_ms == 1500);
    CHECK(verdict(429, gemini, {{"retry-after", "3"}}).retry_after_ms == 3000);
    CHECK_FALSE(verdict(200, gemini).retry_after_ms);
    CHECK_FALSE(verdict(200, gemini, {{"retry-after", "3"}}).retry_after_ms);
    CHECK(verdict(503, R"({"error":"x","estimated_time":0.5})").retry_after_ms == 500);
    CHECK_FALSE(verdict(503, R"({"error":"x","estimated_time":"soon"})").retry_after_ms);
}

TEST_CASE("codes have names and names codes") {
    for (int i = 0; i <= static_cast<int>(vendor_code::connection_timeout); ++i) {
        const auto code = static_cast<vendor_code>(i);
        CHECK_FALSE(to_string(code).empty());
        CHECK(parse_vendor_code(to_string(code)) == code);
    }
    CHECK_FALSE(parse_vendor_code("rate_limit_exceeded"));
}
