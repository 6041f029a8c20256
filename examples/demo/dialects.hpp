// One streamed conversation with a tool, in each of the four protocols.
#pragma once

#include <conclave/conclave.hpp>

#include "simulator/simulator_process.hpp"

namespace demo {

/// Registers the simulator's four protocols and the tool that their models call.
void add_dialects(const conclave::gateway& gw, const simulator::simulator_process& simulator);

/// Asks each of them, prints the answers piece by piece as they come. False if one of them did not
/// stream, did not call the tool or was not billed.
bool watch_dialects(const conclave::tenant& tenant);

}  // namespace demo
