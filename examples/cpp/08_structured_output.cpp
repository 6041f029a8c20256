// An answer that must fit a JSON Schema: asked for once more if it does not, then a value to use.
#include <conclave/conclave.hpp>

#include <iostream>

using namespace conclave;

int main() {
    // A model that chats before it obeys; a real one is registered in its place.
    const scripted_reply chatty{.text = "Gladly! It sounds angry."};
    const scripted_reply plain{.text = R"({"mood": "angry", "urgent": true})"};
    auto gw =
        gateway::open(":memory:", {.providers = {{.name = "model",
                                                  .kind = provider_kind::scripted,
                                                  .replies = {chatty, plain}}},
                                   .prices = {{.provider = "model", .usd_per_1k_tokens = "0.002"}}})
            .value();
    auto acme = gw.tenant(gw.tenants().create({.name = "Acme Corporation"}).value().id);
    const auto agent = acme.agents().create({.name = "Reader", .primary = "model"}).value();
    const auto session = acme.sessions().create({.agent_id = agent.id}).value();

    send_request request{
        .session_id = session.id, .content = "Where is my parcel?!", .idempotency_key = "mail-7"};
    request.output_schema = R"({"type":"object","required":["mood","urgent"],
                               "properties":{"mood":{"enum":["calm","angry"]},
                                             "urgent":{"type":"boolean"}}})";
    const auto reply = acme.messages().send(request);
    if (!reply) {
        std::cerr << reply.error().message << '\n';
        return 1;
    }
    std::cout << *reply->metadata.output << '\n';
    std::cout << "both answers for " << reply->metadata.usage.cost->to_usd_string() << " dollars\n";

    // A schema that conclave does not understand as a whole is refused, not half obeyed.
    request.idempotency_key = "mail-8";
    request.output_schema = R"({"properties":{"mood":{"pattern":"^[a-z]+$"}}})";
    std::cout << acme.messages().send(request).error().message << '\n';
    return gw.check().value().ok() ? 0 : 1;
}
