// Replies as documents: the same bytes for every caller of a key, and back without loss.
#include "messaging/reply_document.hpp"

#include "json/parse.hpp"
#include "unit/messaging/send_fixture.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace conclave;
using namespace conclave::messaging;
using namespace conclave::messaging::test;

namespace {

reply_metadata full_metadata() {
    reply_metadata m;
    m.agent_id = "agt_1";
    m.provider_used = "vendorB";
    m.model_used = "b0-dated";
    m.primary_attempted = "vendorA";
    m.fallback_attempted = "vendorB";
    m.fallback_used = true;
    attempt_summary failed{"vendorA", "m1", false, "refused", 429, 12, 2, "RATE_LIMITED"};
    attempt_summary ok{"vendorB", "b0", true, "ok", std::nullopt, 7, 0, std::nullopt};
    m.attempts = {failed, ok};
    m.usage.tokens.input = 45;
    m.usage.tokens.output = 67;
    m.usage.tokens.cached_input = 3;
    m.usage.tokens.cache_write = 4;
    m.usage.tokens.reasoning = 5;
    m.usage.cost = money::from_nano_usd(224'000);
    m.usage.estimated = true;
    m.usage.usd_per_1k_tokens = "0.002";
    m.finish_reason = finish_reason::length;
    m.idempotency_key = "key-1";
    m.request_id = "req_1";
    return m;
}

constexpr const char* full_text =
    R"({"agent_id":"agt_1","provider_used":"vendorB","model_used":"b0-dated",)"
    R"("primary_attempted":"vendorA","fallback_attempted":"vendorB","fallback_used":true,)"
    R"("attempts":[{"provider":"vendorA","model":"m1","status":"failed","class":"refused",)"
    R"("http_status":429,"latency_ms":12,"retries":2,"error_code":"RATE_LIMITED"},)"
    R"({"provider":"vendorB","model":"b0","status":"success","class":"ok","http_status":null,)"
    R"("latency_ms":7,"retries":0,"error_code":null}],)"
    R"("usage":{"tokens_in":45,"tokens_out":67,"tokens_total":112,"cached_tokens_in":3,)"
    R"("cache_write_tokens_in":4,"reasoning_tokens":5,"cost_usd":"0.000224",)"
    R"("cost_nano_usd":224000,"unpriced":false,"estimated":true,"cost_reported":false,)"
    R"("pricing":{"usd_per_1k_tokens":"0.002"}},"finish_reason":"length","tool_calls":[],)"
    R"("council":null,"idempotency":{"key":"key-1","replayed":false},"request_id":"req_1"})";

std::string with_replayed(std::string text) {
    const std::string from = R"("replayed":false)";
    const auto at = text.rfind(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), R"("replayed":true)");
}

}  // namespace

TEST_CASE("metadata is printed with the contract's keys", "[reply]") {
    CHECK(print_metadata(full_metadata()) == full_text);
}

TEST_CASE("the document holds the message and the metadata as stored", "[reply]") {
    const auto r = make_reply(a_reply_message("a \"b\"\n"), full_metadata(), full_text);
    CHECK(r.document == R"({"message":{"id":"msg_reply","session_id":"ses_1","role":"assistant",)"
                        R"("content":"a \"b\"\n","created_at":"1970-01-01T00:00:00.000Z"},)"
                        R"("metadata":)" +
                            std::string(full_text) + "}");
    CHECK(json::parse(r.document, "reply"));
}

TEST_CASE("a replay is the first answer byte for byte but for `replayed`", "[reply]") {
    const auto first = make_reply(a_reply_message(), full_metadata(), full_text);
    const auto replayed = restore_reply(a_reply_message(), full_text, true);
    CHECK(replayed.document == with_replayed(first.document));
    CHECK(replayed.document == as_replayed(first).document);
    CHECK(replayed.metadata.replayed);
    CHECK(as_replayed(first).metadata.replayed);
    CHECK_FALSE(first.metadata.replayed);
    CHECK(restore_reply(a_reply_message(), full_text, false).document == first.document);
}

TEST_CASE("nothing is lost between storing and restoring", "[reply]") {
    auto everything = full_metadata();
    for (const auto f : {finish_reason::stop, finish_reason::length, finish_reason::tool_calls,
                         finish_reason::content_filter, finish_reason::error}) {
        everything.finish_reason = f;
        const auto text = print_metadata(everything);
        CHECK(print_metadata(restore_reply({}, text, true).metadata) == text);
    }
    const auto nothing = print_metadata({});
    CHECK(print_metadata(restore_reply({}, nothing, false).metadata) == nothing);
    reply_metadata unpriced;
    unpriced.usage.unpriced = true;
    const auto text = print_metadata(unpriced);
    CHECK(text.find(R"("cost_usd":null,"cost_nano_usd":null,"unpriced":true)") !=
          std::string::npos);
    CHECK(print_metadata(restore_reply({}, text, true).metadata) == text);
}

TEST_CASE("a cost that no double holds is a text and survives the store", "[reply]") {
    reply_metadata dear;
    dear.usage.cost = money::from_nano_usd((std::int64_t{1} << 53) + 1);
    const auto text = print_metadata(dear);
    CHECK(text.find(R"("cost_nano_usd":"9007199254740993")") != std::string::npos);
    CHECK(restore_reply({}, text, true).metadata.usage.cost == dear.usage.cost);
    dear.usage.cost = money::from_nano_usd(std::int64_t{1} << 53);
    CHECK(print_metadata(dear).find(R"("cost_nano_usd":9007199254740992)") != std::string::npos);
}

TEST_CASE("content and ids that look like the mark stay as they are", "[reply]") {
    const std::string trap = R"("replayed":false})";
    auto m = full_metadata();
    m.idempotency_key = trap;
    m.request_id = trap;
    m.model_used = trap;
    const auto text = print_metadata(m);
    const auto message = a_reply_message(trap);
    const auto first = make_reply(message, m, text);
    for (const auto& r : {as_replayed(first), restore_reply(message, text, true)}) {
        CHECK(r.document.size() == first.document.size() - 1);
        CHECK(r.message.content == trap);
        CHECK(r.metadata.idempotency_key == trap);
        const auto parsed = json::parse(r.document, "reply").value();
        const auto* metadata = json::find(parsed, "metadata");
        CHECK(*json::find(*metadata, "request_id")->as_string() == trap);
        const auto* idempotency = json::find(*metadata, "idempotency");
        CHECK(*json::find(*idempotency, "key")->as_string() == trap);
        CHECK(*json::find(*idempotency, "replayed")->as_boolean());
    }
}

TEST_CASE("a stored text that is none gives an empty metadata, not a crash", "[reply]") {
    const auto r = restore_reply(a_reply_message(), "{}", true);
    CHECK(r.message.content == "Hi from before");
    CHECK(r.metadata.attempts.empty());
    CHECK_FALSE(r.metadata.usage.cost);
    CHECK(restore_reply({}, R"({"attempts":7,"usage":[],"idempotency":1})", true)
              .metadata.idempotency_key.empty());
}
