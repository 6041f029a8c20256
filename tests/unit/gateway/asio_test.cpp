// <conclave/asio.hpp>: futures, callbacks on the handler's executor, coroutines, cancellation.

#include <conclave/asio.hpp>

#include "house.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/bind_executor.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/use_future.hpp>

#include <future>

using namespace house;

namespace {

gateway open_for_asio(std::vector<scripted_reply> replies) {
    return open_priced(":memory:", {}, {scripted("vendorA", std::move(replies))});
}

// gcc 12 destroys a closure that is a temporary of a co_await expression twice, so each has a name.
asio::awaitable<void> await_three(gateway gw, household acme, int& steps) {
    const auto messages = acme.tenant.messages();
    const auto request = acme.request("k");
    const auto reply = co_await async_send(messages, request, asio::use_awaitable);
    if (reply && reply->message.content == "Hello!") ++steps;
    const auto get_session = [&acme] { return acme.tenant.sessions().get(acme.session.id); };
    const auto read = co_await async_call(gw, get_session, asio::use_awaitable);
    if (read && read->id == acme.session.id) ++steps;
    const auto copy_nowhere = [&gw] { return gw.backup(""); };
    const auto copied = co_await async_call(gw, copy_nowhere, asio::use_awaitable);
    if (!copied && copied.error().code == errc::validation_error) ++steps;
}

asio::awaitable<void> await_text(message_stream stream, std::string& text) {
    while (const auto event = co_await async_next(stream, asio::use_awaitable)) text += event->text;
    text += '.';
}

}  // namespace

TEST_CASE("async_send gives a future") {
    auto gw = open_for_asio({answering("Hello!", 45, 67)});
    const auto acme = settle_in(gw);
    auto answer = async_send(acme.tenant.messages(), acme.request("k"), asio::use_future);
    CHECK(answer.get().value().message.content == "Hello!");
    auto refused = async_send(acme.tenant.messages(), acme.request(""), asio::use_future);
    CHECK(code_of(refused.get()) == errc::idempotency_key_required);
}

TEST_CASE("async_send completes on the handler's executor and keeps its loop busy until then") {
    auto gw = open_for_asio({{.text = "Hello!", .latency_ms = 30}});
    const auto acme = settle_in(gw);
    asio::io_context loop;
    bool answered = false;
    std::thread::id where;
    async_send(acme.tenant.messages(), acme.request("k"),
               asio::bind_executor(loop, [&](result<reply> r) {
                   answered = r.has_value();
                   where = std::this_thread::get_id();
               }));
    CHECK_FALSE(answered);
    loop.run();
    CHECK(answered);
    CHECK(where == std::this_thread::get_id());
}

TEST_CASE("a coroutine awaits sends and calls") {
    auto gw = open_for_asio({{.text = "Hello!", .latency_ms = 5}});
    const auto acme = settle_in(gw);
    asio::io_context loop;
    int steps = 0;
    asio::co_spawn(loop, await_three(gw, acme, steps), asio::detached);
    loop.run();
    CHECK(steps == 3);
}

TEST_CASE("a coroutine awaits the events of a stream") {
    auto gw = open_for_asio({{.chunks = {"Hel", "lo", "!"}, .chunk_latency_ms = 1}});
    const auto acme = settle_in(gw);
    const auto stream = acme.tenant.messages().stream(acme.request("k")).value();
    asio::io_context loop;
    std::string text;
    asio::co_spawn(loop, await_text(stream, text), asio::detached);
    loop.run();
    CHECK(text == "Hello!.");
}

TEST_CASE("a wait for an event keeps its stream, and its cancellation slot closes it") {
    auto gw = open_for_asio({{.text = "Hello!"}, {.text = "Never.", .latency_ms = 600'000}});
    const auto acme = settle_in(gw);
    const auto open = [&](const char* key) {
        return acme.tenant.messages().stream(acme.request(key)).value();
    };
    CHECK(async_next(open("k"), asio::use_future).get()->type == stream_event_type::started);
    auto stream = open("k2");
    while (stream.next()->type != stream_event_type::attempt) continue;
    asio::io_context loop;
    asio::cancellation_signal signal;
    bool ended = false;
    async_next(stream, asio::bind_cancellation_slot(
                           signal.slot(),
                           asio::bind_executor(
                               loop, [&](const std::optional<stream_event>& e) { ended = !e; })));
    signal.emit(asio::cancellation_type::terminal);
    loop.run();
    CHECK(ended);
}

TEST_CASE("a cancellation slot ends the wait, not the call") {
    std::promise<void> asked;
    std::promise<void> told;
    const auto late = [&](const provider_request&) {
        asked.set_value();
        told.get_future().wait();
        return result<provider_reply>({.text = "late", .tokens = token_usage{.input = 1}});
    };
    auto gw = open_priced(":memory:", {}, {called("vendorA", late)});
    const auto acme = settle_in(gw);
    asio::io_context loop;
    asio::cancellation_signal stop;
    std::optional<result<reply>> answer;
    async_send(acme.tenant.messages(), acme.request("k"),
               asio::bind_cancellation_slot(
                   stop.slot(),
                   asio::bind_executor(loop, [&](result<reply> r) { answer = std::move(r); })));
    asked.get_future().wait();
    stop.emit(asio::cancellation_type::terminal);
    loop.run();
    told.set_value();
    REQUIRE(answer);
    CHECK(code_of(*answer) == errc::cancelled);
    stop.emit(asio::cancellation_type::terminal);  // too late: nothing
    CHECK(acme.send("k").value().metadata.replayed);
    require_sound(gw);
}

TEST_CASE("a finished operation lets go of the gateway, though its slot lives on") {
    const scratch dir;
    asio::io_context loop;
    asio::cancellation_signal stop;
    {
        auto gw = open_priced(dir.file(), {}, {scripted("vendorA", {answering("Hello!", 1, 1)})});
        const auto acme = settle_in(gw);
        async_send(acme.tenant.messages(), acme.request("k"),
                   asio::bind_cancellation_slot(stop.slot(),
                                                asio::bind_executor(loop, [](result<reply>) {})));
        loop.run();
    }
    // With the first one gone, other options are no conflict.
    CHECK(gateway::open(dir.file(), {.durability = durability::process}));
}
