// Keeps SQLite usable in a child of fork.
#pragma once

namespace conclave::store::sqlite {

/// From the first call on, for the life of the process: nobody is inside SQLite's own static
/// mutexes at the moment of a fork, so that a child that opens other files does not wait for a
/// thread that it does not have. Connections of the parent stay unusable there.
void guard_forks();

}  // namespace conclave::store::sqlite
