// How a run of the simulation fails.
#pragma once

#include <stdexcept>

namespace conclave::simulation {

/// What an oracle found: the run contradicts a promise.
class finding : public std::runtime_error {
   public:
    using std::runtime_error::runtime_error;
};

}  // namespace conclave::simulation
