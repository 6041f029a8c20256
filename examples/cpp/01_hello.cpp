// The shortest way from nothing to a billed reply, without a network and without a vendor's key.
#include <conclave/conclave.hpp>

#include <iostream>

int main() {
    auto gw = conclave::gateway::open(":memory:").value();
    gw.providers()
        .register_provider(
            {.name = "vendorA",
             .kind = conclave::provider_kind::scripted,
             .replies = {{.text = "Hello! How can I help?", .tokens_in = 45, .tokens_out = 67}}})
        .value();
    gw.prices().set({.provider = "vendorA", .usd_per_1k_tokens = "0.002"}).value();

    const auto record = gw.tenants().create({.name = "Acme Corporation"}).value();
    const auto secret = gw.tenant(record.id).api_keys().create({.name = "server"}).value().secret;

    auto acme = gw.authenticate(secret).value();
    const auto agent = acme.agents().create({.name = "Support", .primary = "vendorA"}).value();
    const auto session =
        acme.sessions().create({.agent_id = agent.id, .customer_id = "customer_123"}).value();

    for (int i = 0; i < 2; ++i) {
        const auto reply = acme.messages().send(
            {.session_id = session.id, .content = "Hello", .idempotency_key = "unique-key-123"});
        if (!reply) {
            std::cerr << reply.error().message << '\n';
            return 1;
        }
        std::cout << reply->message.content << "  $" << reply->metadata.usage.cost->to_usd_string()
                  << (reply->metadata.replayed ? "  (replayed, free)" : "") << '\n';
    }
}
