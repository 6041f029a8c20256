// Streams through a port: pulled, in order, ended by one completion.
#include "capi/c_host.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <thread>
#include <vector>

using namespace conclave::test;

namespace {

constexpr const char* in_pieces =
    R"([{"name":"v","kind":"scripted","replies":[{"chunks":["Hel","lo ","you"],"latency_ms":5,)"
    R"("chunk_latency_ms":5,"tokens_in":3,"tokens_out":4}]}])";

std::string stream_document(const c_host& host, std::string_view key, std::string_view after = "") {
    auto text = host.send_document(key);
    text.pop_back();
    if (!after.empty()) text += R"(,"last_event_id":")" + std::string(after) + "\"";
    return text + "}";
}

struct whole_stream {
    std::vector<c_answer> events;
    c_answer completion;

    std::string text() const {
        std::string all;
        for (const auto& e : events)
            if (e.text("/type") == "delta") all += e.text("/text");
        return all;
    }
};

/// Pulls `count` at a time until the completion.
whole_stream read_all(c_host& host, std::uint64_t request, std::uint32_t count) {
    whole_stream whole;
    std::uint32_t outstanding = 0;
    for (;;) {
        if (outstanding == 0) {
            REQUIRE(conclave_stream_pull(host.gateway, request, count) == CONCLAVE_OK);
            outstanding = count;
        }
        auto e = host.next();
        REQUIRE(e.request == request);
        if (e.kind == CONCLAVE_EVENT_COMPLETION) {
            whole.completion = std::move(e.answer);
            return whole;
        }
        REQUIRE(e.kind == CONCLAVE_EVENT_STREAM);
        whole.events.push_back(std::move(e.answer));
        --outstanding;
    }
}

}  // namespace

TEST_CASE("a stream is pulled event by event, replayed and resumed") {
    c_host host(in_pieces);
    host.settle_in("v/m");
    const auto first =
        read_all(host, host.submit("messages.stream", stream_document(host, "k")), 1);
    REQUIRE(first.events.size() >= 4);
    CHECK(first.events.front().text("/type") == "started");
    CHECK(first.events.back().text("/type") == "done");
    CHECK(first.text() == "Hello you");
    CHECK(first.completion.status == CONCLAVE_OK);
    CHECK(first.completion.text("/message/content") == "Hello you");
    const auto again =
        read_all(host, host.submit("messages.stream", stream_document(host, "k")), 1'000);
    CHECK(again.text() == "Hello you");
    CHECK(again.completion.document.find(R"("replayed":true)") != std::string::npos);
    std::string seen;
    for (const auto& e : first.events) {
        if (e.text("/type") == "delta") seen += e.text("/text");
        if (e.text("/type") == "done") break;
        const auto rest = read_all(
            host, host.submit("messages.stream", stream_document(host, "k", e.text("/id"))), 2);
        CHECK(seen + rest.text() == "Hello you");
    }
    const auto bad = host.submit("messages.stream", stream_document(host, "k", "not-an-id"));
    const auto e = host.next();
    CHECK(e.request == bad);
    CHECK(e.answer.text("/details/field") == "last_event_id");
}

TEST_CASE("no event comes unasked, and a stream that is left completes") {
    c_host host(in_pieces);
    host.settle_in("v/m");
    const auto request = host.submit("messages.stream", stream_document(host, "k"));
    REQUIRE(conclave_stream_pull(host.gateway, request, 2) == CONCLAVE_OK);
    CHECK(host.next().kind == CONCLAVE_EVENT_STREAM);
    CHECK(host.next().kind == CONCLAVE_EVENT_STREAM);
    // The answer is there; the rest of its events is not asked for.
    CHECK(host.call("messages.send", host.send_document("k")).status == CONCLAVE_OK);
    CHECK(host.next(0).kind == CONCLAVE_EVENT_NONE);
    REQUIRE(conclave_cancel(host.gateway, request) == CONCLAVE_OK);
    const auto ended = host.next();
    CHECK(ended.kind == CONCLAVE_EVENT_COMPLETION);
    CHECK(ended.answer.status == CONCLAVE_CANCELLED);
}

TEST_CASE("no event of a stream comes after its completion") {
    std::string chunks = R"("x")";
    for (int i = 1; i < 400; ++i) chunks += R"(,"x")";
    c_host host(R"([{"name":"v","kind":"scripted","replies":[{"chunks":[)" + chunks + "]}]}]");
    host.settle_in("v");
    const auto new_session = R"({"agent_id":")" + host.agent + R"("})";
    for (int round = 0; round < 300; ++round) {
        host.session = host.call("sessions.create", new_session).text("/id");
        const auto request =
            host.submit("messages.stream", stream_document(host, "k" + std::to_string(round)));
        REQUIRE(conclave_stream_pull(host.gateway, request, 1'000) == CONCLAVE_OK);
        // Cut after another number of events each time, by a thread that meets the next ones.
        bool completed = false;
        const auto take = [&] { completed = host.next().kind == CONCLAVE_EVENT_COMPLETION; };
        for (int seen = 0; seen <= round % 40 && !completed; ++seen) take();
        std::thread canceller([&] { conclave_cancel(host.gateway, request); });
        while (!completed) take();
        canceller.join();
        CHECK(host.next(0).kind == CONCLAVE_EVENT_NONE);
    }
}

TEST_CASE("closing the gateway completes a stream that nobody pulls") {
    c_host host(in_pieces);
    host.settle_in("v/m");
    const auto request = host.submit("messages.stream", stream_document(host, "k"));
    conclave_close(host.gateway);
    const auto ended = host.next();
    CHECK(ended.request == request);
    CHECK(ended.kind == CONCLAVE_EVENT_COMPLETION);
    CHECK(ended.answer.status == CONCLAVE_HANDLE_CLOSED);
}

TEST_CASE("an error ends a stream as its last event and as its completion") {
    c_host host(R"([{"name":"v","kind":"scripted","replies":[{"error":{"http_status":400}}]}])");
    host.settle_in("v/m");
    const auto whole =
        read_all(host, host.submit("messages.stream", stream_document(host, "k")), 9);
    CHECK(whole.events.back().text("/type") == "error");
    CHECK(whole.events.back().text("/error/code") == "PROVIDER_REJECTED");
    CHECK(whole.completion.status == CONCLAVE_PROVIDER_REJECTED);
}
