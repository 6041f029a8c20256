// Completing where no engine runs: before it started, after it ended, in a child of fork.
#pragma once

#include <conclave/completion.hpp>

namespace conclave::runtime {

/// Runs the task on a thread of its own that nobody waits for. For rare failures only.
void run_apart(completion<void> task);

}  // namespace conclave::runtime
