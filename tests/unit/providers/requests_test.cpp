// What each protocol makes of one request.
#include "json/parse.hpp"
#include "json/pointer.hpp"
#include "json/print.hpp"
#include "providers/codec.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cctype>
#include <utility>

using namespace conclave;
using providers::answer_form;
using header_list = std::vector<std::pair<std::string, std::string>>;

namespace {

new_provider vendor(provider_kind kind) {
    new_provider p;
    p.name = "vendor";
    p.kind = kind;
    p.base_url = "http://vendor.test";
    p.api_key = "sk-canary-1234567890";
    return p;
}

provider_request question(std::string model = "m") {
    provider_request r;
    r.model = std::move(model);
    r.turns = {{message_role::user, "Hi"}};
    return r;
}

providers::wire_request sent(const new_provider& p, const provider_request& r,
                             answer_form form = answer_form::whole) {
    const auto codec = providers::make_codec(p);
    REQUIRE(codec);
    auto encoded = (*codec)->encode(r, form);
    REQUIRE(encoded);
    return *std::move(encoded);
}

/// The body, sorted, so that an expectation may be written in any order.
std::string body(const new_provider& p, const provider_request& r,
                 answer_form form = answer_form::whole) {
    return json::canonical(json::parse(sent(p, r, form).body, "body").value());
}

std::string sorted(std::string_view text) {
    const auto read = json::parse(text, "expected");
    REQUIRE(read);
    return json::canonical(*read);
}

/// One that every vendor takes as it is.
const std::string answer_schema =
    R"({"type":"object","properties":{"at":{"type":"string"}},"additionalProperties":false})";

/// A user's image, two calls with their results, and another question.
provider_request conversation(std::string model = "m") {
    auto r = question(std::move(model));
    r.instructions = "Be brief.";
    r.turns.front().parts = {{content_part::kind::text, "Look:", {}},
                             {content_part::kind::image, "aGk=", "image/png"},
                             {content_part::kind::image_url, "https://a.test/b.jpg", "image/jpeg"}};
    r.turns.push_back({message_role::assistant,
                       "Wait.",
                       {{"a-1", "clock", R"({"zone":"UTC"})"}, {"b", "ask", "cut {"}}});
    r.turns.push_back({message_role::tool, R"({"time":"noon"})", {}, "a-1"});
    r.turns.push_back({message_role::tool, "nobody", {}, "b"});
    r.turns.push_back({message_role::user, "So?"});
    r.tools = {{"clock", "Tells time.", R"({"type":"object"})"}, {"ask", "", ""}};
    r.temperature = 0.5;
    r.max_tokens = 64;
    r.stop = {"END", "\n"};
    r.output_schema = answer_schema;
    return r;
}

}  // namespace

TEST_CASE("each protocol has its place and its key") {
    const auto at = [](provider_kind kind, std::string base, answer_form form = answer_form::whole,
                       std::string version = {}) {
        auto p = vendor(kind);
        p.base_url = std::move(base);
        p.api_version = std::move(version);
        return sent(p, question("m/1"), form);
    };
    using k = provider_kind;
    constexpr auto streamed = answer_form::streamed;
    CHECK(at(k::openai, "http://a/v1").url == "http://a/v1/chat/completions");
    CHECK(at(k::openai, "http://a/d?x=1", streamed, "2024-10-21").url ==
          "http://a/d/chat/completions?x=1&api-version=2024-10-21");
    CHECK(at(k::openai_responses, "http://a/v1/").url == "http://a/v1/responses");
    CHECK(at(k::anthropic, "http://a").url == "http://a/v1/messages");
    CHECK(at(k::anthropic, "http://a/v1").url == "http://a/v1/messages");
    CHECK(at(k::gemini, "http://a").url == "http://a/v1beta/models/m%2F1:generateContent");
    CHECK(at(k::gemini, "http://a", streamed, "v1").url ==
          "http://a/v1/models/m%2F1:streamGenerateContent?alt=sse");
    CHECK(at(k::gemini, "http://a/v1beta1/projects/p/publishers/google").url ==
          "http://a/v1beta1/projects/p/publishers/google/models/m%2F1:generateContent");
    CHECK(at(k::openai_responses, "http://a/v1").headers ==
          header_list{{"content-type", "application/json"},
                      {"authorization", "Bearer sk-canary-1234567890"}});
    CHECK(at(k::anthropic, "http://a").headers == header_list{{"content-type", "application/json"},
                                                              {"x-api-key", "sk-canary-1234567890"},
                                                              {"anthropic-version", "2023-06-01"}});
    CHECK(at(k::anthropic, "http://a", streamed, "2026-10-21").headers.back() ==
          std::pair<std::string, std::string>{"anthropic-version", "2026-10-21"});
    CHECK(at(k::gemini, "http://a").headers ==
          header_list{{"content-type", "application/json"},
                      {"x-goog-api-key", "sk-canary-1234567890"}});
}

