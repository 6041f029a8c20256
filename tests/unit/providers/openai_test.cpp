// Chat Completions: what is sent, and which answers are none.
#include "providers/openai.hpp"

#include "base/limits.hpp"
#include "exchange.hpp"

#include <catch2/catch.hpp>

using namespace conclave;

namespace {

new_provider vendor() {
    new_provider p;
    p.name = "openai";
    p.base_url = "http://127.0.0.1:9101/v1";
    p.api_key = "sk-canary-1234567890";
    return p;
}

provider_request question() {
    provider_request r;
    r.model = "model-1";
    r.instructions = "Be \"brief\".";
    r.turns = {{message_role::user, "Hi\n"},
               {message_role::assistant, "Hello"},
               {message_role::user, "Grüße 🎈"}};
    return r;
}

std::unique_ptr<providers::codec> codec_of(const new_provider& p) {
    auto made = providers::make_codec(p);
    REQUIRE(made);
    return *std::move(made);
}

providers::wire_request encode(const new_provider& p, const provider_request& r) {
    auto encoded = codec_of(p)->encode(r, providers::answer_form::whole);
    REQUIRE(encoded);
    return *std::move(encoded);
}

using header_list = std::vector<std::pair<std::string, std::string>>;

call_result answer(std::int64_t status, std::string_view body,
                   providers::wire_end end = providers::wire_end::complete,
                   const header_list& headers = {}) {
    auto decoder = codec_of(vendor())->make_decoder({}, providers::answer_form::whole);
    std::vector<providers::stream_fact> facts;
    if (status != 0) decoder->on_head(status, headers);
    decoder->on_body(body, facts);
    return decoder->on_end(end);
}

constexpr std::string_view good = R"({"choices":[{"message":{"content":"x"}}]})";

}  // namespace

TEST_CASE("a request holds the conversation and nothing that was not asked for") {
    const auto sent = encode(vendor(), question());
    CHECK(sent.method == "POST");
    CHECK(sent.url == "http://127.0.0.1:9101/v1/chat/completions");
    CHECK(sent.headers == header_list{{"content-type", "application/json"},
                                      {"authorization", "Bearer sk-canary-1234567890"}});
    CHECK(sent.body == R"({"model":"model-1","messages":[)"
                       R"({"role":"system","content":"Be \"brief\"."},)"
                       R"({"role":"user","content":"Hi\n"},)"
                       R"({"role":"assistant","content":"Hello"},)"
                       R"({"role":"user","content":"Grüße 🎈"}],"stream":false})");
}

TEST_CASE("temperature and max_tokens are sent when given, instructions when there are some") {
    provider_request r;
    r.model = "model-1";
    r.turns = {{message_role::user, "Hi"}};
    r.temperature = 0.5;
    r.max_tokens = 64;
    CHECK(encode(vendor(), r).body ==
          R"({"model":"model-1","messages":[{"role":"user","content":"Hi"}],)"
          R"("temperature":0.5,"max_tokens":64,"stream":false})");
}

TEST_CASE("models that want other words are asked in them") {
    auto r = question();
    r.max_tokens = 64;
    for (const auto* model : {"o1", "o3-mini", "o4-mini", "gpt-5", "gpt-5.6-sol", "gpt-6-luna"}) {
        r.model = model;
        const auto body = encode(vendor(), r).body;
        CHECK(body.find(R"("role":"developer")") != std::string::npos);
        CHECK(body.find(R"("max_completion_tokens":64)") != std::string::npos);
        CHECK(body.find(R"("max_tokens")") == std::string::npos);
    }
    for (const auto* model : {"gpt-4o-mini", "o1x", "gpt-50", "llama-3", "openai/gpt-oss-120b"}) {
        r.model = model;
        CHECK(encode(vendor(), r).body.find(R"("max_tokens":64)") != std::string::npos);
    }
}

TEST_CASE("the base URL is taken as it is") {
    using providers::chat_completions_url;
    CHECK(chat_completions_url("https://a.test") == "https://a.test/chat/completions");
    CHECK(chat_completions_url("https://a.test/v1/") == "https://a.test/v1/chat/completions");
    CHECK(chat_completions_url("https://a.test/openai/deployments/d?api-version=1") ==
          "https://a.test/openai/deployments/d/chat/completions?api-version=1");
}

