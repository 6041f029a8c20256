// An answer while it is made: printed piece by piece, left half-way, taken up again where it was.
#include <conclave/conclave.hpp>

#include <iostream>

using namespace conclave;

int main() {
    // A provider that speaks in pieces; a real one is registered in its place.
    const scripted_reply poem{
        .chunks = {"Roses ", "are ", "red."}, .latency_ms = 20, .chunk_latency_ms = 20};
    auto gw =
        gateway::open(
            ":memory:",
            {.providers = {{.name = "poet", .kind = provider_kind::scripted, .replies = {poem}}},
             .prices = {{.provider = "poet", .model = "*", .usd_per_1k_tokens = "0.002"}}})
            .value();
    auto acme = gw.tenant(gw.tenants().create({.name = "Acme Corporation"}).value().id);
    const auto agent = acme.agents().create({.name = "Poet", .primary = "poet"}).value();
    const auto session = acme.sessions().create({.agent_id = agent.id}).value();
    const send_request request{
        .session_id = session.id, .content = "A poem, please", .idempotency_key = "poem-1"};

    // A reader that goes away after the first piece: the call runs on.
    std::string last_seen;
    {
        auto stream = acme.messages().stream(request).value();
        while (auto event = stream.next()) {
            last_seen = event->id;
            if (event->type != stream_event_type::delta) continue;
            std::cout << event->text << "(" << event->id << ")\n";
            break;
        }
    }

    // The same key goes on after the event that was seen last; the call is still one, and so is its
    // bill.
    auto stream = acme.messages().stream(request, last_seen).value();
    while (auto event = stream.next()) {
        if (event->type == stream_event_type::delta) std::cout << event->text;
        if (event->type == stream_event_type::error) std::cout << event->error->message;
        if (event->type == stream_event_type::done)
            std::cout << "\nfor " << event->reply->metadata.usage.cost->to_usd_string()
                      << " dollars\n";
    }
    return gw.check().value().ok() ? 0 : 1;
}