TEST_CASE("Chat Completions: a conversation") {
    CHECK(body(vendor(provider_kind::openai), conversation(), answer_form::streamed) ==
          sorted(R"({"model":"m","messages":[{"role":"system","content":"Be brief."},
            {"role":"user","content":[{"type":"text","text":"Look:"},
              {"type":"image_url","image_url":{"url":"data:image/png;base64,aGk="}},
              {"type":"image_url","image_url":{"url":"https://a.test/b.jpg"}}]},
            {"role":"assistant","content":"Wait.","tool_calls":[
              {"id":"a-1","type":"function","function":{"name":"clock",
                "arguments":"{\"zone\":\"UTC\"}"}},
              {"id":"b","type":"function","function":{"name":"ask","arguments":"cut {"}}]},
            {"role":"tool","tool_call_id":"a-1","content":"{\"time\":\"noon\"}"},
            {"role":"tool","tool_call_id":"b","content":"nobody"},
            {"role":"user","content":"So?"}],
          "tools":[{"type":"function","function":{"name":"clock","description":"Tells time.",
              "parameters":{"type":"object"}}},
            {"type":"function","function":{"name":"ask",
              "parameters":{"type":"object","properties":{}}}}],
          "temperature":0.5,"max_tokens":64,"stop":["END","\n"],
          "response_format":{"type":"json_schema",
            "json_schema":{"name":"answer","schema":)" +
                 answer_schema + R"(}},
          "stream":true,"stream_options":{"include_usage":true}})"));
}

TEST_CASE("Responses: a conversation") {
    CHECK(body(vendor(provider_kind::openai_responses), conversation()) ==
          sorted(R"({"model":"m","instructions":"Be brief.","input":[
            {"role":"user","content":[{"type":"input_text","text":"Look:"},
              {"type":"input_image","image_url":"data:image/png;base64,aGk="},
              {"type":"input_image","image_url":"https://a.test/b.jpg"}]},
            {"role":"assistant","content":"Wait."},
            {"type":"function_call","call_id":"a-1","name":"clock",
              "arguments":"{\"zone\":\"UTC\"}"},
            {"type":"function_call","call_id":"b","name":"ask","arguments":"cut {"},
            {"type":"function_call_output","call_id":"a-1","output":"{\"time\":\"noon\"}"},
            {"type":"function_call_output","call_id":"b","output":"nobody"},
            {"role":"user","content":"So?"}],
          "tools":[{"type":"function","name":"clock","description":"Tells time.",
              "parameters":{"type":"object"},"strict":false},
            {"type":"function","name":"ask","parameters":{"type":"object","properties":{}},
              "strict":false}],
          "temperature":0.5,"max_output_tokens":64,
          "text":{"format":{"type":"json_schema","name":"answer","schema":)" +
                 answer_schema + R"(,
            "strict":false}},
          "store":false,"stream":false})"));
}

