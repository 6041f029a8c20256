// Vendors that are configurations only.
#include "base/limits.hpp"
#include "providers/codec.hpp"
#include "providers/request_template.hpp"
#include "vendors.hpp"

#include <catch2/catch.hpp>

using namespace conclave;

namespace {

provider_request question() {
    provider_request r;
    r.model = "small";
    r.instructions = "Be brief.";
    r.turns = {{message_role::user, "Hi"},
               {message_role::assistant, "Hello"},
               {message_role::user, "Say \"}\" {{model}}"}};
    r.temperature = 0.5;
    r.max_tokens = 64;
    return r;
}

std::unique_ptr<providers::codec> codec_of(const new_provider& p) {
    auto made = providers::make_codec(p);
    REQUIRE(made);
    return *std::move(made);
}

call_result answer(const new_provider& p, std::int64_t status, std::string_view body,
                   const std::vector<std::pair<std::string, std::string>>& headers = {}) {
    auto decoder = codec_of(p)->make_decoder({}, providers::answer_form::whole);
    decoder->on_head(status, headers);
    std::vector<providers::stream_fact> facts;
    decoder->on_body(body, facts);
    return decoder->on_end(providers::wire_end::complete);
}

std::string filled(std::string_view text, const provider_request& r = question()) {
    const auto parsed = providers::request_template::parse(text, "template");
    REQUIRE(parsed);
    return parsed->fill(r);
}

bool refused(std::string_view text) {
    const auto parsed = providers::request_template::parse(text, "template");
    return !parsed && parsed.error().details == invalid("template", "").details;
}

}  // namespace

TEST_CASE("a vendor without a place for tools is not asked with them") {
    auto r = question();
    r.tools = {{"clock", "", ""}};
    CHECK(codec_of(vendors::vendor_a())->encode(r, providers::answer_form::whole).error().details ==
          invalid("tools", "").details);
}

TEST_CASE("vendor A is asked and understood") {
    const auto sent =
        codec_of(vendors::vendor_a())->encode(question(), providers::answer_form::whole);
    REQUIRE(sent);
    CHECK(sent->method == "POST");
    CHECK(sent->url == "http://127.0.0.1:9101/vendor-a/generate");
    CHECK(sent->headers ==
          std::vector<std::pair<std::string, std::string>>{{"content-type", "application/json"}});
    CHECK(sent->body == R"({"model":"small","messages":[)"
                        R"({"role":"system","content":"Be brief."},)"
                        R"({"role":"user","content":"Hi"},)"
                        R"({"role":"assistant","content":"Hello"},)"
                        R"({"role":"user","content":"Say \"}\" {{model}}"}],)"
                        R"("temperature":0.5,"maxTokens":64})");

    const auto r =
        answer(vendors::vendor_a(), 200,
               R"({"outputText":"Hello!","tokensIn":45,"tokensOut":67,"latencyMs":230})");
    CHECK(r.outcome == call_class::ok);
    CHECK(r.text == "Hello!");
    REQUIRE(r.usage);
    CHECK(r.usage->input == 45);
    CHECK(r.usage->output == 67);
    CHECK(r.finish == finish_reason::stop);
    CHECK(r.model.empty());

    const auto failed =
        answer(vendors::vendor_a(), 500, R"({"error":{"code":"INTERNAL","message":"oops"}})");
    CHECK(failed.outcome == call_class::server_error);
    CHECK(failed.error == attempt_error::upstream_5xx);
    CHECK(failed.provider_code == "server_error");
    CHECK(failed.provider_message == "oops");
}

