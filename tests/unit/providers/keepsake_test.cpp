// What a provider wants to see again comes back unchanged, and only to it.
#include "json/parse.hpp"
#include "json/pointer.hpp"
#include "json/print.hpp"
#include "providers/codec.hpp"

#include <catch2/catch.hpp>

using namespace conclave;
using providers::answer_form;

namespace {

std::unique_ptr<providers::codec> codec_of(provider_kind kind, std::string name = "vendor") {
    auto made = providers::make_codec(
        {.name = std::move(name), .kind = kind, .base_url = "http://vendor.test/v1"});
    REQUIRE(made);
    return *std::move(made);
}

provider_request question(std::string model = "m") {
    provider_request r;
    r.model = std::move(model);
    r.turns = {{message_role::user, "Hi"}};
    return r;
}

call_result answer(const providers::codec& codec, std::string_view body) {
    const auto decoder = codec.make_decoder(question(), answer_form::whole);
    std::vector<providers::stream_fact> facts;
    decoder->on_head(200, {});
    decoder->on_body(body, facts);
    auto r = decoder->on_end(providers::wire_end::complete);
    REQUIRE(r.outcome == call_class::ok);
    return r;
}

/// The next request after an answer and the results of its calls.
provider_request next_round(const call_result& r, std::string model = "m") {
    auto next = question(std::move(model));
    next.turns.push_back({message_role::assistant, r.text, r.tool_calls});
    next.turns.back().keepsake = r.keepsake;
    for (const auto& call : r.tool_calls)
        next.turns.push_back({message_role::tool, "ok", {}, call.id});
    return next;
}

std::string member(const providers::codec& codec, const provider_request& r,
                   std::string_view pointer) {
    const auto sent = codec.encode(r, answer_form::whole);
    REQUIRE(sent);
    const auto body = json::parse(sent->body, "body", {}, json::decimals::exact).value();
    const auto* found = json::at_pointer(body, pointer);
    return found != nullptr ? json::print(*found) : std::string();
}

constexpr std::string_view claude_blocks =
    R"([{"type":"thinking","thinking":"hm","signature":"c2ln"},)"
    R"({"type":"redacted_thinking","data":"b3BhcXVl"},{"type":"text","text":"Wait."},)"
    R"({"type":"tool_use","id":"t1","name":"f","input":{"x":1.10}},)"
    R"({"type":"tool_use","id":"t2","name":"g","input":{}}])";

std::string claude_answer() {
    return R"({"type":"message","content":)" + std::string(claude_blocks) +
           R"(,"stop_reason":"tool_use"})";
}

}  // namespace

TEST_CASE("Messages: blocks with signatures come back as they were") {
    const auto codec = codec_of(provider_kind::anthropic);
    const auto r = answer(*codec, claude_answer());
    CHECK(member(*codec, next_round(r), "/messages/1/content") == claude_blocks);
}

TEST_CASE("generateContent: a result goes by the id that the model gave its call, if it gave one") {
    const auto codec = codec_of(provider_kind::gemini);
    const auto r = next_round(answer(
        *codec, R"({"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{},)"
                R"("id":"fc1"},"thoughtSignature":"s"},{"functionCall":{"name":"g","args":{}}}]},)"
                R"("finishReason":"STOP"}],"responseId":"r1"})"));
    CHECK(member(*codec, r, "/contents/1/parts/0/functionCall/id") == R"("fc1")");
    CHECK(member(*codec, r, "/contents/2/parts/0/functionResponse/id") == R"("fc1")");
    CHECK(member(*codec, r, "/contents/2/parts/1/functionResponse/name") == R"("g")");
    CHECK(member(*codec, r, "/contents/2/parts/1/functionResponse/id").empty());
}

