// Asks the system.
#include "capi/src/process.hpp"

#include <pthread.h>
#include <unistd.h>

namespace conclave::capi {

std::int64_t current_process() noexcept { return ::getpid(); }

void around_fork(void (*before)(), void (*after)()) {
    (void)::pthread_atfork(before, after, after);
}

}  // namespace conclave::capi
