// Somebody else's program: opens a gateway in memory, makes a tenant and says so.
#include <conclave/conclave.hpp>

#include <iostream>

int main() {
    auto gw = conclave::gateway::open(":memory:");
    if (!gw) {
        std::cerr << to_string(gw.error().code) << ": " << gw.error().message << '\n';
        return 1;
    }
    const auto acme = gw->tenants().create({.name = "Acme"});
    if (!acme) {
        std::cerr << to_string(acme.error().code) << ": " << acme.error().message << '\n';
        return 1;
    }
    std::cout << "conclave " << conclave::version() << ": " << acme->name << '\n';
    return 0;
}
