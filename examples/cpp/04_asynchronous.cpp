// Sends that nobody blocks for: completions, co_await, a deadline and a cancellation.
#include <conclave/asio.hpp>
#include <conclave/conclave.hpp>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/use_awaitable.hpp>

#include <future>
#include <iostream>

namespace {

void print(std::string_view what, const conclave::result<conclave::reply>& r) {
    std::cout << what << ": ";
    if (!r)
        std::cout << to_string(r.error().code) << '\n';
    else
        std::cout << r->message.content << (r->metadata.replayed ? " (replayed)" : "") << '\n';
}

/// A coroutine of the host, on the host's own loop: no thread waits for the vendor.
asio::awaitable<void> ask(conclave::tenant acme, conclave::session_id session) {
    conclave::send_request request{
        .session_id = session, .content = "Hello", .idempotency_key = "async-1"};
    print("first", co_await async_send(acme.messages(), request, asio::use_awaitable));

    // Whoever cannot wait leaves. The vendor was called, so the call goes on without its caller ...
    request.idempotency_key = "async-2";
    request.deadline_ms = 20;
    print("in a hurry", co_await async_send(acme.messages(), request, asio::use_awaitable));

    // ... and the same key, asked with more patience, finds its answer: one call, one bill.
    request.deadline_ms.reset();
    print("same key", co_await async_send(acme.messages(), request, asio::use_awaitable));
}

/// The same without coroutines: a completion, and an operation that can be cancelled.
void cancel_one(conclave::tenant& acme, const conclave::session_id& session) {
    const conclave::send_request request{
        .session_id = session, .content = "Never mind", .idempotency_key = "async-3"};
    std::promise<conclave::result<conclave::reply>> promise;
    auto outcome = promise.get_future();
    const auto operation = acme.messages().start_send(
        request,
        [&promise](conclave::result<conclave::reply> r) { promise.set_value(std::move(r)); });
    operation.cancel();
    print("cancelled", outcome.get());
}

}  // namespace

int main() {
    auto gw = conclave::gateway::open(":memory:").value();
    gw.providers()
        .register_provider({.name = "vendorA",
                            .kind = conclave::provider_kind::scripted,
                            .replies = {{.text = "Hello there!", .latency_ms = 150}}})
        .value();
    auto acme = gw.tenant(gw.tenants().create({.name = "Acme Corporation"}).value().id);
    const auto agent = acme.agents().create({.name = "Support", .primary = "vendorA"}).value();
    const auto session = acme.sessions().create({.agent_id = agent.id}).value();

    asio::io_context loop;
    asio::co_spawn(loop, ask(acme, session.id), asio::detached);
    loop.run();

    cancel_one(acme, session.id);
    gw.close();  // Lets what is in flight finish.
}
