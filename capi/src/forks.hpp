// What a fork of this process must not find held.
#pragma once

namespace conclave::capi {

/// `before` runs in the thread that forks, `after` then in parent and child: for locks that the
/// child would otherwise find held by a thread it does not have. For the life of the process.
void around_fork(void (*before)(), void (*after)());

}  // namespace conclave::capi
