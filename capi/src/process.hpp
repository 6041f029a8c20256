// This process and its forks.
#pragma once

#include <cstdint>

namespace conclave::capi {

/// The number of this process, another one in a child of fork.
std::int64_t current_process() noexcept;

/// `before` runs in the thread that forks, `after` then in parent and child: for locks that the
/// child would otherwise find held by a thread it does not have. For the life of the process.
void around_fork(void (*before)(), void (*after)());

}  // namespace conclave::capi