TEST_CASE("Messages: a conversation, with results first in the turn after their calls") {
    CHECK(body(vendor(provider_kind::anthropic), conversation(), answer_form::streamed) ==
          sorted(R"({"model":"m","system":"Be brief.","messages":[
            {"role":"user","content":[{"type":"text","text":"Look:"},
              {"type":"image","source":{"type":"base64","media_type":"image/png","data":"aGk="}},
              {"type":"image","source":{"type":"url","url":"https://a.test/b.jpg"}}]},
            {"role":"assistant","content":[{"type":"text","text":"Wait."},
              {"type":"tool_use","id":"a-1","name":"clock","input":{"zone":"UTC"}},
              {"type":"tool_use","id":"b","name":"ask","input":{}}]},
            {"role":"user","content":[
              {"type":"tool_result","tool_use_id":"a-1","content":"{\"time\":\"noon\"}"},
              {"type":"tool_result","tool_use_id":"b","content":"nobody"},
              {"type":"text","text":"So?"}]}],
          "tools":[{"name":"clock","description":"Tells time.","input_schema":{"type":"object"}},
            {"name":"ask","input_schema":{"type":"object","properties":{}}}],
          "temperature":0.5,"max_tokens":64,"stop_sequences":["END","\n"],
          "output_config":{"format":{"type":"json_schema","schema":)" +
                 answer_schema + R"(}},
          "stream":true})"));
    // A limit of tokens is not optional there, and nothing may be empty.
    auto r = question();
    r.turns = {{message_role::user, "Hi"},
               {message_role::assistant, ""},
               {message_role::system, "Mind the gap."},
               {message_role::user, "Well?"}};
    CHECK(body(vendor(provider_kind::anthropic), r) ==
          sorted(R"({"model":"m","system":"Mind the gap.","max_tokens":4096,"messages":[
            {"role":"user","content":[{"type":"text","text":"Hi"},{"type":"text","text":"Well?"}]}],
            "stream":false})"));
}

TEST_CASE("generateContent: a conversation, with results by name") {
    CHECK(body(vendor(provider_kind::gemini), conversation()) ==
          sorted(R"({"systemInstruction":{"parts":[{"text":"Be brief."}]},"contents":[
            {"role":"user","parts":[{"text":"Look:"},
              {"inlineData":{"mimeType":"image/png","data":"aGk="}},
              {"fileData":{"mimeType":"image/jpeg","fileUri":"https://a.test/b.jpg"}}]},
            {"role":"model","parts":[{"text":"Wait."},
              {"functionCall":{"name":"clock","args":{"zone":"UTC"}}},
              {"functionCall":{"name":"ask","args":{}}}]},
            {"role":"user","parts":[
              {"functionResponse":{"name":"clock","response":{"time":"noon"}}},
              {"functionResponse":{"name":"ask","response":{"result":"nobody"}}},
              {"text":"So?"}]}],
          "tools":[{"functionDeclarations":[{"name":"clock","description":"Tells time.",
              "parametersJsonSchema":{"type":"object"}},{"name":"ask","description":""}]}],
          "generationConfig":{"temperature":0.5,"maxOutputTokens":64,"stopSequences":["END","\n"],
            "responseMimeType":"application/json","responseJsonSchema":)" +
                 answer_schema + R"(}})"));
}

TEST_CASE("generateContent: a result belongs to the last call of its id before it") {
    auto r = question();
    r.turns = {{message_role::user, "Hi"},
               {message_role::assistant, "", {{"call_0", "first", "{}"}}},
               {message_role::tool, "1", {}, "call_0"},
               {message_role::assistant, "", {{"call_0", "second", "{}"}}},
               {message_role::tool, "2", {}, "call_0"}};
    const auto sent_body = json::parse(sent(vendor(provider_kind::gemini), r).body, "body").value();
    const auto name = [&](const char* pointer) {
        return json::print(*json::at_pointer(sent_body, pointer));
    };
    CHECK(name("/contents/2/parts/0/functionResponse/name") == R"("first")");
    CHECK(name("/contents/4/parts/0/functionResponse/name") == R"("second")");
}

TEST_CASE("what a model does not take is left out") {
    const auto has = [](const new_provider& p, std::string model, std::string_view member) {
        auto r = conversation(std::move(model));
        const auto read = json::parse(sent(p, r).body, "body").value();
        return json::find(read, member) != nullptr;
    };
    const auto chat = vendor(provider_kind::openai);
    CHECK(has(chat, "gpt-4o", "temperature"));
    CHECK_FALSE(has(chat, "gpt-5.6-sol", "temperature"));
    CHECK_FALSE(has(chat, "o3", "stop"));
    const auto responses = vendor(provider_kind::openai_responses);
    CHECK_FALSE(has(responses, "gpt-4o", "stop"));
    CHECK_FALSE(has(responses, "gpt-4o", "include"));
    CHECK(has(responses, "gpt-6-sol", "include"));
    CHECK_FALSE(has(responses, "gpt-6-sol", "temperature"));
    auto claude = vendor(provider_kind::anthropic);
    CHECK(has(claude, "claude-opus-4-8", "temperature"));
    CHECK_FALSE(has(claude, "claude-sonnet-5-5", "temperature"));
    claude.api_version = "2026-10-21";
    CHECK_FALSE(has(claude, "claude-opus-4-8", "temperature"));
    auto mistral = chat;
    mistral.base_url = "https://api.mistral.ai/v1";
    CHECK(sent(mistral, question(), answer_form::streamed).body.find("stream_options") ==
          std::string::npos);
}