TEST_CASE("a key goes where the headers want it, and only if there is one") {
    auto p = vendor();
    p.headers = {{"api-key", "{{api_key}}"}, {"X-Team", "blue"}};
    CHECK(encode(p, question()).headers == header_list{{"content-type", "application/json"},
                                                       {"api-key", "sk-canary-1234567890"},
                                                       {"x-team", "blue"}});

    p.headers = {{"Authorization", "Key abc"}, {"Content-Type", "application/json; charset=utf-8"}};
    CHECK(encode(p, question()).headers ==
          header_list{{"authorization", "Key abc"},
                      {"content-type", "application/json; charset=utf-8"}});

    p.headers.clear();
    p.api_key.clear();
    CHECK(encode(p, question()).headers == header_list{{"content-type", "application/json"}});
}

TEST_CASE("a request that cannot be expressed is refused") {
    const auto codec = codec_of(vendor());
    auto r = question();
    r.model.clear();
    CHECK(codec->encode(r, providers::answer_form::whole).error().details ==
          invalid("model", "").details);
    r = question();
    r.turns.push_back({message_role::tool, "{}"});
    CHECK(codec->encode(r, providers::answer_form::whole).error().details ==
          invalid("turns", "").details);
    r.turns.clear();
    CHECK(codec->encode(r, providers::answer_form::whole).error().details ==
          invalid("turns", "").details);
}

TEST_CASE("an answer without an answer in it is ambiguous, not a success") {
    for (const auto* body :
         {"", "x", "null", "[]", "{}", "\"text\"", "{\"choices\":[]}", "{\"choices\":[{}]}",
          "{\"choices\":[{\"message\":{}}]}", "{\"choices\":[{\"message\":{\"content\":7}}]}",
          "{\"choices\":[{\"message\":{\"content\":{}}}]}",
          "{\"choices\":[{\"finish_reason\":\"stop\"}]}",
          "{\"choices\":[{\"message\":{\"content\":\"x\"}}]", "{\"error\":null}"}) {
        INFO(body);
        const auto r = answer(200, body);
        CHECK(r.outcome == call_class::ambiguous);
        CHECK(r.error == attempt_error::bad_response);
        CHECK(r.http_status == 200);
        CHECK(r.text.empty());
    }
    CHECK(answer(200, good).outcome == call_class::ok);
    CHECK(answer(204, "").outcome == call_class::ambiguous);
}

TEST_CASE("a redirect is a definite no") {
    const auto r = answer(302, "<html>moved</html>");
    CHECK(r.outcome == call_class::final);
    CHECK(r.error == attempt_error::bad_response);
    CHECK_FALSE(r.retry_after_ms);
}

TEST_CASE("the end of the exchange decides when no complete answer came") {
    using providers::wire_end;
    const auto not_sent = answer(0, "", wire_end::not_sent);
    CHECK(not_sent.outcome == call_class::not_sent);
    CHECK(not_sent.error == attempt_error::network);
    CHECK(not_sent.http_status == 0);
    CHECK(answer(0, "", wire_end::timeout).error == attempt_error::timeout);
    CHECK(answer(200, good, wire_end::timeout).outcome == call_class::ambiguous);
    CHECK(answer(200, good, wire_end::broken).error == attempt_error::network);
    CHECK(answer(200, good, wire_end::cancelled).outcome == call_class::ambiguous);
    CHECK(answer(200, good, wire_end::malformed).error == attempt_error::bad_response);
    CHECK(answer(0, "", wire_end::complete).outcome == call_class::ambiguous);

    const auto cut = answer(429, "{", wire_end::broken, {{"retry-after", "3"}});
    CHECK(cut.outcome == call_class::ambiguous);
    CHECK(cut.http_status == 429);
    CHECK(cut.retry_after_ms == 3000);
}

TEST_CASE("counts that cannot be counts are not told") {
    const auto usage = [](const std::string& text) {
        return answer(200, R"({"choices":[{"message":{"content":"x"}}],"usage":)" + text + "}")
            .usage;
    };
    CHECK(usage(R"({"prompt_tokens":1,"completion_tokens":2})")->total() == 3);
    CHECK(usage(R"({"prompt_tokens":1000000000000,"completion_tokens":0})"));
    CHECK_FALSE(usage(R"({"prompt_tokens":1000000000001,"completion_tokens":0})"));
    CHECK_FALSE(usage(R"({"prompt_tokens":-1,"completion_tokens":2})"));
    CHECK_FALSE(usage(R"({"prompt_tokens":"1","completion_tokens":2})"));
    CHECK_FALSE(usage(R"({"prompt_tokens":1})"));
    CHECK_FALSE(usage("[]"));
    CHECK_FALSE(usage("null"));
}

