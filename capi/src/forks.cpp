// Asks the system to be told of forks.
#include "capi/src/forks.hpp"

#include <pthread.h>

namespace conclave::capi {

void around_fork(void (*before)(), void (*after)()) {
    (void)::pthread_atfork(before, after, after);
}

}  // namespace conclave::capi
