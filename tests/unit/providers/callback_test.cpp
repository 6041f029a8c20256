// What a host's provider returns, as the outcome of an attempt.
#include "providers/callback.hpp"

#include "base/limits.hpp"
#include "providers/vendor_error.hpp"

#include <catch2/catch.hpp>

using namespace conclave;
using providers::read_callback;

namespace {

provider_request question() {
    provider_request r;
    r.model = "asked";
    r.turns = {{message_role::user, "Hi"}};
    return r;
}

call_result returned(provider_reply reply) { return read_callback(std::move(reply), question()); }
call_result returned(error e) { return read_callback(std::move(e), question()); }

}  // namespace

TEST_CASE("a reply is taken over") {
    provider_reply reply;
    reply.text = "Hello";
    reply.finish_reason = finish_reason::length;
    auto r = returned(reply);
    CHECK(r.outcome == call_class::ok);
    CHECK(r.text == "Hello");
    CHECK(r.finish == finish_reason::length);
    CHECK(r.model == "asked");
    CHECK_FALSE(r.usage);
    CHECK(r.http_status == 0);

    reply.model = "other";
    reply.tokens = token_usage{45, 5, 0, 67, 7};
    r = returned(reply);
    CHECK(r.model == "other");
    CHECK(r.usage == reply.tokens);
}

TEST_CASE("a reply that cannot be kept is ambiguous") {
    provider_reply reply;
    reply.text = "\xff";
    CHECK(returned(reply).outcome == call_class::ambiguous);
    CHECK(returned(reply).error == attempt_error::bad_response);
    reply.text.assign(limits::response_body_bytes, 'x');
    CHECK(returned(reply).outcome == call_class::ok);
    reply.text += 'x';
    CHECK(returned(reply).outcome == call_class::ambiguous);
}

TEST_CASE("impossible counts are not told") {
    provider_reply reply;
    reply.tokens = token_usage{-1, 0, 0, 1, 0};
    CHECK_FALSE(returned(reply).usage);
    reply.tokens = token_usage{1'000'000'000'000, 0, 0, 0, 0};
    CHECK(returned(reply).usage);
    reply.tokens->input += 1;
    CHECK_FALSE(returned(reply).usage);
}

TEST_CASE("errors have the documented classes") {
    const auto rejected = returned(fail(errc::provider_rejected, "no"));
    CHECK(rejected.outcome == call_class::final);
    CHECK(rejected.error == attempt_error::upstream_4xx);
    CHECK(rejected.provider_message == "no");
    // An answer that is none would be none again.
    CHECK(returned(invalid("text", "must be UTF-8")).outcome == call_class::final);

    auto limited = fail(errc::rate_limited, "later");
    limited.retry_after_ms = 700;
    CHECK(returned(limited).outcome == call_class::refused);
    CHECK(returned(limited).retry_after_ms == 700);
    limited.retry_after_ms = -5;
    CHECK(returned(limited).retry_after_ms == 0);

    for (int number = 1; number <= static_cast<int>(errc::internal_error); ++number) {
        const auto code = static_cast<errc>(number);
        if (code == errc::provider_rejected || code == errc::validation_error ||
            code == errc::rate_limited)
            continue;
        INFO(to_string(code));
        const auto r = returned(fail(code, "x"));
        CHECK(r.outcome == call_class::ambiguous);
        CHECK(r.error != attempt_error::none);
    }
    CHECK(returned(fail(errc::deadline_exceeded, "")).error == attempt_error::timeout);
}

TEST_CASE("calls of tools are kept tidy, within their limits") {
    provider_reply reply;
    reply.tool_calls = {{"", "clock", " { } "}};
    const auto r = returned(reply);
    CHECK(r.finish == finish_reason::tool_calls);
    CHECK(r.tool_calls == std::vector<tool_call>{{"call_0", "clock", "{}"}});
    const auto refused = [](std::vector<tool_call> calls) {
        provider_reply bad;
        bad.tool_calls = std::move(calls);
        return returned(bad).error == attempt_error::bad_response;
    };
    CHECK_FALSE(refused(std::vector<tool_call>(limits::tool_calls, {"", "f", ""})));
    CHECK(refused(std::vector<tool_call>(limits::tool_calls + 1, {"", "f", ""})));
    CHECK(refused({{"a", "", ""}}));
    CHECK(refused({{"a", "f", "\xff"}}));
    CHECK(refused({{"a", "\xff", ""}}));
    CHECK(refused({{"a", "f", ""}, {"a", "f", ""}}));
    CHECK_FALSE(refused({{std::string(limits::name_bytes, 'a'), "f", ""}}));
    CHECK(refused({{std::string(limits::name_bytes + 1, 'a'), "f", ""}}));
}
