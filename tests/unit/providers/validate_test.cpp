// Every wrong field of a new provider is refused by its name; every limit holds at it and past it.
#include "providers/validate.hpp"

#include "base/limits.hpp"
#include "providers/codec.hpp"
#include "providers/vendor_error.hpp"
#include "vendors.hpp"

#include <catch2/catch.hpp>

#include <functional>

using namespace conclave;
using providers::validate;

namespace {

new_provider openai() {
    new_provider p;
    p.name = "openai";
    p.base_url = "https://api.example.test/v1";
    return p;
}

new_provider scripted() {
    new_provider p;
    p.name = "script";
    p.kind = provider_kind::scripted;
    p.replies.resize(1);
    return p;
}

new_provider callback() {
    new_provider p;
    p.name = "host";
    p.kind = provider_kind::callback;
    p.handler = [](const provider_request&) -> result<provider_reply> { return provider_reply{}; };
    return p;
}

using change = std::function<void(new_provider&)>;

/// The field that is refused after the change; empty when none is.
std::string refused(new_provider p, const change& make) {
    REQUIRE(validate(p));
    make(p);
    const auto checked = validate(p);
    if (checked) return {};
    auto e = result<void>(checked).error();
    REQUIRE(e.details.size() >= 1);
    CHECK(e.details.front().key == "field");
    const auto field = std::get<std::string>(e.details.front().value);
    CHECK(e.message.find(field) != std::string::npos);
    return field;
}

}  // namespace

TEST_CASE("names have a form") {
    const auto name = [](std::string text) {
        return refused(openai(), [&](auto& p) { p.name = text; });
    };
    CHECK(name("aZ09_.-").empty());
    CHECK(name(std::string(64, 'a')).empty());
    for (const auto& bad : {std::string(65, 'a'), std::string(), std::string("a/b"),
                            std::string("a b"), std::string("é"), std::string("a\n")})
        CHECK(name(bad) == "name");
}

TEST_CASE("base URLs have a form") {
    const auto url = [](std::string text) {
        return refused(openai(), [&](auto& p) { p.base_url = text; });
    };
    for (const auto* good : {"http://127.0.0.1:9101", "https://[::1]/v1", "http://a?b=c"})
        CHECK(url(good).empty());
    for (const auto* bad :
         {"", "a.test/v1", "ftp://a.test", "https://", "https:///v1", "https://user:secret@a.test",
          "https://a.test/#x", "https://a.test/ b", "https://a.test/\r\nx: y", "https://a.test/é"})
        CHECK(url(bad) == "base_url");
    const std::string longest = "https://a.test/";
    const auto room = limits::url_bytes - longest.size() - std::string("/chat/completions").size();
    CHECK(url(longest + std::string(room, 'x')).empty());
    CHECK(url(longest + std::string(room + 1, 'x')) == "base_url");
}

TEST_CASE("each protocol needs room for its operation") {
    struct row {
        provider_kind kind;
        std::string operation;
    };
    for (const auto& [kind, operation] :
         {row{provider_kind::openai_responses, "/responses"},
          row{provider_kind::anthropic, "/v1/messages"},
          row{provider_kind::gemini, "/v1beta/models/:streamGenerateContent?alt=sse"}}) {
        const std::string begin = "https://a.test/";
        const auto room = limits::url_bytes - begin.size() - operation.size();
        const auto url = [&, k = kind](std::size_t length) {
            return refused(openai(), [&](auto& p) {
                p.kind = k;
                p.base_url = begin + std::string(length, 'x');
            });
        };
        CHECK(url(room).empty());
        CHECK(url(room + 1) == "base_url");
    }
}

