// Each vendor's answers, errors, tool calls and embeddings, in its own shape.
#include "simulator/dialect_requests.hpp"
#include "simulator/limits.hpp"

#include <catch2/catch.hpp>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace {

using nlohmann::json;
using namespace simulator;

const vendor_under_test& dialect_named(std::string_view target) {
    for (const auto& one : all_dialects) {
        if (one.target == target) {
            return one;
        }
    }
    std::abort();
}

json answer_of(const simulator_process& vendor, std::string_view target, const json& scenario,
               const std::string& content = "Hello") {
    script(vendor, target, scenario);
    const auto answer = ask(vendor, dialect_named(target), false, content);
    CHECK(answer.status == 200);
    CHECK(answer.complete);
    return json::parse(answer.body);
}

const json full = {{"thinking", "Hm."},
                   {"text", "Wait."},
                   {"tool_calls",
                    {{{"name", "get_time"}, {"arguments", {{"zone", "UTC"}}}},
                     {{"name", "ping"}, {"id", "own-id"}}}},
                   {"tokens_in", 100},
                   {"cached_tokens_in", 30},
                   {"cache_write_tokens_in", 20},
                   {"tokens_out", 50},
                   {"reasoning_tokens", 12}};

const json weather_tool = {{"name", "get_weather"},
                           {"parameters",
                            {{"type", "object"},
                             {"properties",
                              {{"city", {{"type", "string"}}},
                               {"days", {{"type", "integer"}, {"minimum", 2}, {"maximum", 4}}},
                               {"unit", {{"type", "string"}, {"enum", {"C", "F"}}}},
                               {"unasked", {{"type", "string"}}}}},
                             {"required", {"city", "days", "unit"}}}}};

}  // namespace

TEST_CASE("OpenAI's chat completion holds thinking, text, calls and usage") {
    const simulator_process vendor({"--no-quirks"});
    const auto answer = answer_of(vendor, "openai", full);
    const auto& message = answer["choices"][0]["message"];
    CHECK(message["content"] == "Wait.");
    CHECK(message["reasoning_content"] == "Hm.");
    CHECK(message["tool_calls"] ==
          json{{{"id", "call_sim-1-0"},
                {"type", "function"},
                {"function", {{"name", "get_time"}, {"arguments", R"({"zone":"UTC"})"}}}},
               {{"id", "own-id"},
                {"type", "function"},
                {"function", {{"name", "ping"}, {"arguments", "{}"}}}}});
    CHECK(answer["choices"][0]["finish_reason"] == "tool_calls");
    CHECK(answer["usage"] ==
          json{{"prompt_tokens", 100},
               {"completion_tokens", 50},
               {"total_tokens", 150},
               {"prompt_tokens_details", {{"cached_tokens", 30}, {"cache_write_tokens", 20}}},
               {"completion_tokens_details", {{"reasoning_tokens", 12}}}});
}

TEST_CASE("a response has items, and no status of its own for calls") {
    const simulator_process vendor({"--no-quirks"});
    const auto answer = answer_of(vendor, "openai-responses", full);
    REQUIRE(answer["output"].size() == 4);
    CHECK(answer["output"][0]["summary"][0]["text"] == "Hm.");
    CHECK(answer["output"][1]["content"][0]["text"] == "Wait.");
    CHECK(answer["output"][2]["arguments"] == R"({"zone":"UTC"})");
    CHECK(answer["output"][3]["call_id"] == "own-id");
    CHECK(answer["status"] == "completed");
    CHECK(answer["usage"]["input_tokens"] == 100);
    CHECK(answer["usage"]["input_tokens_details"]["cached_tokens"] == 30);
    CHECK(answer["usage"]["output_tokens"] == 50);
    CHECK(answer["usage"]["output_tokens_details"]["reasoning_tokens"] == 12);
}

