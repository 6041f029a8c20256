// Ports: each request completes once; wake-ups; cancelling; handlers of the host.
#include "capi/src/port.hpp"

#include "base/burst.hpp"
#include "base/limits.hpp"
#include "capi/c_host.hpp"

#include <catch2/catch.hpp>
#include <poll.h>

#include <memory>
#include <set>
#include <string>

using conclave::burst;
using namespace conclave::test;
namespace capi = conclave::capi;
namespace limits = conclave::limits;

namespace {

constexpr const char* callback_provider = R"([{"name":"host","kind":"callback"}])";
constexpr const char* on_virtual_time = R"(,"clock":"virtual")";

bool readable(int descriptor) {
    pollfd p{descriptor, POLLIN, 0};
    return ::poll(&p, 1, 0) == 1;
}

}  // namespace

TEST_CASE("every request completes exactly once") {
    c_host host;
    host.settle_in("echo/m");
    std::set<std::uint64_t> open;
    for (int i = 0; i < 300; ++i) {
        const auto key = "k" + std::to_string(i % 100);
        open.insert(i % 3 == 0 ? host.submit("messages.send", host.send_document(key))
                    : i % 3 == 1
                        ? host.submit("sessions.get", R"({"id":")" + host.session + R"("})")
                        : host.submit("agents.get", R"({"id":"none"})"));
    }
    while (!open.empty()) {
        const auto e = host.next();
        REQUIRE(e.kind == CONCLAVE_EVENT_COMPLETION);
        REQUIRE(open.erase(e.request) == 1);
    }
    CHECK(host.next(0).kind == CONCLAVE_EVENT_NONE);
}