TEST_CASE("versions and parameters have forms") {
    const auto version = [](std::string text) {
        return refused(openai(), [&](auto& p) { p.api_version = text; });
    };
    CHECK(version("2026-10-21").empty());
    CHECK(version(std::string(32, '1')).empty());
    CHECK(version(std::string(33, '1')) == "api_version");
    for (const auto* bad : {"v 1", "v1/x", "v1&a=b", "é"}) CHECK(version(bad) == "api_version");

    const auto named = [](std::string word, std::string name) {
        return refused(openai(), [&](auto& p) { p.parameter_names = {{word, name}}; });
    };
    for (const auto* word :
         {"instructions", "max_tokens", "temperature", "stop", "output_schema", "stream_usage",
          "thinking_state", "call_ids", "schema_with_tools", "call_signature"}) {
        CHECK(named(word, "").empty());
        CHECK(named(word, std::string(64, 'x')).empty());
        CHECK(named(word, std::string(65, 'x')) == std::string("parameter_names.") + word);
        CHECK(named(word, "a\"b") == std::string("parameter_names.") + word);
    }
    CHECK(named("colour", "red") == "parameter_names");
    CHECK(named("", "") == "parameter_names");
    CHECK(refused(openai(), [](auto& p) { p.parameter_names.assign(10, {"stop", ""}); }).empty());
    CHECK(refused(openai(), [](auto& p) {
              p.parameter_names.assign(11, {"stop", ""});
          }) == "parameter_names");
}

TEST_CASE("headers and keys cannot smuggle anything") {
    const auto header = [](std::string name, std::string value) {
        return refused(openai(), [&](auto& p) { p.headers = {{"x-ok", "1"}, {name, value}}; });
    };
    CHECK(header("X-Team", "blue ;=\"").empty());
    CHECK(header("x", std::string(providers::header_value_bytes, 'v')).empty());
    CHECK(header("x", std::string(providers::header_value_bytes + 1, 'v')) == "headers[1]");
    CHECK(header(std::string(providers::header_name_bytes, 'n'), "v").empty());
    CHECK(header(std::string(providers::header_name_bytes + 1, 'n'), "v") == "headers[1]");
    for (const auto* name : {"", "a b", "a:", "a\r\n", "Host", "content-LENGTH", "connection"})
        CHECK(header(name, "v") == "headers[1]");
    for (const auto* value : {"a\r\nb", "a\nb", "\x7f", "é"})
        CHECK(header("x", value) == "headers[1]");
    CHECK(header("x", std::string("a\0b", 3)) == "headers[1]");

    const auto count = [](std::size_t n) {
        return refused(openai(), [&](auto& p) { p.headers.assign(n, {"x", "y"}); });
    };
    CHECK(count(providers::provider_headers).empty());
    CHECK(count(providers::provider_headers + 1) == "headers");

    const auto key = [](std::string text) {
        return refused(openai(), [&](auto& p) { p.api_key = text; });
    };
    CHECK(key(std::string(providers::api_key_bytes, 'k')).empty());
    CHECK(key(std::string(providers::api_key_bytes + 1, 'k')) == "api_key");
    CHECK(key("a b") == "api_key");
    CHECK(key("a\r\nx: y") == "api_key");
    CHECK(refused(openai(), [](auto& p) { p.headers = {{"k", "{{api_key}}"}}; }) == "api_key");
}

TEST_CASE("a refusal never repeats a secret") {
    auto p = openai();
    p.api_key = "canary key";
    CHECK(result<void>(validate(p)).error().message.find("canary") == std::string::npos);
    p.api_key.clear();
    p.headers = {{"x", "canary\n"}};
    CHECK(result<void>(validate(p)).error().message.find("canary") == std::string::npos);
}