TEST_CASE("ids of calls have the form that a vendor insists on, and stay in pairs") {
    // Of the call and of its result.
    const auto ids = [](const new_provider& p, const std::string& model, std::string id) {
        auto r = question(model);
        r.turns.push_back({message_role::assistant, "", {{id, "f", "{}"}}});
        r.turns.push_back({message_role::tool, "ok", {}, id});
        const auto document = json::parse(sent(p, r).body, "body").value();
        const auto text = [&](const char* pointer) {
            return *json::at_pointer(document, pointer)->as_string();
        };
        return std::pair(text("/messages/1/tool_calls/0/id"), text("/messages/2/tool_call_id"));
    };
    auto p = vendor(provider_kind::openai);
    const auto same = [](const std::string& id) { return std::pair(id, id); };
    CHECK(ids(p, "m", "call_1") == same("call_1"));
    CHECK(ids(p, "mistralish", "call_1") == same("call_1"));

    const auto is_short = [&](const std::string& model, const std::string& id) {
        const auto [call, result] = ids(p, model, id);
        CHECK(call == result);
        CHECK(call.size() == 9);
        CHECK(
            std::all_of(call.begin(), call.end(), [](unsigned char c) { return std::isalnum(c); }));
        CHECK(ids(p, model, id).first == call);
        CHECK(ids(p, model, id + "0").first != call);
        return call;
    };
    for (const auto* model : {"mistral", "mistral-large-4", "mistralai/mistral-small-3.2",
                              "mistralai/devstral-2", "codestral-latest", "magistral-medium"})
        is_short(model, "call_1");
    CHECK(ids(p, "mistral-large-4", "aB3xK9mP2") == same("aB3xK9mP2"));
    is_short("mistral-large-4", "aB3xK9mP2x");
    is_short("mistral-large-4", "aB3xK9mP");
    is_short("mistral-large-4", "aB3xK9m_2");

    p.parameter_names = {{"call_ids", ""}};
    CHECK(ids(p, "mistral-large-4", "call_1") == same("call_1"));
    p.parameter_names = {{"call_ids", "alphanumeric_9"}};
    is_short("m", "call_1");
    p.parameter_names = {};
    p.base_url = "https://api.mistral.ai/v1";
    is_short("ft:own-model", "call_1");
}

TEST_CASE("ids of another vendor's calls are fitted to each vendor's form, one to one") {
    struct place {
        provider_kind kind;
        std::string base_url;
        const char* call;
        const char* result;
        std::size_t most;
        bool only_words;
    };
    const std::vector<place> places = {
        {provider_kind::openai, "https://api.openai.com/v1", "/messages/1/tool_calls/0/id",
         "/messages/2/tool_call_id", 40, false},
        {provider_kind::openai, "https://me.openai.azure.com/openai/deployments/d",
         "/messages/1/tool_calls/0/id", "/messages/2/tool_call_id", 40, false},
        {provider_kind::openai_responses, "https://api.openai.com/v1", "/input/1/call_id",
         "/input/2/call_id", 64, false},
        {provider_kind::anthropic, "https://api.anthropic.com", "/messages/1/content/0/id",
         "/messages/2/content/0/tool_use_id", 64, true}};
    for (const auto& at : places) {
        auto p = vendor(at.kind);
        p.base_url = at.base_url;
        const auto id_in = [&](const std::string& id) {
            auto r = question();
            r.turns.push_back({message_role::assistant, "", {{id, "f", "{}"}}});
            r.turns.push_back({message_role::tool, "ok", {}, id});
            const auto document = json::parse(sent(p, r).body, "body").value();
            const auto told = *json::at_pointer(document, at.call)->as_string();
            CHECK(*json::at_pointer(document, at.result)->as_string() == told);
            return told;
        };
        INFO(at.base_url << ' ' << at.call);
        const auto longest = std::string(at.most, 'a');
        CHECK(id_in(longest) == longest);
        const auto fitted = id_in(longest + 'a');
        CHECK(fitted != longest);
        CHECK(fitted.size() <= at.most);
        CHECK(id_in(longest + 'a') == fitted);
        CHECK(id_in(longest + 'b') != fitted);
        CHECK((id_in("functions.f:0") == "functions.f:0") != at.only_words);
        CHECK(id_in("a.1") != id_in("a:1"));
        CHECK(id_in("toolu_01-x") == "toolu_01-x");
    }
}