TEST_CASE("a body is read up to its limit") {
    std::string body = R"({"choices":[{"message":{"content":")";
    const std::string tail = R"("}}]})";
    body.append(limits::response_body_bytes - body.size() - tail.size(), 'x').append(tail);
    CHECK(answer(200, body).outcome == call_class::ok);
    const auto r = answer(200, body + " ");
    CHECK(r.outcome == call_class::ambiguous);
    CHECK(r.error == attempt_error::bad_response);

    const std::string refusal(limits::response_body_bytes, 'x');
    CHECK(answer(400, refusal).outcome == call_class::final);
    CHECK(answer(400, refusal + "x").outcome == call_class::ambiguous);
}

TEST_CASE("blanks before a stream mean the same however they are cut") {
    const auto read = [](const std::string& body, std::size_t first) {
        auto decoder = codec_of(vendor())->make_decoder({}, providers::answer_form::streamed);
        std::vector<providers::stream_fact> facts;
        decoder->on_head(200, {});
        decoder->on_body(body.substr(0, first), facts);
        decoder->on_body(body.substr(first), facts);
        return decoder->on_end(providers::wire_end::complete);
    };
    const std::string event =
        R"(data: {"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]})"
        "\n\ndata: [DONE]\n\n";
    for (const std::size_t cut : {1U, 2U, 3U, 4U}) {
        // Blank lines are none; a blank in the line of a field gives it another name.
        CHECK(read("\r\n\n" + event, cut).text == "x");
        CHECK(read("\n  " + event, cut).provider_code == "stream_truncated");
    }
}

TEST_CASE("a vendor that repeats the key does not make us keep it") {
    auto p = vendor();
    p.headers = {{"X-Team-Secret", "canary-in-a-header"}};
    auto decoder = codec_of(p)->make_decoder({}, providers::answer_form::whole);
    decoder->on_head(401, {});
    std::vector<providers::stream_fact> facts;
    decoder->on_body(R"({"error":{"message":"bad key sk-canary-1234567890, canary-in-a-header!"}})",
                     facts);
    CHECK(decoder->on_end(providers::wire_end::complete).provider_message ==
          "bad key [redacted], [redacted]!");
}

TEST_CASE("tools, calls and results are told as functions") {
    provider_request r;
    r.model = "m";
    r.turns = {{message_role::user, "When?"},
               {message_role::assistant, "", {{"c1", "clock", R"({"zone":"UTC"})"}}},
               {message_role::tool, "noon", {}, "c1"}};
    r.tools = {{"clock", "Tells \"time\".", R"({"type":"object"})"}, {"ask", "", ""}};
    CHECK(encode(vendor(), r).body ==
          R"({"model":"m","messages":[{"role":"user","content":"When?"},)"
          R"({"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function",)"
          R"("function":{"name":"clock","arguments":"{\"zone\":\"UTC\"}"}}]},)"
          R"({"role":"tool","content":"noon","tool_call_id":"c1"}],"tools":[{"type":"function",)"
          R"("function":{"name":"clock","description":"Tells \"time\".",)"
          R"("parameters":{"type":"object"}}},{"type":"function","function":{"name":"ask",)"
          R"("parameters":{"type":"object","properties":{}}}}],"stream":false})");
}

TEST_CASE("calls of functions are read, in either form") {
    const auto read = [](std::string_view message) {
        return answer(200, R"({"choices":[{"message":)" + std::string(message) +
                               R"(,"finish_reason":"tool_calls"}]})");
    };
    const auto two = read(R"({"content":"Wait.","tool_calls":[{"id":"c1","type":"function",)"
                          R"("function":{"name":"clock","arguments":"{ \"zone\": \"UTC\" }"}},)"
                          R"({"function":{"name":"ask","arguments":""}}]})");
    CHECK(two.outcome == call_class::ok);
    CHECK(two.finish == finish_reason::tool_calls);
    CHECK(two.text == "Wait.");
    CHECK(two.tool_calls ==
          std::vector<tool_call>{{"c1", "clock", R"({"zone":"UTC"})"}, {"call_1", "ask", "{}"}});
    const auto older = read(R"({"content":null,"function_call":{"name":"f","arguments":"oops"}})");
    CHECK(older.tool_calls == std::vector<tool_call>{{"call_0", "f", "oops"}});
    for (const auto* message : {R"({"content":null,"tool_calls":[{"id":"c1"}]})",
                                R"({"content":null,"tool_calls":[{"function":{"name":""}}]})"})
        CHECK(read(message).error == attempt_error::bad_response);
    const auto same = read(R"({"content":null,"tool_calls":[{"id":"a","function":{"name":"f"}},)"
                           R"({"id":"a","function":{"name":"g"}}]})");
    CHECK(same.tool_calls == std::vector<tool_call>{{"a", "f", "{}"}, {"a_1", "g", "{}"}});
}
