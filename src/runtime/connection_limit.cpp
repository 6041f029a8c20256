// Asks the system for its limit of descriptors.
#include "runtime/connection_limit.hpp"

#include "base/limits.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace conclave::runtime {

std::size_t connections_for(std::uint64_t descriptors) {
    return static_cast<std::size_t>(
        std::clamp<std::uint64_t>(descriptors / 2, 1, limits::connections_per_host));
}

std::size_t connection_limit() {
    rlimit limit{};
    // Without an answer, the limit that most systems begin with.
    constexpr std::uint64_t usual = 1'024;
    return connections_for(::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : usual);
}

}  // namespace conclave::runtime
