// Two tenants to try the system with.
#pragma once

#include <conclave/conclave.hpp>

#include <ostream>

namespace vocalbridge {

/// Creates two tenants, two agents each, and prints their API keys as `name: key`, which are shown
/// this once. Each run makes new ones.
void seed(const conclave::gateway& gw, std::ostream& out);

}  // namespace vocalbridge
