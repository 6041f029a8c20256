// Two tenants in one file: API keys, isolation, and a bill for each.
#include <conclave/conclave.hpp>

#include <iostream>

namespace {

/// Creates a tenant and returns what a web backend would hand to its customer: an API key.
std::string sign_up(conclave::gateway& gw, const std::string& name) {
    auto tenant = gw.tenant(gw.tenants().create({.name = name}).value().id);
    tenant.agents().create({.name = "Support", .primary = "vendorA/small"}).value();
    return tenant.api_keys().create({.name = "server"}).value().secret;
}

/// What a request handler does: the key opens the tenant, the rest needs no further check.
conclave::session chat(conclave::tenant& tenant, int messages) {
    const auto agent = tenant.agents().list().value().items.front();
    const auto session =
        tenant.sessions().create({.agent_id = agent.id, .customer_id = "customer_123"}).value();
    for (int i = 1; i <= messages; ++i)
        tenant.messages()
            .send({.session_id = session.id,
                   .content = "Question " + std::to_string(i),
                   // Keys are the tenant's own: both tenants use the same ones here.
                   .idempotency_key = session.id.str() + "-" + std::to_string(i)})
            .value();
    return session;
}

void print_bill(conclave::tenant& tenant) {
    const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
    const auto from = today - std::chrono::days(1);
    const auto bill = tenant.usage().rollup(from, today).value();
    std::cout << tenant.get().value().name << ": " << bill.totals.messages << " messages, "
              << bill.totals.tokens_total << " tokens, $" << bill.totals.cost.to_usd_string()
              << '\n';
    for (const auto& event : tenant.usage().events(from, today).value().items)
        std::cout << "  " << event.message_id << "  " << event.provider << '/' << event.model
                  << "  $" << event.cost->to_usd_string() << '\n';
}

}  // namespace

int main() {
    auto gw = conclave::gateway::open("tenants.db").value();
    gw.providers()
        .register_provider(
            {.name = "vendorA", .kind = conclave::provider_kind::scripted, .echo = true})
        .value();
    gw.prices()
        .set({.provider = "vendorA",
              .model = "small",
              .usd_per_million = {{.input = "0.15", .output = "0.60"}}})
        .value();

    auto acme = gw.authenticate(sign_up(gw, "Acme Corporation")).value();
    auto globex = gw.authenticate(sign_up(gw, "Globex")).value();
    chat(acme, 3);
    const auto theirs = chat(globex, 2);

    // Another tenant's session does not exist, in the very words of one that never did.
    const auto peek = acme.sessions().get(theirs.id);
    std::cout << to_string(peek.error().code) << ": " << peek.error().message << '\n';

    print_bill(acme);
    print_bill(globex);

    // A key that is revoked stops working at once.
    const auto key = acme.api_keys().create({.name = "leaked"}).value();
    acme.api_keys().revoke(key.api_key.id, "found in a public repository").value();
    const auto refused = gw.authenticate(key.secret);
    std::cout << to_string(refused.error().code) << ": " << refused.error().message << '\n';

    return gw.check().value().ok() ? 0 : 1;
}