TEST_CASE("a kept call goes by the same id as its result, whatever its vendor called it") {
    const auto claude = codec_of(provider_kind::anthropic);
    auto r = next_round(
        answer(*claude,
               R"({"type":"message","content":[{"type":"thinking","thinking":"","signature":"s"},)"
               R"({"type":"tool_use","id":"f:0","name":"f","input":{}}],)"
               R"("stop_reason":"tool_use"})"));
    const auto call = member(*claude, r, "/messages/1/content/1/id");
    CHECK(call == member(*claude, r, "/messages/2/content/0/tool_use_id"));
    CHECK(call.find(':') == std::string::npos);

    const auto responses = codec_of(provider_kind::openai_responses);
    const std::string long_id(65, 'c');
    r = next_round(
        answer(*responses, R"({"status":"completed","output":[{"type":"reasoning","summary":[],)"
                           R"("encrypted_content":"x"},{"type":"function_call","call_id":")" +
                               long_id + R"(","name":"f","arguments":"{}"}]})"));
    CHECK(member(*responses, r, "/input/2/call_id") == member(*responses, r, "/input/3/call_id"));
    CHECK(member(*responses, r, "/input/2/call_id").size() <= 64 + 2);
}

TEST_CASE("Messages: blocks of a stream come back as if they had come whole") {
    const auto codec = codec_of(provider_kind::anthropic);
    const auto r =
        answer(*codec,
               "data: {\"type\":\"message_start\",\"message\":{}}\n\n"
               "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":"
               "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}}\n\n"
               "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":"
               "{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}}\n\n"
               "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":"
               "{\"type\":\"signature_delta\",\"signature\":\"c2ln\"}}\n\n"
               "data: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":"
               "{\"type\":\"redacted_thinking\",\"data\":\"b3BhcXVl\"}}\n\n"
               "data: {\"type\":\"content_block_start\",\"index\":2,\"content_block\":"
               "{\"type\":\"text\",\"text\":\"Wait.\"}}\n\n"
               "data: {\"type\":\"content_block_start\",\"index\":3,\"content_block\":"
               "{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"f\",\"input\":{}}}\n\n"
               "data: {\"type\":\"content_block_delta\",\"index\":3,\"delta\":"
               "{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"x\\\":1.10}\"}}\n\n"
               "data: {\"type\":\"content_block_start\",\"index\":4,\"content_block\":"
               "{\"type\":\"tool_use\",\"id\":\"t2\",\"name\":\"g\",\"input\":{}}}\n\n"
               "data: {\"type\":\"message_stop\"}\n\n");
    CHECK(member(*codec, next_round(r), "/messages/1/content") == claude_blocks);
}

TEST_CASE("a call that the prompt lost is left out of what comes back") {
    const auto codec = codec_of(provider_kind::anthropic);
    auto r = answer(*codec, claude_answer());
    r.tool_calls.pop_back();
    const auto content = member(*codec, next_round(r), "/messages/1/content");
    CHECK(content.find("c2ln") != std::string::npos);
    CHECK(content.find("t1") != std::string::npos);
    CHECK(content.find("t2") == std::string::npos);
}

TEST_CASE("nobody else is handed what one provider and model signed") {
    const auto r = answer(*codec_of(provider_kind::anthropic), claude_answer());
    const std::string unsigned_calls =
        R"([{"type":"text","text":"Wait."},)"
        R"({"type":"tool_use","id":"t1","name":"f","input":{"x":1.1}},)"
        R"({"type":"tool_use","id":"t2","name":"g","input":{}}])";
    CHECK(member(*codec_of(provider_kind::anthropic), next_round(r, "m2"), "/messages/1/content") ==
          unsigned_calls);
    CHECK(member(*codec_of(provider_kind::anthropic, "other"), next_round(r),
                 "/messages/1/content") == unsigned_calls);
    CHECK(member(*codec_of(provider_kind::openai), next_round(r), "/messages/1/content") ==
          R"("Wait.")");
    auto broken = r;
    broken.keepsake = "{";
    CHECK(member(*codec_of(provider_kind::anthropic), next_round(broken), "/messages/1/content") ==
          unsigned_calls);
}