TEST_CASE("Anthropic counts the cache apart and hands inputs over as objects") {
    const simulator_process vendor({"--no-quirks"});
    const auto answer = answer_of(vendor, "anthropic", full);
    REQUIRE(answer["content"].size() == 4);
    CHECK(answer["content"][0]["thinking"] == "Hm.");
    CHECK(answer["content"][0]["signature"].is_string());
    CHECK(answer["content"][1]["text"] == "Wait.");
    CHECK(answer["content"][2]["input"] == json{{"zone", "UTC"}});
    CHECK(answer["content"][3]["input"] == json::object());
    CHECK(answer["stop_reason"] == "tool_use");
    CHECK(answer["usage"] == json{{"input_tokens", 50},
                                  {"cache_creation_input_tokens", 20},
                                  {"cache_read_input_tokens", 30},
                                  {"output_tokens", 50},
                                  {"output_tokens_details", {{"thinking_tokens", 12}}}});
}

TEST_CASE("Gemini counts thoughts apart and ends a call with STOP") {
    const simulator_process vendor({"--no-quirks"});
    const auto answer = answer_of(vendor, "gemini", full);
    const auto& parts = answer["candidates"][0]["content"]["parts"];
    REQUIRE(parts.size() == 4);
    CHECK(parts[0]["thought"] == true);
    CHECK(parts[1]["text"] == "Wait.");
    CHECK(parts[2]["functionCall"] == json{{"name", "get_time"}, {"args", {{"zone", "UTC"}}}});
    CHECK(parts[2]["thoughtSignature"].is_string());
    CHECK(parts[3]["functionCall"]["id"] == "own-id");
    CHECK(answer["candidates"][0]["finishReason"] == "STOP");
    CHECK(answer["usageMetadata"] == json{{"promptTokenCount", 100},
                                          {"cachedContentTokenCount", 30},
                                          {"candidatesTokenCount", 38},
                                          {"thoughtsTokenCount", 12},
                                          {"totalTokenCount", 150}});
}

TEST_CASE("each vendor has its own words for the end") {
    const simulator_process vendor({"--no-quirks"});
    const auto word = [&](std::string_view target, const char* pointer, const char* finish) {
        return answer_of(vendor, target, {{"finish", finish}})[json::json_pointer(pointer)];
    };
    CHECK(word("openai", "/choices/0/finish_reason", "length") == "length");
    CHECK(word("openai", "/choices/0/finish_reason", "content_filter") == "content_filter");
    CHECK(word("anthropic", "/stop_reason", "stop") == "end_turn");
    CHECK(word("anthropic", "/stop_reason", "length") == "max_tokens");
    CHECK(word("anthropic", "/stop_reason", "content_filter") == "refusal");
    CHECK(word("gemini", "/candidates/0/finishReason", "length") == "MAX_TOKENS");
    CHECK(word("gemini", "/candidates/0/finishReason", "content_filter") == "SAFETY");
    CHECK(word("openai-responses", "/status", "length") == "incomplete");
    CHECK(word("openai-responses", "/incomplete_details/reason", "content_filter") ==
          "content_filter");
}

TEST_CASE("what a scenario omits is missing") {
    const simulator_process vendor({"--no-quirks"});
    const json omit = {{"omit", {"usage", "finish"}}};
    CHECK_FALSE(answer_of(vendor, "openai", omit).contains("usage"));
    CHECK(answer_of(vendor, "openai", omit)["choices"][0]["finish_reason"].is_null());
    CHECK(answer_of(vendor, "openai-responses", omit)["usage"].is_null());
    CHECK_FALSE(answer_of(vendor, "anthropic", omit).contains("usage"));
    CHECK_FALSE(answer_of(vendor, "gemini", omit).contains("usageMetadata"));
    CHECK_FALSE(answer_of(vendor, "gemini", omit)["candidates"][0].contains("finishReason"));
}

