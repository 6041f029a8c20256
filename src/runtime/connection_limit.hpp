// How many connections a gateway may open, where its process has other uses for descriptors.
#pragma once

#include <cstddef>
#include <cstdint>

namespace conclave::runtime {

/// To one host, of a process that may have so many descriptors open: half of them, so that its own
/// clients and files find room, at least one and at most limits::connections_per_host. Pure.
std::size_t connections_for(std::uint64_t descriptors);

/// The same for this process as its limit stands now.
std::size_t connection_limit();

}  // namespace conclave::runtime