TEST_CASE("an answer without thinking leaves nothing to keep") {
    CHECK(answer(*codec_of(provider_kind::anthropic),
                 R"({"content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn"})")
              .keepsake.empty());
    CHECK(answer(*codec_of(provider_kind::gemini),
                 R"({"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP"}]})")
              .keepsake.empty());
    CHECK(answer(*codec_of(provider_kind::openai_responses),
                 R"({"status":"completed","output":[{"type":"reasoning","summary":[]},)"
                 R"({"type":"function_call","call_id":"a","name":"f","arguments":"{}"}]})")
              .keepsake.empty());
    CHECK(answer(*codec_of(provider_kind::openai),
                 R"({"choices":[{"message":{"content":"Hi","reasoning_content":"hm"}}]})")
              .keepsake.empty());
}

TEST_CASE("generateContent: parts with signatures come back as they were") {
    const auto codec = codec_of(provider_kind::gemini);
    constexpr std::string_view parts =
        R"([{"text":"Wait."},{"functionCall":{"name":"f","args":{"x":1}},)"
        R"("thoughtSignature":"c2ln"},{"functionCall":{"name":"g","args":{}}},)"
        R"({"functionCall":{"name":"f","args":{"x":2}}}])";
    auto r = answer(*codec, R"({"candidates":[{"content":{"parts":)" + std::string(parts) +
                                R"(},"finishReason":"STOP"}]})");
    CHECK(member(*codec, next_round(r), "/contents/1/parts") == parts);
    r.tool_calls.erase(r.tool_calls.begin() + 1);
    CHECK(member(*codec, next_round(r), "/contents/1/parts") ==
          R"([{"text":"Wait."},{"functionCall":{"name":"f","args":{"x":1}},)"
          R"("thoughtSignature":"c2ln"},{"functionCall":{"name":"f","args":{"x":2}}}])");
}

TEST_CASE("Responses: sealed reasoning comes back with what followed it") {
    const auto codec = codec_of(provider_kind::openai_responses);
    const std::string first =
        R"({"type":"reasoning","id":"r1","summary":[],"encrypted_content":"YQ=="},)"
        R"({"type":"function_call","call_id":"a","name":"f","arguments":"{}"})";
    const std::string second =
        R"({"type":"reasoning","id":"r2","summary":[],"encrypted_content":"Yg=="},)"
        R"({"type":"function_call","call_id":"b","name":"g","arguments":"{}"})";
    auto r = answer(*codec, R"({"status":"completed","output":[)" + first + "," + second + "]}");
    const auto input = [&] { return member(*codec, next_round(r), "/input"); };
    CHECK(input().find(first + "," + second) != std::string::npos);
    r.tool_calls.pop_back();
    CHECK(input().find(first) != std::string::npos);
    CHECK(input().find("r2") == std::string::npos);
}

TEST_CASE("Chat Completions: thinking comes back beside the calls it led to") {
    const auto codec = codec_of(provider_kind::openai);
    const auto r = answer(*codec, R"({"choices":[{"message":{"content":null,)"
                                  R"("reasoning_content":"hm","tool_calls":[{"id":"a",)"
                                  R"("function":{"name":"f","arguments":"{}"}}]}}]})");
    CHECK(member(*codec, next_round(r), "/messages/1/reasoning_content") == R"("hm")");
}

namespace {

constexpr std::string_view router_call =
    R"("tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}])";

/// What is handed back of a stream whose events had these lists of details.
std::string handed_back(std::initializer_list<std::string_view> lists) {
    const auto codec = codec_of(provider_kind::openai);
    const auto decoder = codec->make_decoder(question(), answer_form::streamed);
    std::vector<providers::stream_fact> facts;
    decoder->on_head(200, {});
    const auto event = [&](const std::string& delta, std::string_view finish) {
        decoder->on_body(R"(data: {"choices":[{"delta":{)" + delta + R"(},"finish_reason":)" +
                             std::string(finish) + "}]}\n\n",
                         facts);
    };
    for (const auto list : lists)
        event(R"("reasoning":"x","reasoning_details":)" + std::string(list), "null");
    event(std::string(router_call), R"("tool_calls")");
    decoder->on_body("data: [DONE]\n\n", facts);
    const auto r = decoder->on_end(providers::wire_end::complete);
    REQUIRE(r.outcome == call_class::ok);
    return member(*codec, next_round(r), "/messages/1/reasoning_details");
}

}  // namespace

