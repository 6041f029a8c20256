// Scripted answers: in order, the same every time, failures as over HTTP.
#include "providers/scripted.hpp"

#include <catch2/catch.hpp>

using namespace conclave;
using providers::scripted_script;

namespace {

provider_request question() {
    provider_request r;
    r.model = "m";
    r.instructions = "Be brief.";
    r.turns = {{message_role::user, "one"},
               {message_role::assistant, "two"},
               {message_role::user, " three\tfour\n"}};
    return r;
}

new_provider scripted(std::vector<scripted_reply> replies) {
    new_provider p;
    p.name = "script";
    p.kind = provider_kind::scripted;
    p.replies = std::move(replies);
    return p;
}

call_result failing(std::int64_t status, std::string code = {},
                    std::optional<std::int64_t> retry_after_ms = {}) {
    scripted_reply reply;
    reply.error = scripted_reply::failure{status, std::move(code), retry_after_ms};
    return scripted_script(scripted({reply})).next(question(), 0).result;
}

}  // namespace

TEST_CASE("replies are used in order and then from the start") {
    scripted_reply first;
    first.text = "a b";
    scripted_reply second;
    second.text = "c";
    second.tokens_in = 45;
    second.tokens_out = 67;
    second.latency_ms = 250;
    const scripted_script script(scripted({first, second}));

    const auto a = script.next(question(), 0);
    CHECK(a.latency_ms == 0);
    CHECK(a.result.outcome == call_class::ok);
    CHECK(a.result.http_status == 200);
    CHECK(a.result.text == "a b");
    CHECK(a.result.model == "m");
    CHECK(a.result.usage->input == 6);
    CHECK(a.result.usage->output == 2);

    const auto b = script.next(question(), 1);
    CHECK(b.latency_ms == 250);
    CHECK(b.result.usage->input == 45);
    CHECK(b.result.usage->output == 67);
    CHECK(script.next(question(), 2).result.text == "a b");
    CHECK(script.next(question(), 0xFFFF'FFFF'FFFF'FFFF).result.text == "c");
}

TEST_CASE("echo answers with the last user text") {
    auto p = scripted({});
    p.echo = true;
    const auto answer = scripted_script(p).next(question(), 3).result;
    CHECK(answer.text == " three\tfour\n");
    CHECK(answer.usage->output == 2);
    CHECK(scripted_script(p).next(provider_request{}, 0).result.text.empty());
}

TEST_CASE("failures are classified as over HTTP") {
    const auto not_sent = failing(0);
    CHECK(not_sent.outcome == call_class::not_sent);
    CHECK(not_sent.error == attempt_error::network);
    CHECK(not_sent.http_status == 0);
    const auto refused = failing(429, {}, 700);
    CHECK(refused.outcome == call_class::refused);
    CHECK(refused.retry_after_ms == 700);
    CHECK(refused.provider_code == "rate_limit");
    CHECK(failing(503).outcome == call_class::refused);
    CHECK(failing(500).outcome == call_class::server_error);
    CHECK(failing(504).outcome == call_class::ambiguous);
    CHECK(failing(400).outcome == call_class::final);
    CHECK(failing(429, "insufficient_quota").outcome == call_class::final);
    CHECK(failing(429, "quota_exhausted").provider_code == "quota_exhausted");
    CHECK(failing(429, "quota_exhausted").outcome == call_class::final);
    CHECK_FALSE(failing(500).usage);
}

TEST_CASE("chunks are the answer in pieces, before a failure too") {
    scripted_reply reply;
    reply.chunks = {"one ", "two"};
    reply.latency_ms = 100;
    reply.chunk_latency_ms = 10;
    const auto whole = scripted_script(scripted({reply})).next(question(), 0);
    CHECK(whole.chunks == reply.chunks);
    CHECK(whole.latency_ms == 100);
    CHECK(whole.chunk_latency_ms == 10);
    CHECK(whole.result.text == "one two");
    CHECK(whole.result.usage->output == 2);
    reply.error = scripted_reply::failure{};
    const auto broken = scripted_script(scripted({reply})).next(question(), 0);
    CHECK(broken.chunks == reply.chunks);
    CHECK(broken.result.outcome == call_class::server_error);
}

TEST_CASE("a script calls tools, each call with an id of its own") {
    scripted_reply reply;
    reply.text = "Wait.";
    reply.tool_calls = {{"", "clock", ""}, {"mine", "ask", "{}"}};
    const scripted_script script(scripted({reply}));
    const auto first = script.next(question(), 0).result;
    CHECK(first.finish == finish_reason::tool_calls);
    CHECK(first.tool_calls ==
          std::vector<tool_call>{{"call_0_0", "clock", "{}"}, {"mine", "ask", "{}"}});
    CHECK(script.next(question(), 7).result.tool_calls[0].id == "call_7_0");
}