TEST_CASE("errors have each vendor's envelope, and its way to tell a delay") {
    const simulator_process vendor;
    vendor.control(R"({"target":"*","default":{"status":429,"retry_after_ms":1500,"text":"no"}})");
    const auto refused = [&](std::string_view target) {
        const auto answer = ask(vendor, dialect_named(target), true);
        CHECK(answer.status == 429);
        return std::pair(answer.head, json::parse(answer.body));
    };
    const auto [anthropic_head, anthropic] = refused("anthropic");
    CHECK(anthropic ==
          json{{"type", "error"}, {"error", {{"type", "rate_limit_error"}, {"message", "no"}}}});
    CHECK(anthropic_head.find("retry-after: 2\r\n") != std::string::npos);
    CHECK(anthropic_head.find("\r\nrequest-id: ") != std::string::npos);
    const auto [gemini_head, gemini] = refused("gemini");
    CHECK(gemini["error"]["status"] == "RESOURCE_EXHAUSTED");
    CHECK(gemini["error"]["code"] == 429);
    CHECK(gemini["error"]["details"][0]["retryDelay"] == "1.500s");
    CHECK(gemini_head.find("retry-after") == std::string::npos);
    const auto [responses_head, responses] = refused("openai-responses");
    CHECK(responses["error"]["code"] == "rate_limit_exceeded");
    CHECK(responses_head.find("retry-after-ms: 1500\r\n") != std::string::npos);
}

TEST_CASE("a 200 can hold an error in each vendor's envelope") {
    const simulator_process vendor;
    const json broken = {{"error_after_events", 0}, {"error_status", 529}, {"error_text", "busy"}};
    for (const auto& dialect : all_dialects) {
        CAPTURE(dialect.target);
        const auto answer = answer_of(vendor, dialect.target, broken);
        CHECK(answer["error"]["message"] == "busy");
    }
}

TEST_CASE("what goes wrong with an answer goes wrong in every dialect") {
    const simulator_process vendor;
    for (const auto& dialect : all_dialects) {
        CAPTURE(dialect.target);
        const auto answer = [&](const json& scenario) {
            script(vendor, dialect.target, scenario);
            return ask(vendor, dialect, false);
        };
        const auto malformed = answer({{"malformed", true}});
        CHECK(malformed.complete);
        CHECK_FALSE(json::accept(malformed.body));
        CHECK_FALSE(answer({{"drop", "mid_body"}}).complete);
        CHECK(answer({{"drop", "mid_headers"}}).status == 0);
        CHECK(answer({{"truncate_body", 7}}).body.size() == 7);
        CHECK(answer({{"drop_after_events", 1}, {"end_by", "reset"}}).reset);
        CHECK(answer({{"reset", true}}).reset);
        CHECK(json::accept(answer({{"chunked", true}}).body));
        CHECK(answer({{"body", "<html>"}}).body == "<html>");
        for (const int status : {400, 401, 403, 404, 429, 500, 503, 529}) {
            const auto refused = answer({{"status", status}, {"retry_after", 3}});
            CHECK(refused.status == status);
            CHECK(refused.head.find("retry-after: 3\r\n") != std::string::npos);
            CHECK(json::parse(refused.body)["error"]["message"].is_string());
        }
        script(vendor, dialect.target, {{"drop", "before_read"}});
        loopback_connection unread(vendor.port());
        unread.send("POST " + std::string(dialect.path) +
                    " HTTP/1.1\r\ncontent-length: 100\r\n\r\n");
        CHECK(unread.receive().status == 0);
    }
}

TEST_CASE("a model calls the tool the user asks for, once, with arguments that fit") {
    const simulator_process vendor({"--no-quirks", "--seed", "3"});
    const simulator_process again({"--no-quirks", "--seed", "3"});
    for (const auto& dialect : all_dialects) {
        CAPTURE(dialect.target);
        const auto document = request_document(dialect.target, "Please get weather for Paris.",
                                               false, json::array({weather_tool}));
        const auto body = post(vendor, dialect.path, document).body;
        CHECK(body == post(again, dialect.path, document).body);
        const auto at = body.find("Paris");
        REQUIRE(at != std::string::npos);
        CHECK(body.find("get_weather") != std::string::npos);
        CHECK(body.find("unasked") == std::string::npos);
        const auto unasked =
            request_document(dialect.target, "Hello", false, json::array({weather_tool}));
        CHECK(post(vendor, dialect.path, unasked).body.find("get_weather") == std::string::npos);
        script(vendor, dialect.target, {{"tool_calls", {{{"name", "get_weather"}}}}});
        CHECK(post(vendor, dialect.path, unasked).body.find("Hello") != std::string::npos);
    }
    const auto call = json::parse(
        post(vendor, "/v1/messages",
             request_document("anthropic", "Use a tool", false, json::array({weather_tool})))
            .body)["content"][0]["input"];
    CHECK(call["city"] == "Use a tool");
    CHECK(call["days"] >= 2);
    CHECK(call["days"] <= 4);
    CHECK((call["unit"] == "C" || call["unit"] == "F"));
    CHECK(call.size() == 3);
}