TEST_CASE("Messages: an id that a vendor gave again in a later turn is told apart") {
    auto r = question();
    r.turns = {{message_role::user, "Go on."},
               {message_role::assistant, "", {{"call_0", "f", "{}"}, {"call_0_2", "g", "{}"}}},
               {message_role::tool, "1", {}, "call_0"},
               {message_role::tool, "2", {}, "call_0_2"},
               {message_role::assistant, "", {{"call_0", "f", "{}"}}},
               {message_role::tool, "3", {}, "call_0"}};
    const auto document =
        json::parse(sent(vendor(provider_kind::anthropic), r).body, "body").value();
    const auto text = [&](const char* where) {
        return *json::at_pointer(document, where)->as_string();
    };
    CHECK(text("/messages/1/content/0/id") == "call_0");
    CHECK(text("/messages/1/content/1/id") == "call_0_2");
    CHECK(text("/messages/2/content/0/tool_use_id") == "call_0");
    CHECK(text("/messages/2/content/1/tool_use_id") == "call_0_2");
    CHECK(text("/messages/3/content/0/id") == "call_0_3");
    CHECK(text("/messages/4/content/0/tool_use_id") == "call_0_3");
}

TEST_CASE("a schema that a model is not bound to is told in words") {
    const std::string words = "Answer with nothing but JSON that fits this JSON Schema: ";
    const auto told = [&](const new_provider& p, const provider_request& r,
                          const char* instructions, const char* form) {
        const auto document = json::parse(sent(p, r).body, "body").value();
        const auto* text = json::at_pointer(document, instructions);
        const auto told_text = text != nullptr ? *text->as_string() : std::string();
        const bool in_words = told_text == words + r.output_schema;
        CHECK((in_words || told_text.empty()));
        const bool in_form = json::at_pointer(document, form) != nullptr;
        CHECK(in_words != in_form);
        return in_words ? "words" : "form";
    };
    const auto asked = [](std::string model, std::string schema, bool with_tools = false) {
        auto r = question(std::move(model));
        r.output_schema = std::move(schema);
        if (with_tools) r.tools = {{"f", "", ""}};
        return r;
    };
    auto chat = vendor(provider_kind::openai);
    const auto by_chat = [&](const std::string& model) {
        const auto document =
            json::parse(sent(chat, asked(model, answer_schema)).body, "body").value();
        const auto text = json::print(*json::at_pointer(document, "/messages/0/content"));
        return (text.find("JSON Schema") != text.npos ? "words, " : "") +
               std::string(json::at_pointer(document, "/response_format/type") != nullptr
                               ? *json::at_pointer(document, "/response_format/type")->as_string()
                               : "nothing");
    };
    CHECK(by_chat("gpt-4o") == "json_schema");
    CHECK(by_chat("gpt-4.1-mini") == "json_schema");
    CHECK(by_chat("gpt-4") == "words, nothing");
    CHECK(by_chat("gpt-4-turbo") == "words, json_object");
    CHECK(by_chat("gpt-3.5-turbo") == "words, json_object");
    chat.base_url = "https://api.deepseek.com";
    CHECK(by_chat("deepseek-chat") == "words, json_object");
    chat.base_url = "https://api.groq.com/openai/v1";
    CHECK(by_chat("llama-3.3-70b-versatile") == "words, nothing");
    CHECK(by_chat("openai/gpt-oss-20b") == "json_schema");

    const auto by_claude = [&](const std::string& model, const std::string& schema) {
        return std::string(told(vendor(provider_kind::anthropic), asked(model, schema), "/system",
                                "/output_config/format/schema"));
    };
    for (const auto* model :
         {"claude-sonnet-5-5", "claude-opus-4-8", "claude-sonnet-4-5-20250929", "claude-haiku-4-5"})
        CHECK(by_claude(model, answer_schema) == "form");
    for (const auto* model :
         {"claude-3-7-sonnet-latest", "claude-sonnet-4-20250514", "claude-opus-4-1"})
        CHECK(by_claude(model, answer_schema) == "words");
    CHECK(by_claude("claude-sonnet-5-5", R"({"type":"object"})") == "words");

    const auto by_gemini = [&](const std::string& model, bool with_tools) {
        return std::string(
            told(vendor(provider_kind::gemini), asked(model, answer_schema, with_tools),
                 "/systemInstruction/parts/0/text", "/generationConfig/responseJsonSchema"));
    };
    CHECK(by_gemini("gemini-2.5-flash", false) == "form");
    CHECK(by_gemini("gemini-2.5-flash", true) == "words");
    CHECK(by_gemini("gemini-3.8-flash", true) == "form");

    auto responses = vendor(provider_kind::openai_responses);
    responses.parameter_names = {{"output_schema", ""}};
    CHECK(std::string(told(responses, asked("m", answer_schema), "/instructions", "/text")) ==
          "words");
}