TEST_CASE("the fields of a mapped vendor are checked") {
    const auto field = [](const change& make) { return refused(vendors::vendor_b(), make); };
    CHECK(field([](auto& p) { p.mapped.method = "PUT"; }).empty());
    CHECK(field([](auto& p) { p.mapped.method = "GET"; }) == "mapped.method");
    CHECK(field([](auto& p) { p.mapped.request_template = "{"; }) == "mapped.request_template");
    CHECK(field([](auto& p) { p.mapped.request_template.clear(); }) == "mapped.request_template");
    CHECK(field([](auto& p) { p.mapped.text.clear(); }) == "mapped.text");
    CHECK(field([](auto& p) { p.mapped.text = "text"; }) == "mapped.text");
    CHECK(field([](auto& p) { p.mapped.tokens_in = "~"; }) == "mapped.tokens_in");
    CHECK(field([](auto& p) { p.mapped.tokens_in.clear(); }) == "mapped.tokens_in");
    CHECK(field([](auto& p) { p.mapped.tokens_out.clear(); }) == "mapped.tokens_out");
    CHECK(field([](auto& p) { p.mapped.model = "/~2"; }) == "mapped.model");
    CHECK(field([](auto& p) { p.mapped.error_code = "x"; }) == "mapped.error_code");
    CHECK(field([](auto& p) { p.mapped.error_message = "x"; }) == "mapped.error_message");
    CHECK(field([](auto& p) { p.mapped.retry_after_ms = "x"; }) == "mapped.retry_after_ms");
    CHECK(field([](auto& p) { p.base_url.clear(); }) == "base_url");

    const auto pointer = [&](std::size_t n) {
        return field([&](auto& p) { p.mapped.model = "/" + std::string(n - 1, 'x'); });
    };
    CHECK(pointer(providers::pointer_bytes).empty());
    CHECK(pointer(providers::pointer_bytes + 1) == "mapped.model");
    const auto text = [&](std::size_t n) {
        return field([&](auto& p) { p.mapped.request_template = "{}" + std::string(n - 2, ' '); });
    };
    CHECK(text(providers::request_template_bytes).empty());
    CHECK(text(providers::request_template_bytes + 1) == "mapped.request_template");
}

TEST_CASE("the fields of a script are checked") {
    const auto field = [](const change& make) { return refused(scripted(), make); };
    CHECK(field([](auto& p) { p.replies.clear(); }) == "replies");
    CHECK(field([](auto& p) { p.echo = true; }) == "echo");
    CHECK(field([](auto& p) { p.replies.clear(), p.echo = true; }).empty());
    CHECK(field([](auto& p) { p.replies.resize(providers::scripted_replies); }).empty());
    CHECK(field([](auto& p) { p.replies.resize(providers::scripted_replies + 1); }) == "replies");
    CHECK(field([](auto& p) { p.replies[0].text = "\xff"; }) == "replies[0].text");
    CHECK(field([](auto& p) { p.replies[0].text.assign(limits::content_bytes, 'x'); }).empty());
    CHECK(field([](auto& p) { p.replies[0].text.assign(limits::content_bytes + 1, 'x'); }) ==
          "replies[0].text");
    CHECK(field([](auto& p) { p.replies[0].tokens_in = -1; }) == "replies[0].tokens_in");
    CHECK(field([](auto& p) { p.replies[0].tokens_out = -1; }) == "replies[0].tokens_out");
    CHECK(field([](auto& p) { p.replies[0].latency_ms = -1; }) == "replies[0].latency_ms");
    CHECK(field([](auto& p) { p.replies[0].latency_ms = limits::policy_time_ms; }).empty());
    CHECK(field([](auto& p) { p.replies[0].latency_ms = limits::policy_time_ms + 1; }) ==
          "replies[0].latency_ms");
    CHECK(field([](auto& p) { p.replies[0].chunk_latency_ms = -1; }) ==
          "replies[0].chunk_latency_ms");
    const auto chunks = [&](std::vector<std::string> list, std::string text = {}) {
        return field([&](auto& p) {
            p.replies[0].chunks = std::move(list);
            p.replies[0].text = std::move(text);
        });
    };
    CHECK(chunks({"a", "b"}).empty());
    CHECK(chunks({"a", "b"}, "ab").empty());
    CHECK(chunks({"a", "b"}, "a b") == "replies[0].text");
    CHECK(chunks({"a", "\xff"}) == "replies[0].chunks[1]");
    CHECK(chunks({"\xc3", "\xa9"}) == "replies[0].chunks[0]");
    CHECK(chunks(std::vector<std::string>(providers::scripted_chunks, "a")).empty());
    CHECK(chunks(std::vector<std::string>(providers::scripted_chunks + 1, "a")) ==
          "replies[0].chunks");
    const std::string half(limits::content_bytes / 2, 'x');
    CHECK(chunks({half, half}).empty());
    CHECK(chunks({half, half, "x"}) == "replies[0].chunks");
    CHECK(field([](auto& p) { p.replies[0].tool_calls = {{"", "f", "oops"}}; }).empty());
    CHECK(field([](auto& p) {
              p.replies[0].tool_calls = {{"", "", "{}"}};
          }) == "replies[0].tool_calls");
    const auto failure = [&](scripted_reply::failure f) {
        return field([&](auto& p) { p.replies[0].error = f; });
    };
    for (const std::int64_t status : {0, 400, 599}) CHECK(failure({status, "", {}}).empty());
    for (const std::int64_t status : {-1, 1, 200, 399, 600})
        CHECK(failure({status, "", {}}) == "replies[0].error.http_status");
    CHECK(failure({500, "a\n", {}}) == "replies[0].error.code");
    CHECK(failure({500, "", -1}) == "replies[0].error.retry_after_ms");
    CHECK(failure({500, "", providers::asked_wait_ms_max}).empty());
    CHECK(failure({500, "", providers::asked_wait_ms_max + 1}) ==
          "replies[0].error.retry_after_ms");
}