namespace {

// The conversation after one call of get_weather was answered by "rain".
json after_tool(std::string_view target) {
    if (target == "openai") {
        return json::parse(R"({"model":"m","messages":[{"role":"user","content":"weather"},
            {"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function",
             "function":{"name":"get_weather","arguments":"{}"}}]},
            {"role":"tool","tool_call_id":"c1","content":"rain"}]})");
    }
    if (target == "openai-responses") {
        return json::parse(R"({"model":"m","input":[{"role":"user","content":"weather"},
            {"type":"reasoning","id":"rs_1","summary":[]},
            {"type":"function_call","call_id":"c1","name":"get_weather","arguments":"{}"},
            {"type":"function_call_output","call_id":"c1","output":"rain"}]})");
    }
    if (target == "anthropic") {
        return json::parse(R"({"model":"m","max_tokens":9,"messages":[
            {"role":"user","content":"weather"},
            {"role":"assistant","content":[
             {"type":"tool_use","id":"c1","name":"get_weather","input":{}}]},
            {"role":"user","content":[
             {"type":"tool_result","tool_use_id":"c1","content":"rain"}]}]})");
    }
    return json::parse(R"({"contents":[{"role":"user","parts":[{"text":"weather"}]},
        {"role":"model","parts":[{"functionCall":{"name":"get_weather","args":{}}}]},
        {"role":"user","parts":[{"functionResponse":{"name":"get_weather",
         "response":{"result":"rain"}}}]}]})");
}

// The same conversation without the result.
json without_result(std::string_view target) {
    auto out = after_tool(target);
    auto& turns = out[target == "gemini"             ? "contents"
                      : target == "openai-responses" ? "input"
                                                     : "messages"];
    turns.erase(turns.size() - 1);
    return out;
}

}  // namespace

TEST_CASE("tool results are journalled and answered") {
    const auto path = (std::filesystem::temp_directory_path() /
                       ("simulator-rounds-" + std::to_string(::getpid())))
                          .string();
    const simulator_process vendor({"--no-quirks", "--journal-file", path});
    for (const auto& dialect : all_dialects) {
        CAPTURE(dialect.target);
        const auto unscripted = post(vendor, dialect.path, after_tool(dialect.target));
        CHECK(unscripted.status == 200);
        CHECK(unscripted.body.find("The tool said: ") != std::string::npos);
        CHECK(unscripted.body.find("rain") != std::string::npos);

        script(vendor, dialect.target,
               {{"tool_calls", {{{"name", "again"}}}}, {"text_after_tools", "It rains."}});
        const auto scripted = post(vendor, dialect.path, after_tool(dialect.target));
        CHECK(scripted.body.find("It rains.") != std::string::npos);
        CHECK(scripted.body.find("again") == std::string::npos);

        script(vendor, dialect.target, {{"tool_calls", {{{"name", "again"}}}}});
        const auto looping = post(vendor, dialect.path, after_tool(dialect.target));
        CHECK(looping.body.find("again") != std::string::npos);

        const auto entry = json::parse(vendor.journal_text()).back();
        CHECK(entry["target"] == dialect.target);
        CHECK(entry["model"] == "m");
        CHECK(entry["stream"] == false);
        CHECK(entry["turns"] == (dialect.target == "openai-responses" ? 4 : 3));
        CHECK(entry["last_user_content"] == "weather");
        REQUIRE(entry["tool_results"].size() == 1);
        CHECK(entry["tool_results"][0]["id"] ==
              (dialect.target == "gemini" ? "get_weather" : "c1"));
        CHECK(entry["tool_results"][0]["content"] ==
              (dialect.target == "gemini" ? R"({"result":"rain"})" : "rain"));
    }
    std::ifstream file(path);
    std::size_t lines = 0;
    for (std::string line; std::getline(file, line); ++lines) CHECK(line.ends_with("\t1"));
    CHECK(lines == 3 * std::size(all_dialects));
    std::filesystem::remove(path);
}