TEST_CASE("the descriptor is readable exactly while there are events") {
    c_host host;
    host.settle_in("echo/m");
    const int fd = conclave_port_fd(host.port);
    REQUIRE(fd >= 0);
    CHECK(conclave_port_fd(host.port) == fd);
    CHECK_FALSE(readable(fd));
    (void)host.submit("gateway.health", "{}");
    (void)host.submit("gateway.health", "{}");
    pollfd p{fd, POLLIN, 0};
    REQUIRE(::poll(&p, 1, 20'000) == 1);
    CHECK(host.next().kind == CONCLAVE_EVENT_COMPLETION);
    REQUIRE(::poll(&p, 1, 20'000) == 1);
    CHECK(host.next().kind == CONCLAVE_EVENT_COMPLETION);
    CHECK_FALSE(readable(fd));
}

TEST_CASE("a host's provider answers, fails and is told when nobody waits any more") {
    c_host host(callback_provider, on_virtual_time);
    host.settle_in("host/m");

    auto request = host.submit("messages.send", host.send_document("answered"));
    auto e = host.next();
    REQUIRE(e.kind == CONCLAVE_EVENT_HOST_CALL);
    CHECK(e.request == request);
    CHECK(e.answer.text("/kind") == "provider");
    CHECK(e.answer.text("/request/messages/0/content") == "Hello");
    CHECK(host.reply(e.call, 0, R"({"text":7})") == CONCLAVE_VALIDATION_ERROR);
    CHECK(std::string(host.error.document).find("\"text\"") != std::string::npos);
    CHECK(host.reply(e.call, 0, R"({"text":"a","tokens_in":-1})") == CONCLAVE_VALIDATION_ERROR);
    CHECK(host.reply(e.call, 99, "") == CONCLAVE_VALIDATION_ERROR);
    CHECK(conclave_reply_text(host.gateway, e.call, "\xC3", 1) == CONCLAVE_VALIDATION_ERROR);
    CHECK(host.reply(e.call, 0, R"({"text":"still waiting"})") == CONCLAVE_OK);
    CHECK(host.reply(e.call, 0, R"({"text":"twice"})") == CONCLAVE_OK);
    e = host.next();
    CHECK(e.kind == CONCLAVE_EVENT_COMPLETION);
    CHECK(e.answer.text("/message/content") == "still waiting");

    (void)host.submit("messages.send", host.send_document("refused"));
    e = host.next();
    CHECK(host.reply(e.call, CONCLAVE_PROVIDER_REJECTED, R"({"message":"no"})") == CONCLAVE_OK);
    e = host.next();
    CHECK(e.answer.status == CONCLAVE_PROVIDER_REJECTED);
    CHECK(e.answer.document.find("\"no\"") == std::string::npos);
}

TEST_CASE("a handler that never answers is cut by the attempt's timeout and told") {
    c_host host(callback_provider,
                std::string(on_virtual_time) +
                    R"(,"policy":{"retries":0,"attempt_timeout_ms":1000,"jitter":"none"})");
    host.settle_in("host/m");
    const auto request = host.submit("messages.send", host.send_document("k"));
    const auto asked = host.next();
    REQUIRE(asked.kind == CONCLAVE_EVENT_HOST_CALL);
    const auto clock = host.submit("gateway.advance", R"({"ms":1000})");
    bool ended = false, completed = false, advanced = false;
    while (!ended || !completed || !advanced) {
        const auto e = host.next();
        REQUIRE(e.kind != CONCLAVE_EVENT_NONE);
        if (e.kind == CONCLAVE_EVENT_HOST_CALL_ENDED) ended = e.call == asked.call;
        if (e.kind != CONCLAVE_EVENT_COMPLETION) continue;
        if (e.request == clock) advanced = true;
        if (e.request != request) continue;
        completed = true;
        CHECK(e.answer.status == CONCLAVE_ALL_PROVIDERS_FAILED);
    }
    CHECK(host.reply(asked.call, 0, R"({"text":"late"})") == CONCLAVE_OK);
}

TEST_CASE("events that come in one go wake the host once, and always wake it") {
    const auto p = std::make_shared<capi::port>();
    int rings = 0;
    p->on_ready([](void* count) { ++*static_cast<int*>(count); }, &rings);
    const auto take = [&] { return p->next(0).value().has_value(); };
    {
        const burst together;
        CHECK(p->push({}));
        CHECK(p->push({}));
        CHECK(rings == 0);
        // A host that looks by itself in between is not told twice.
        CHECK(take());
        CHECK(take());
        CHECK(p->push({}));
    }
    CHECK(rings == 1);
    CHECK(take());
    {
        const burst together;
        CHECK(p->push({}));
        CHECK(take());
    }
    CHECK(rings == 1);
    CHECK(p->push({}));
    CHECK(rings == 2);
    {
        const burst together;
        CHECK(take());
        CHECK(p->push({}));
        p->close();
    }
    CHECK(rings == 2);
}

TEST_CASE("a host call without an open port fails at once") {
    c_host host(callback_provider, R"(,"policy":{"retries":0})");
    host.settle_in("host/m");
    const auto answer = host.call("messages.send", host.send_document("unserved"));
    CHECK(answer.status == CONCLAVE_ALL_PROVIDERS_FAILED);
}

TEST_CASE("a blocking call's handlers run on the port they were registered with") {
    c_host host("[]");
    host.options.port = host.port;
    REQUIRE(host.call("providers.register", R"({"name":"host","kind":"callback"})").status == 0);
    host.options.port = nullptr;
    host.settle_in("host/m");
    conclave_port* other = nullptr;
    REQUIRE(conclave_port_new(nullptr, &other) == CONCLAVE_OK);
    std::uint64_t request = 0;
    const auto document = host.send_document("k");
    // Submitted on a port that is freed at once: the registered one serves instead.
    REQUIRE(conclave_submit(host.gateway, other, "messages.send", document.data(), document.size(),
                            &host.options, &request) == CONCLAVE_OK);
    conclave_event first = CONCLAVE_EVENT_INIT;
    REQUIRE(conclave_port_next(other, 20'000, &first) == CONCLAVE_OK);
    CHECK(first.request == request);
    conclave_result_release(first.result);
    REQUIRE(conclave_reply(host.gateway, first.call, CONCLAVE_INTERNAL_ERROR, "", 0, nullptr) == 0);
    conclave_port_free(other);
    const auto retried = host.next();
    REQUIRE(retried.kind == CONCLAVE_EVENT_HOST_CALL);
    CHECK(retried.request == 0);
    CHECK(host.reply(retried.call, 0, R"({"text":"served"})") == CONCLAVE_OK);
    // The same key replays what came of it.
    auto replay = host.call("messages.send", document);
    CHECK(replay.text("/message/content") == "served");
}

TEST_CASE("a cancelled request completes, and its key finds the answer") {
    c_host host(callback_provider);
    host.settle_in("host/m");
    const auto request = host.submit("messages.send", host.send_document("k"));
    const auto asked = host.next();
    REQUIRE(asked.kind == CONCLAVE_EVENT_HOST_CALL);
    CHECK(conclave_cancel(host.gateway, request) == CONCLAVE_OK);
    const auto ended = host.next();
    CHECK(ended.request == request);
    CHECK(ended.answer.status == CONCLAVE_CANCELLED);
    CHECK(host.reply(asked.call, 0, R"({"text":"paid for"})") == CONCLAVE_OK);
    const auto again = host.submit("messages.send", host.send_document("k"));
    const auto found = host.next();
    CHECK(found.request == again);
    CHECK(found.answer.text("/message/content") == "paid for");
}

TEST_CASE("a port has a limit of requests under way", "[slow]") {
    c_host host(callback_provider);
    host.settle_in("host/m");
    (void)host.submit("messages.send", host.send_document("first"));
    const auto document = host.send_document("first");
    for (std::int64_t i = 1; i < limits::port_requests; ++i)
        (void)host.submit("messages.send", document);
    std::uint64_t request = 0;
    CHECK(conclave_submit(host.gateway, host.port, "messages.send", document.data(),
                          document.size(), &host.options, &request) == CONCLAVE_STORE_BUSY);
    CHECK(request == 0);
}
