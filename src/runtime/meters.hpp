// Counters of what an engine did since it started.
#pragma once

#include "model/call.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace conclave::runtime {

/// Only ever grow; executor only.
struct meters {
    std::int64_t sends_answered = 0;  ///< with a fresh reply
    std::int64_t sends_failed = 0;    ///< with an error
    std::int64_t replays = 0;
    std::map<std::pair<std::string, call_class>, std::int64_t> attempts;  ///< by provider
};

}  // namespace conclave::runtime