TEST_CASE("a tool call without its result is refused, and so is a result without its call") {
    const simulator_process vendor({"--no-quirks"});
    for (const auto& dialect : all_dialects) {
        CAPTURE(dialect.target);
        CHECK(post(vendor, dialect.path, without_result(dialect.target)).status == 400);
    }
    const auto stray = R"({"model":"m","messages":[{"role":"user","content":"x"},
                           {"role":"tool","tool_call_id":"c9","content":"rain"}]})"_json;
    CHECK(post(vendor, "/v1/chat/completions", stray).body.find("c9") != std::string::npos);
    const auto late = R"({"model":"m","max_tokens":9,"messages":[
        {"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"t","input":{}}]},
        {"role":"user","content":[{"type":"text","text":"first"},
         {"type":"tool_result","tool_use_id":"c1","content":"rain"}]}]})"_json;
    CHECK(post(vendor, "/v1/messages", late).status == 400);
    const auto alone = R"({"model":"m","input":[{"role":"user","content":"x"},
                           {"type":"reasoning","id":"rs_1","summary":[]}]})"_json;
    CHECK(post(vendor, "/v1/responses", alone).body.find("reasoning") != std::string::npos);
}

TEST_CASE("requests in another vendor's shape are refused") {
    const simulator_process vendor({"--no-quirks"});
    const auto refusal = [&](std::string_view path, const char* document) {
        const auto answer = post(vendor, path, json::parse(document));
        CHECK(answer.status == 400);
        return json::parse(answer.body)["error"]["message"].get<std::string>();
    };
    CHECK(refusal("/v1/responses", R"({"model":"m","input":"x","response_format":{}})")
              .find("response_format") != std::string::npos);
    CHECK(refusal("/v1/responses", R"({"model":"m","input":"x","tools":[{"type":"function",
                                       "function":{"name":"t"}}]})")
              .find("tools") != std::string::npos);
    CHECK(refusal("/v1/messages", R"({"model":"m","messages":[{"role":"user","content":"x"}]})")
              .find("max_tokens") != std::string::npos);
    CHECK(refusal("/v1beta/models/m:generateContent", R"({"messages":[]})").find("contents") !=
          std::string::npos);
    CHECK(refusal("/v1beta/models/m:generateContent",
                  R"({"contents":[{"parts":[{"text":"x"}]}],"tools":[{"functionDeclarations":[
                      {"name":"t","parameters":{"type":"object",
                       "additionalProperties":false}}]}]})")
              .find("Unknown name") != std::string::npos);
    const auto unversioned =
        loopback_connection(vendor.port())
            .request("POST", "/v1/messages", request_document("anthropic", "x").dump());
    CHECK(unversioned.status == 400);
}

TEST_CASE("a tool choice is obeyed") {
    const simulator_process vendor({"--no-quirks"});
    auto chat = request_document("openai", "Hello", false, json::array({weather_tool}));
    chat["tool_choice"] = "required";
    auto answer = json::parse(post(vendor, "/v1/chat/completions", chat).body);
    CHECK(answer["choices"][0]["finish_reason"] == "tool_calls");
    chat["tool_choice"] = {{"type", "function"}, {"function", {{"name", "get_weather"}}}};
    answer = json::parse(post(vendor, "/v1/chat/completions", chat).body);
    CHECK(answer["choices"][0]["message"]["tool_calls"].size() == 1);
    CHECK(answer["choices"][0]["finish_reason"] == "stop");
    chat["messages"][0]["content"] = "get weather";
    chat["tool_choice"] = "none";
    answer = json::parse(post(vendor, "/v1/chat/completions", chat).body);
    CHECK_FALSE(answer["choices"][0]["message"].contains("tool_calls"));
}

