// Ends the process at a commit of its own choice, as kill -9 would.
#pragma once

namespace conclave::faults {

enum class commit_side { before, after };

/// From now on all connections of this process are watched. Before the first one is opened.
void watch_commits();

/// The `number`-th commit from now on (1, 2, 3 ...), of whichever connection that has written, is
/// the last thing this process begins (`before`) or completes (`after`).
void kill_at_commit(int number, commit_side side);

}  // namespace conclave::faults
