// Tools through the C API: registered ones are host calls, inline ones come back to the host.
#include "capi/c_host.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace conclave::test;

namespace {

constexpr const char* asks_for_weather =
    R"([{"name":"v","kind":"scripted","replies":[{"text":"","tool_calls":[{"id":"c1",)"
    R"("name":"weather","arguments":{"city":"Paris"}}]},{"text":"It is sunny."}]}])";

std::string agent_with(const std::string& tool) {
    return R"({"name":"T","primary":"v/m","tools":[)" + tool + "]}";
}

}  // namespace

TEST_CASE("a registered tool is a host call of the request that caused it") {
    c_host host(asks_for_weather);
    const auto tool = host.call("tools.register", R"({"name":"weather","description":"Tells it.",)"
                                                  R"("parameters":{"type":"object"}})");
    REQUIRE(tool.status == CONCLAVE_OK);
    CHECK(tool.document ==
          R"({"name":"weather","description":"Tells it.","parameters":{"type":)"
          R"("object"},"timeout_ms":30000,"side_effects":true,"idempotent":false})");
    CHECK(host.call("tools.list", "{}").text("/items/0/name") == "weather");
    host.settle_in("v/m");
    const auto agent = host.call("agents.create", agent_with(R"("weather")"));
    REQUIRE(agent.status == CONCLAVE_OK);
    CHECK(agent.text("/tools/0") == "weather");
    host.session =
        host.call("sessions.create", R"({"agent_id":")" + agent.text("/id") + R"("})").text("/id");
    const auto request = host.submit("messages.send", host.send_document("k"));
    const auto asked = host.next();
    REQUIRE(asked.kind == CONCLAVE_EVENT_HOST_CALL);
    CHECK(asked.request == request);
    CHECK(asked.answer.document == R"({"kind":"tool","name":"weather","request":{"tool_call_id":)"
                                   R"("c1","arguments":{"city":"Paris"}}})");
    CHECK(host.reply(asked.call, 0, R"({"text":"no such field"})") == CONCLAVE_VALIDATION_ERROR);
    CHECK(host.reply(asked.call, 0, R"({"content":"sunny"})") == CONCLAVE_OK);
    const auto done = host.next();
    CHECK(done.answer.text("/message/content") == "It is sunny.");
    CHECK(done.answer.text("/metadata/finish_reason") == "stop");
    CHECK(host.call("gateway.check", "{}").document.starts_with(R"({"ok":true)"));
}

TEST_CASE("the calls of an inline tool are answered by the host's next message") {
    c_host host(asks_for_weather);
    host.settle_in("v/m");
    const auto agent = host.call(
        "agents.create", agent_with(R"({"name":"weather","parameters":{"type":"object"}})"));
    REQUIRE(agent.status == CONCLAVE_OK);
    CHECK(agent.text("/tools/0/name") == "weather");
    host.session =
        host.call("sessions.create", R"({"agent_id":")" + agent.text("/id") + R"("})").text("/id");
    const auto asked = host.call("messages.send", host.send_document("k1"));
    CHECK(asked.text("/metadata/finish_reason") == "tool_calls");
    CHECK(asked.text("/metadata/tool_calls/0/name") == "weather");
    CHECK(asked.text("/metadata/tool_calls/0/arguments/city") == "Paris");
    const auto answer = [&](const std::string& content) {
        return host.call("messages.send",
                         R"({"session_id":")" + host.session +
                             R"(","role":"tool","idempotency_key":"k2","content":)" + content +
                             "}");
    };
    CHECK(answer(R"([{"tool_call_id":"c1"}])").text("/details/field") == "content[0].content");
    const auto wrong = answer(R"([{"tool_call_id":"c9","content":"x"}])");
    CHECK(wrong.status == CONCLAVE_VALIDATION_ERROR);
    CHECK(wrong.text("/details/field") == "content[0].tool_call_id");
    CHECK(wrong.text("/message").starts_with("content[0].tool_call_id "));
    const auto done = answer(R"([{"tool_call_id":"c1","content":"sunny"}])");
    REQUIRE(done.status == CONCLAVE_OK);
    CHECK(done.text("/message/content") == "It is sunny.");
    const auto transcript = host.call("sessions.transcript", R"({"id":")" + host.session + R"("})");
    CHECK(transcript.text("/messages/1/tool_calls/0/id") == "c1");
    CHECK(transcript.text("/messages/2/role") == "tool");
}
