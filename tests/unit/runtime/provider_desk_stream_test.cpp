// Vendors' streams at the desk: heard as they come, judged when they end.
#include "unit/runtime/desk_fixture.hpp"

using namespace conclave;
using namespace conclave::runtime;
using namespace conclave::runtime::test;
using net::exchange_failure;

namespace {

std::string chunk(std::string_view delta, std::string_view finish = "null") {
    return R"(data: {"choices":[{"index":0,"delta":)" + std::string(delta) +
           R"(,"finish_reason":)" + std::string(finish) + "}]}\n\n";
}

/// A call that asks for a stream, whose answer has begun.
struct streaming {
    explicit streaming(provider_kind kind = provider_kind::openai) {
        d.add({.name = "p", .kind = kind, .base_url = "http://vendor.test/v1", .api_key = "k"});
        d.form = providers::answer_form::streamed;
        d.call(o, "p", h.listener());
        REQUIRE(d.network.exchanges.size() == 1);
        sink().on_head({200, {{"content-type", "text/event-stream"}}});
    }

    net::exchange_sink& sink() { return *d.network.exchanges.front()->sink; }
    const net::http_request& request() { return d.network.exchanges.front()->request; }
    void end(exchange_failure failure = exchange_failure::none) {
        d.network.exchanges.front()->end(failure, true);
        d.run();
    }

    desk_under_test d;
    outcome o;
    heard h;
};

}  // namespace

TEST_CASE("a vendor's stream is heard as it comes", "[desk][stream]") {
    streaming s;
    CHECK(s.request().body.find(R"("stream":true)") != std::string::npos);
    CHECK(s.request().first_byte_timeout_ms == 400);
    CHECK(s.request().idle_timeout_ms == 60'000);
    CHECK(s.request().total_timeout_ms == 1'000);
    s.sink().on_body(chunk(R"({"reasoning":"Hm."})"));
    CHECK(s.o.thinking == "Hm.");
    CHECK(s.h.all.empty());
    const auto hello = chunk(R"({"content":"Hello"})");
    s.sink().on_body(std::string_view(hello).substr(0, 20));
    CHECK(s.h.all.empty());
    s.sink().on_body(std::string_view(hello).substr(20));
    CHECK(s.h.all == "Hello|");
    s.sink().on_body(chunk(R"({"content":"!"})", R"("stop")"));
    CHECK(s.o.told.empty());
    s.end();
    CHECK(s.h.all == "Hello|!|");
    CHECK(s.o.only().outcome == call_class::ok);
    CHECK(s.o.only().text == "Hello!");
    CHECK(s.o.only().thinking == "Hm.");
    CHECK_FALSE(s.o.only().usage);
}

TEST_CASE("an answer that nobody watches is asked for whole", "[desk][stream]") {
    desk_under_test d;
    d.add_http();
    outcome o;
    d.call(o);
    const auto& request = d.network.exchanges.at(0)->request;
    CHECK(request.body.find(R"("stream":false)") != std::string::npos);
    CHECK(request.idle_timeout_ms == 0);
}

TEST_CASE("what stands in a last event without an end is heard too", "[desk][stream]") {
    streaming s;
    s.sink().on_body(chunk(R"({"content":"Hel"})"));
    auto last = chunk(R"({"content":"lo"})", R"("stop")");
    last.resize(last.size() - 2);
    s.sink().on_body(last);
    CHECK(s.h.all == "Hel|");
    s.end();
    CHECK(s.h.all == "Hel|lo|");
    CHECK(s.o.only().outcome == call_class::ok);
    CHECK(s.o.only().text == "Hello");
}

TEST_CASE("a stream that breaks after text is partial, its tokens estimated", "[desk][stream]") {
    for (const auto failure : {exchange_failure::none, exchange_failure::reset,
                               exchange_failure::timeout, exchange_failure::cancelled}) {
        CAPTURE(static_cast<int>(failure));
        streaming s;
        s.sink().on_body(chunk(R"({"content":"Hello"})"));
        s.end(failure);
        const auto& r = s.o.only();
        CHECK(r.outcome == call_class::partial);
        CHECK(r.text == "Hello");
        CHECK(r.provider_code == "stream_truncated");
        CHECK(r.usage == token_usage{.input = 2, .output = 2});
        CHECK(r.usage_estimated);
    }
}

TEST_CASE("a partial answer keeps the tokens that were told", "[desk][stream]") {
    streaming s(provider_kind::anthropic);
    s.sink().on_body(
        "data: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":700,"
        "\"cache_read_input_tokens\":300,\"output_tokens\":1}}}\n\n"
        "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":"
        "{\"type\":\"text\",\"text\":\"Hello, world\"}}\n\n"
        "data: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
        "\"message\":\"Overloaded\"}}\n\n");
    s.end();
    const auto& r = s.o.only();
    CHECK(r.outcome == call_class::partial);
    CHECK(r.provider_code == "overloaded");
    CHECK(r.usage == token_usage{.input = 1'000, .cached_input = 300, .output = 3});
    CHECK(r.usage_estimated);
}

TEST_CASE("thinking alone is no text: the attempt may be repeated", "[desk][stream]") {
    streaming s;
    s.sink().on_body(chunk(R"({"reasoning":"Hm."})"));
    s.end(exchange_failure::reset);
    const auto& r = s.o.only();
    CHECK(r.outcome == call_class::ambiguous);
    CHECK(r.error == attempt_error::network);
    CHECK_FALSE(r.usage);
    CHECK(s.o.thinking == "Hm.");
}

TEST_CASE("a vendor that answers a wish for a stream in one piece has answered", "[desk][stream]") {
    streaming s;
    s.sink().on_body(R"({"choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}]})");
    s.end();
    CHECK(s.h.all.empty());
    CHECK(s.o.only().outcome == call_class::ok);
    CHECK(s.o.only().text == "Hello");
}

TEST_CASE("a stream has ended with its last word, whether or not its connection has",
          "[desk][stream]") {
    streaming s;
    s.sink().on_body(chunk(R"({"content":"Hello"})", R"("stop")"));
    CHECK(s.o.told.empty());  // the usage may follow
    s.sink().on_body(
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":5}}\n\n"
        "data: [DONE]\n\n");
    CHECK(s.o.only().outcome == call_class::ok);
    CHECK(s.o.only().usage == token_usage{.input = 4, .output = 5});
    CHECK_FALSE(s.d.network.exchanges[0]->cancelled);  // its connection may be used again
    s.sink().on_body("data: {\"error\":{\"message\":\"too late\"}}\n\n");
    s.end(exchange_failure::timeout);
    CHECK(s.o.told.size() == 1);
}

TEST_CASE("a stream that failed is cut off", "[desk][stream]") {
    for (const auto* last : {"data: {\"error\":{\"message\":\"no\",\"type\":\"server_error\"}}\n\n",
                             "data: this is no JSON\n\n"}) {
        streaming s;
        s.sink().on_body(last);
        CHECK(s.o.only().outcome != call_class::ok);
        CHECK(s.d.network.exchanges[0]->cancelled);
        s.end(exchange_failure::cancelled);
        CHECK(s.o.told.size() == 1);
    }
}