TEST_CASE("Chat Completions: blocks of thinking come back as they were") {
    const auto codec = codec_of(provider_kind::openai);
    constexpr std::string_view blocks =
        R"([{"type":"reasoning.text","text":"hm","signature":"c2ln","index":0,"x":1.10},)"
        R"({"type":"reasoning.text","text":"so","index":0},)"
        R"({"type":"reasoning.text","text":"so","index":0},)"
        R"({"type":"reasoning.encrypted","data":"YQ==","id":"r1","index":1}])";
    auto r = answer(*codec, R"({"choices":[{"message":{"content":null,"reasoning":"hm",)" +
                                std::string(router_call) + R"(,"reasoning_details":)" +
                                std::string(blocks) + "}}]}");
    CHECK(member(*codec, next_round(r), "/messages/1/reasoning_details") == blocks);
    CHECK(member(*codec, next_round(r), "/messages/1/reasoning_content").empty());
    CHECK(member(*codec, next_round(r, "m2"), "/messages/1/reasoning_details").empty());
    // Without calls nothing is asked for once more.
    CHECK(answer(*codec, R"({"choices":[{"message":{"content":"Hi","reasoning_details":)" +
                             std::string(blocks) + "}}]}")
              .keepsake.empty());
}

TEST_CASE("Chat Completions: blocks of thinking that a stream cut come back whole") {
    CHECK(handed_back({R"([{"type":"reasoning.text","text":"I ","index":0,"format":"f"}])",
                       R"([{"type":"reasoning.text","text":"think","index":0,"format":"f"}])",
                       R"([{"type":"reasoning.text","index":0,"signature":"c2ln"}])"}) ==
          R"([{"type":"reasoning.text","text":"I think","index":0,"format":"f",)"
          R"("signature":"c2ln"}])");
    CHECK(handed_back({R"([{"type":"reasoning.summary","summary":"a","index":0}])",
                       R"([{"type":"reasoning.summary","summary":"b","index":0}])",
                       R"([{"type":"reasoning.encrypted","data":"YQ==","index":0}])",
                       R"([{"type":"reasoning.encrypted","data":"Yg==","index":0}])",
                       R"([{"type":"reasoning.summary","summary":"c","index":0}])",
                       R"([{"type":"reasoning.summary","summary":"d","index":1}])"}) ==
          R"([{"type":"reasoning.summary","summary":"ab","index":0},)"
          R"({"type":"reasoning.encrypted","data":"YQ==","index":0},)"
          R"({"type":"reasoning.encrypted","data":"Yg==","index":0},)"
          R"({"type":"reasoning.summary","summary":"c","index":0},)"
          R"({"type":"reasoning.summary","summary":"d","index":1}])");
    // A block that is signed has come to its end; what is no block passes as it is.
    CHECK(handed_back({R"([{"type":"reasoning.text","text":"a","signature":"1"}])",
                       R"([{"type":"reasoning.text","text":"b","signature":null}])",
                       R"([{"type":"reasoning.text","text":null,"signature":"2"},7,{}])"}) ==
          R"([{"type":"reasoning.text","text":"a","signature":"1"},)"
          R"({"type":"reasoning.text","text":"b","signature":"2"},7,{}])");
    CHECK(handed_back({R"([{"type":"reasoning.text","signature":null}])",
                       R"([{"type":"reasoning.text","text":"late"}])"}) ==
          R"([{"type":"reasoning.text","signature":null,"text":"late"}])");
    CHECK(handed_back({"[]", "{}", "null"}).empty());
}

TEST_CASE("ids that are made up differ from answer to answer") {
    const auto codec = codec_of(provider_kind::gemini);
    const auto id = [&](const std::string& answer_id) {
        return answer(*codec, R"({"responseId":")" + answer_id +
                                  R"(","candidates":[{"content":{"parts":[)"
                                  R"({"functionCall":{"name":"f"}}]},"finishReason":"STOP"}]})")
            .tool_calls.at(0)
            .id;
    };
    CHECK(id("") == "call_0");
    CHECK(id("a.b-1") == "call_a_b-1_0");
    CHECK(id(std::string(100, 'x') + "y") == "call_" + std::string(23, 'x') + "y_0");
}
