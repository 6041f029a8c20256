// After the crashes: brings every key to its end, as patient callers would.
#pragma once

#include "faults/client_log.hpp"
#include "faults/crash_world.hpp"
#include "faults/oracle.hpp"

#include <vector>

namespace conclave::faults {

/// Sends every key again until it has succeeded or failed for good, with several callers, and logs
/// what they are told. Gives the keys that are left as unknown, which only the strict profile and
/// a tool that must not run twice may leave; `found` hears of any other key that does not come to
/// its end.
std::vector<world_key> complete_all(const gateway& gw, const crash_world& world, client_log& log,
                                    const std::vector<world_key>& keys, findings& found);

/// All keys of both tenants below a number.
std::vector<world_key> keys_below(int number);

}  // namespace conclave::faults