TEST_CASE("what a kind has no use for is refused") {
    const auto in_script = [](const change& make) { return refused(scripted(), make); };
    CHECK(in_script([](auto& p) { p.base_url = "http://a.test"; }) == "base_url");
    CHECK(in_script([](auto& p) { p.api_key = "k"; }) == "api_key");
    CHECK(in_script([](auto& p) { p.headers = {{"a", "b"}}; }) == "headers");
    CHECK(in_script([](auto& p) { p.api_version = "1"; }) == "api_version");
    CHECK(in_script([](auto& p) { p.parameter_names = {{"stop", ""}}; }) == "parameter_names");
    CHECK(refused(vendors::vendor_a(), [](auto& p) { p.api_version = "1"; }) == "api_version");
    CHECK(in_script([](auto& p) { p.mapped.request_template = "{}"; }) == "mapped");
    CHECK(in_script([](auto& p) { p.handler = callback().handler; }) == "handler");
    CHECK(refused(openai(), [](auto& p) { p.replies.resize(1); }) == "replies");
    CHECK(refused(openai(), [](auto& p) { p.echo = true; }) == "echo");
    CHECK(refused(callback(), [](auto& p) { p.handler = nullptr; }) == "handler");
    const async_provider_handler later = [](const provider_request&, provider_call) {};
    CHECK(refused(callback(), [&](auto& p) { p.async_handler = later; }) == "handler");
    CHECK(refused(callback(), [&](auto& p) {
              p.async_handler = later;
              p.handler = nullptr;
          }).empty());
    CHECK(in_script([&](auto& p) { p.async_handler = later; }) == "async_handler");
}

TEST_CASE("the fields of every kind are checked") {
    for (const auto& p : {openai(), scripted(), callback(), vendors::vendor_a()}) {
        CHECK(refused(p, [](auto& q) { q.policy.retries = -1; }) == "policy.retries");
        CHECK(refused(p, [](auto& q) { q.concurrency = 1; }).empty());
        CHECK(refused(p, [](auto& q) { q.concurrency = 100'000; }).empty());
        CHECK(refused(p, [](auto& q) { q.concurrency = 0; }) == "concurrency");
        CHECK(refused(p, [](auto& q) { q.concurrency = 100'001; }) == "concurrency");
        CHECK(refused(p, [](auto& q) { q.default_model = "a b"; }) == "default_model");
        CHECK(refused(p, [](auto& q) { q.default_model = std::string(255, 'm'); }).empty());
        CHECK(refused(p, [](auto& q) { q.default_model = std::string(256, 'm'); }) ==
              "default_model");
    }
}

TEST_CASE("only HTTP kinds have a codec") {
    CHECK(providers::make_codec(openai()));
    CHECK(providers::make_codec(vendors::vendor_a()));
    for (const auto kind :
         {provider_kind::openai_responses, provider_kind::anthropic, provider_kind::gemini}) {
        auto p = openai();
        p.kind = kind;
        CHECK(providers::make_codec(p));
    }
    CHECK(providers::make_codec(scripted()).error().details == invalid("kind", "").details);
    auto p = openai();
    p.base_url.clear();
    CHECK(providers::make_codec(p).error().details == invalid("base_url", "").details);
}
