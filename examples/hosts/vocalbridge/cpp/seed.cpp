// Seeds the store.
#include "seed.hpp"

namespace vocalbridge {

void seed(const conclave::gateway& gw, std::ostream& out) {
    for (const char* name : {"Acme Corporation", "Globex Industries"}) {
        const auto tenant = gw.tenant(gw.tenants().create({.name = name}).value().id);
        tenant.agents()
            .create({.name = "Sales Agent",
                     .primary = "vendorB",
                     .fallbacks = {"vendorA"},
                     .instructions = "You are a friendly sales agent."})
            .value();
        tenant.agents()
            .create({.name = "Customer Support Agent",
                     .primary = "vendorA",
                     .fallbacks = {"vendorB"},
                     .instructions = "You are a helpful customer support agent."})
            .value();
        out << name << ": " << tenant.api_keys().create({.name = "seed"}).value().secret << '\n';
    }
}

}  // namespace vocalbridge