TEST_CASE("an answer fits the schema the request asks for, or is the scripted JSON") {
    const simulator_process vendor({"--no-quirks"});
    const auto schema = json{
        {"type", "object"}, {"properties", {{"ok", {{"type", "boolean"}}}}}, {"required", {"ok"}}};
    const std::pair<std::string_view, json> formats[] = {
        {"openai",
         {{"response_format", {{"type", "json_schema"}, {"json_schema", {{"schema", schema}}}}}}},
        {"openai-responses",
         {{"text", {{"format", {{"type", "json_schema"}, {"schema", schema}}}}}}},
        {"anthropic",
         {{"output_config", {{"format", {{"type", "json_schema"}, {"schema", schema}}}}}}},
        {"gemini",
         {{"generationConfig",
           {{"responseMimeType", "application/json"}, {"responseSchema", schema}}}}},
    };
    for (const auto& [target, format] : formats) {
        CAPTURE(target);
        auto document = request_document(target, "Hello");
        document.update(format);
        const auto body = post(vendor, dialect_named(target).path, document).body;
        CHECK((body.find(R"({\"ok\":true})") != std::string::npos ||
               body.find(R"({\"ok\":false})") != std::string::npos));
        script(vendor, target, {{"json", {{"n", 1}}}});
        const auto scripted = post(vendor, dialect_named(target).path, document).body;
        CHECK(scripted.find(R"({\"n\":1})") != std::string::npos);
    }
}

TEST_CASE("embeddings are fixed by their text") {
    const simulator_process vendor;
    const auto embed = [&](const json& document) {
        return json::parse(post(vendor, "/v1/embeddings", document).body);
    };
    const auto two = embed({{"model", "e"}, {"input", {"a", "b"}}, {"dimensions", 4}});
    REQUIRE(two["data"].size() == 2);
    CHECK(two["data"][0]["embedding"].size() == 4);
    CHECK(two["data"][0]["embedding"] != two["data"][1]["embedding"]);
    CHECK(two["data"][1]["index"] == 1);
    CHECK(two["usage"]["prompt_tokens"] == two["usage"]["total_tokens"]);
    const auto one = embed({{"model", "e"}, {"input", "b"}, {"dimensions", 4}});
    CHECK(one["data"][0]["embedding"] == two["data"][1]["embedding"]);
    const auto packed =
        embed({{"model", "e"}, {"input", "b"}, {"encoding_format", "base64"}, {"dimensions", 1}});
    CHECK(packed["data"][0]["embedding"].get<std::string>().size() == 8);
    const auto most = embed({{"model", "e"}, {"input", "b"}, {"dimensions", dimensions_max}});
    CHECK(most["data"][0]["embedding"].size() == dimensions_max);
    CHECK(embed({{"model", "e"}, {"input", "b"}, {"dimensions", dimensions_max + 1}})
              .contains("error"));
    CHECK(embed({{"model", "e"}, {"input", json::array()}}).contains("error"));
    json many = {{"model", "e"}, {"input", json::array()}, {"dimensions", 1}};
    for (std::size_t i = 0; i < inputs_max; ++i) {
        many["input"].push_back("x");
    }
    CHECK(embed(many)["data"].size() == inputs_max);
    many["input"].push_back("x");
    CHECK(embed(many).contains("error"));

    const json content = {{"parts", {{{"text", "b"}}}}};
    const auto single = json::parse(post(vendor, "/v1beta/models/e:embedContent",
                                         {{"content", content}, {"outputDimensionality", 4}})
                                        .body);
    CHECK(single["embedding"]["values"] == one["data"][0]["embedding"]);
    const auto batch =
        json::parse(post(vendor, "/v1beta/models/e:batchEmbedContents",
                         {{"requests", {{{"content", content}}, {{"content", content}}}}})
                        .body);
    CHECK(batch["embeddings"].size() == 2);
    CHECK(vendor.count("gemini") == 2);
    script(vendor, "openai", {{"status", 503}});
    CHECK(embed({{"model", "e"}, {"input", "b"}}).contains("error"));
}
