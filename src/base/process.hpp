// Which process this is.
#pragma once

#include <cstdint>

namespace conclave {

/// The number of this process, another one in a child of fork. Where the kernel can wipe a page on
/// fork it takes no system call, so that each use of a handle can ask. Any thread, also in a child
/// of a process with threads.
std::int64_t current_process() noexcept;

}  // namespace conclave
