// A vendor that is down, a vendor that asks for patience, and what the reply says about both.
#include <conclave/conclave.hpp>

#include <iostream>

int main() {
    using conclave::provider_kind;
    auto gw = conclave::gateway::open(":memory:").value();

    // The preset: 2 s per attempt, 2 retries, waits of 200 and 400 ms, a vendor's own wait
    // honoured.
    const conclave::policy patient{.preset = "vocalbridge"};
    gw.providers()
        .register_provider({.name = "vendorA",
                            .kind = provider_kind::scripted,
                            .policy = patient,
                            .replies = {{.error = {{.http_status = 500}}}}})
        .value();
    gw.providers()
        .register_provider(
            {.name = "vendorB",
             .kind = provider_kind::scripted,
             .policy = patient,
             .replies = {{.error = {{.http_status = 429, .retry_after_ms = 70}}},
                         {.text = "Good morning!", .tokens_in = 45, .tokens_out = 67}}})
        .value();
    gw.prices().set({.provider = "vendorA", .usd_per_1k_tokens = "0.002"}).value();
    gw.prices().set({.provider = "vendorB", .usd_per_1k_tokens = "0.003"}).value();

    auto acme = gw.tenant(gw.tenants().create({.name = "Acme Corporation"}).value().id);
    const auto agent =
        acme.agents()
            .create({.name = "Support", .primary = "vendorA", .fallbacks = {"vendorB"}})
            .value();
    const auto session = acme.sessions().create({.agent_id = agent.id}).value();
    const auto reply =
        acme.messages()
            .send({.session_id = session.id, .content = "Hello", .idempotency_key = "morning-1"})
            .value();

    for (const auto& a : reply.metadata.attempts)
        std::cout << a.provider << ": " << a.retries + 1 << " tries, "
                  << (a.success ? "answered" : "gave up, " + a.error_code.value_or("")) << '\n';
    std::cout << reply.message.content << "  from " << reply.metadata.provider_used << ", $"
              << reply.metadata.usage.cost->to_usd_string() << '\n';

    // Only the answer is on the bill. Each try stands in the ledger, also what it may have cost.
    const auto today = std::chrono::floor<std::chrono::days>(reply.message.created_at);
    const auto spend = acme.usage().spend(today, today + std::chrono::days(1)).value();
    std::cout << spend.attempts.size() << " tries, bill $" << spend.bill.to_usd_string() << '\n';
    return reply.metadata.fallback_used && spend.attempts.size() == 5 ? 0 : 1;
}