TEST_CASE("vendor B is asked and understood") {
    const auto sent =
        codec_of(vendors::vendor_b())->encode(question(), providers::answer_form::whole);
    REQUIRE(sent);
    CHECK(sent->body == R"({"model":"small","system":"Be brief.","input":[)"
                        R"({"role":"user","content":"Hi"},)"
                        R"({"role":"assistant","content":"Hello"},)"
                        R"({"role":"user","content":"Say \"}\" {{model}}"}],)"
                        R"("options":{"temperature":0.5,"max_output_tokens":64}})");

    const auto r = answer(vendors::vendor_b(), 200,
                          R"({"choices":[{"message":{"content":"Hi."}}],)"
                          R"("usage":{"input_tokens":45,"output_tokens":67}})");
    CHECK(r.outcome == call_class::ok);
    CHECK(r.text == "Hi.");
    CHECK(r.usage->total() == 112);

    constexpr auto limited =
        R"({"error":{"type":"rate_limited","message":"later","retryAfterMs":700}})";
    const auto refused = answer(vendors::vendor_b(), 429, limited);
    CHECK(refused.outcome == call_class::refused);
    CHECK(refused.error == attempt_error::rate_limited);
    CHECK(refused.retry_after_ms == 700);
    CHECK(answer(vendors::vendor_b(), 429, limited, {{"retry-after", "2"}}).retry_after_ms == 2000);
    CHECK_FALSE(answer(vendors::vendor_b(), 200, limited).retry_after_ms);
}

TEST_CASE("an answer without its text is no success") {
    const auto p = vendors::vendor_a();
    for (const auto* body : {"", "{}", "[]", R"({"outputText":null})", R"({"outputText":7})",
                             R"({"tokensIn":1,"tokensOut":2})", R"({"outputText":"x")"}) {
        INFO(body);
        CHECK(answer(p, 200, body).outcome == call_class::ambiguous);
        CHECK(answer(p, 200, body).error == attempt_error::bad_response);
    }
    CHECK(answer(p, 200, R"({"error":{"code":"429","message":"m"}})").outcome ==
          call_class::refused);
    CHECK(answer(p, 200, R"({"outputText":"x","tokensIn":1})").usage == std::nullopt);
    CHECK(answer(p, 200, R"({"outputText":"x","tokensIn":-1,"tokensOut":1})").usage ==
          std::nullopt);
}

TEST_CASE("absent values leave their members out") {
    auto r = question();
    r.model.clear();
    r.instructions.clear();
    r.temperature.reset();
    r.max_tokens.reset();
    r.turns.resize(1);
    CHECK(codec_of(vendors::vendor_a())->encode(r, providers::answer_form::whole)->body ==
          R"({"messages":[{"role":"user","content":"Hi"}]})");
    CHECK(codec_of(vendors::vendor_b())->encode(r, providers::answer_form::whole)->body ==
          R"({"input":[{"role":"user","content":"Hi"}],"options":{}})");
    CHECK(filled(R"(["{{model}}", "{{max_tokens}}", "{{prompt}}"])", r) == R"(["Hi"])");
    r.turns.clear();
    CHECK_FALSE(codec_of(vendors::vendor_a())->encode(r, providers::answer_form::whole));
}

TEST_CASE("placeholders become values, also inside texts") {
    CHECK(
        filled(R"({"a": [1, true, null, 1.5, "{{max_tokens}}"], "b": {"c": "{{temperature}}"}})") ==
        R"({"a":[1,true,null,1.5,64],"b":{"c":0.5}})");
    CHECK(filled(R"({"inputs": "{{instructions}}\n\n{{prompt}} [{{model}}]"})") ==
          R"({"inputs":"Be brief.\n\nSay \"}\" {{model}} [small]"})");
    CHECK(filled(R"({"inputs": "<{{model}}>"})", {}) == R"({"inputs":"<>"})");
}

TEST_CASE("a template is refused when a placeholder in it cannot be filled") {
    CHECK(refused(R"({"a": "{{unknown}}"})"));
    CHECK(refused(R"({"a": "{{model}"})"));
    CHECK(refused(R"({"a": "x {{messages}}"})"));
    CHECK(refused(R"({"a": "{{max_tokens}} "})"));
    CHECK(refused(R"({"a": "{{ model }}"})"));
    CHECK(refused(R"({"{{model}}": 1})"));
    CHECK(refused(R"("{{model}}")"));
    CHECK(refused("7"));
    CHECK(refused("{"));
    CHECK(refused(""));
    CHECK_FALSE(refused(R"({"a": "{ { model } }"})"));
}
