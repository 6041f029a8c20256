// Vectors, as vendors give them.
#include "providers/embeddings.hpp"

#include "exchange.hpp"

#include <iostream>

using namespace conclave;
using exchanges::member;

namespace {

new_provider vendor(provider_kind kind, std::string base_url = "http://vendor.test/v1") {
    return {.name = "vendor", .kind = kind, .base_url = std::move(base_url), .api_key = "key"};
}

std::unique_ptr<providers::embeddings_codec> codec_of(const new_provider& p) {
    auto made = providers::make_embeddings_codec(p);
    REQUIRE(made);
    return *std::move(made);
}

providers::embeddings_answer read(const providers::embeddings_codec& codec, std::string_view body,
                                  std::int64_t status = 200) {
    return codec.read(status, {}, body, providers::wire_end::complete);
}

void compare(const std::vector<float>& v, std::size_t from, const json::value& expected) {
    REQUIRE(expected.as_array() != nullptr);
    for (std::size_t i = 0; i < expected.as_array()->size(); ++i)
        CHECK(v.at(from + i) ==
              Approx(expected.as_array()->at(i).as_number().value()).margin(1e-6));
}

}  // namespace

TEST_CASE("vectors are asked for in each protocol's words") {
    const auto openai = codec_of(vendor(provider_kind::openai));
    auto sent = openai->encode({"m", {"a\n", "b"}, 64}).value();
    CHECK(sent.url == "http://vendor.test/v1/embeddings");
    CHECK(sent.body == R"({"model":"m","input":["a\n","b"],"dimensions":64})");
    CHECK(sent.headers.back().second == "Bearer key");
    const auto gemini = codec_of(vendor(provider_kind::gemini, "http://vendor.test"));
    sent = gemini->encode({"m", {"a", "b"}, {}}).value();
    CHECK(sent.url == "http://vendor.test/v1beta/models/m:batchEmbedContents");
    CHECK(sent.body == R"({"requests":[{"model":"models/m","content":{"parts":[{"text":"a"}]}},)"
                       R"({"model":"models/m","content":{"parts":[{"text":"b"}]}}]})");
    CHECK(sent.headers.back() == std::pair<std::string, std::string>{"x-goog-api-key", "key"});
    for (const auto& codec : {&openai, &gemini}) {
        CHECK_FALSE((*codec)->encode({"", {"a"}, {}}));
        CHECK_FALSE((*codec)->encode({"m", {}, {}}));
    }
    CHECK_FALSE(providers::make_embeddings_codec(vendor(provider_kind::anthropic)));
}

TEST_CASE("vectors come as numbers or packed, in the order of their indexes") {
    const auto codec = codec_of(vendor(provider_kind::openai));
    const auto numbers = read(*codec, R"({"data":[{"index":1,"embedding":[3,4.5]},)"
                                      R"({"index":0,"embedding":[1,-2e-1]}],"model":"m",)"
                                      R"("usage":{"prompt_tokens":7,"cost":6e-08}})");
    CHECK(numbers.call.outcome == call_class::ok);
    CHECK(numbers.vectors == std::vector<std::vector<float>>{{1, -0.2F}, {3, 4.5}});
    CHECK(numbers.call.usage == token_usage{.input = 7});
    CHECK(numbers.call.told_cost_nano_usd == 60);
    CHECK(numbers.call.model == "m");
    // 1.0 and -2.5 as little-endian float32.
    CHECK(read(*codec, R"({"data":[{"embedding":"AACAPwAAIMA="}]})").vectors ==
          std::vector<std::vector<float>>{{1, -2.5}});
    const auto perplexity = codec_of(vendor(provider_kind::openai, "https://api.perplexity.ai/v1"));
    CHECK(read(*perplexity, R"({"data":[{"embedding":"AX//gA=="}]})").vectors ==
          std::vector<std::vector<float>>{{1, 127, -1, -128}});
}

TEST_CASE("what holds no vectors is no success") {
    const auto openai = codec_of(vendor(provider_kind::openai));
    for (const auto* body :
         {"{}", "[]", "x", R"({"data":[]})", R"({"data":[{"embedding":[]}]})",
          R"({"data":[{"embedding":[1]},{"embedding":[1,2]}]})",
          R"({"data":[{"embedding":["1"]}]})", R"({"data":[{"embedding":"AACA"}]})",
          R"({"data":[{"embedding":"A"}]})", R"({"data":[{"embedding":"A_=="}]})",
          R"({"data":[{"embedding":null}]})"}) {
        CAPTURE(body);
        const auto answer = read(*openai, body);
        CHECK(answer.call.error == attempt_error::bad_response);
        CHECK(answer.vectors.empty());
    }
    const auto refused = read(*openai, R"({"error":{"message":"no","type":"x"}})", 429);
    CHECK(refused.call.provider_code == "rate_limit");
    CHECK(openai->read(0, {}, "", providers::wire_end::not_sent).call.outcome ==
          call_class::not_sent);
    const auto gemini = codec_of(vendor(provider_kind::gemini));
    for (const auto* body : {"{}", R"({"embeddings":[]})", R"({"embedding":{"values":[]}})"})
        CHECK(read(*gemini, body).call.error == attempt_error::bad_response);
}

TEST_CASE("recorded vectors are read as expected") {
    const auto folder = exchanges::shared_folder();
    if (!std::filesystem::exists(folder)) {
        std::cout << "skipped: no recorded exchanges beside the source tree\n";
        return;
    }
    const auto openai = codec_of(vendor(provider_kind::openai));
    const auto gemini = codec_of(vendor(provider_kind::gemini));
    int count = 0;
    for (const auto& x : exchanges::read_all(folder)) {
        if (!exchanges::is_embedding(x)) continue;
        INFO("exchange " << x.id);
        const auto& codec = x.dialect == "gemini-embeddings" ? *gemini : *openai;
        const auto a = codec.read(x.status, x.headers, x.body, providers::wire_end::complete);
        CHECK(a.call.provider_code == exchanges::text(member(x.expect, "error_code")));
        ++count;
        const auto& expected = member(x.expect, "embeddings");
        if (expected.is_null()) continue;
        CHECK(a.call.outcome == call_class::ok);
        REQUIRE(a.vectors.size() ==
                static_cast<std::size_t>(exchanges::integer(member(expected, "count")).value()));
        REQUIRE(
            a.vectors.front().size() ==
            static_cast<std::size_t>(exchanges::integer(member(expected, "dimensions")).value()));
        compare(a.vectors.front(), 0, member(expected, "first"));
        compare(a.vectors.back(), a.vectors.back().size() - 2, member(expected, "last"));
        CHECK(a.call.model == exchanges::text(member(x.expect, "model")));
        CHECK(a.call.usage.has_value() ==
              exchanges::integer(member(x.expect, "tokens_in")).has_value());
        if (a.call.usage)
            CHECK(a.call.usage->input == exchanges::integer(member(x.expect, "tokens_in")));
    }
    CHECK(count > 0);
}