TEST_CASE("calls of another model have a signature where one is wanted, the first of a turn") {
    const auto parts = [](std::string model) {
        auto r = question(std::move(model));
        r.turns.push_back({message_role::assistant, "", {{"c1", "f", "{}"}, {"c2", "g", "{}"}}});
        r.turns.push_back({message_role::tool, "ok", {}, "c1"});
        r.turns.push_back({message_role::tool, "ok", {}, "c2"});
        const auto document =
            json::parse(sent(vendor(provider_kind::gemini), r).body, "body").value();
        return json::print(*json::at_pointer(document, "/contents/1/parts"));
    };
    CHECK(parts("gemini-2.5-pro") ==
          R"([{"functionCall":{"name":"f","args":{}}},{"functionCall":{"name":"g","args":{}}}])");
    CHECK(parts("gemini-3.1-pro-preview") ==
          R"([{"functionCall":{"name":"f","args":{}},)"
          R"("thoughtSignature":"skip_thought_signature_validator"},)"
          R"({"functionCall":{"name":"g","args":{}}}])");

    const auto calls = [](std::string base_url, std::string model) {
        auto p = vendor(provider_kind::openai);
        p.base_url = std::move(base_url);
        auto r = question(std::move(model));
        r.turns.push_back({message_role::assistant, "", {{"c1", "f", "{}"}, {"c2", "g", "{}"}}});
        const auto document = json::parse(sent(p, r).body, "body").value();
        const auto signature = [&](const char* call) {
            const auto* found =
                json::at_pointer(document, std::string("/messages/1/tool_calls/") + call +
                                               "/extra_content/google/thought_signature");
            return found != nullptr ? *found->as_string() : std::string();
        };
        CHECK(signature("1").empty());
        return signature("0");
    };
    const std::string google = "https://generativelanguage.googleapis.com/v1beta/openai";
    CHECK(calls(google, "gemini-3.8-flash") == "skip_thought_signature_validator");
    CHECK(calls(google, "google/gemini-3.8-flash") == "skip_thought_signature_validator");
    CHECK(calls(google, "gemini-2.5-flash").empty());
    CHECK(calls("https://router.test/v1", "google/gemini-3.8-flash").empty());
}

TEST_CASE("a provider's own names decide") {
    auto p = vendor(provider_kind::openai);
    p.parameter_names = {
        {"max_tokens", "max_new_tokens"}, {"temperature", ""},  {"stop", ""},
        {"output_schema", "json_object"}, {"stream_usage", ""}, {"instructions", "user"}};
    auto r = conversation("gpt-5");
    r.turns = {{message_role::user, "Hi"}};
    r.tools.clear();
    CHECK(sent(p, r, answer_form::streamed).body ==
          R"({"model":"gpt-5","messages":[{"role":"user","content":)" +
              json::print(json::value("Be brief.\n\nAnswer with nothing but JSON that fits this "
                                      "JSON Schema: " +
                                      answer_schema)) +
              R"(},)"
              R"({"role":"user","content":"Hi"}],"max_new_tokens":64,)"
              R"("response_format":{"type":"json_object"},"stream":true})");
    p.parameter_names = {{"output_schema", ""}, {"instructions", ""}};
    CHECK(sent(p, r).body == R"({"model":"gpt-5","messages":[{"role":"user","content":"Hi"}],)"
                             R"("max_completion_tokens":64,"stream":false})");
}
