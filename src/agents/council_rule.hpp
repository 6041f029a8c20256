// Which options of a council make sense.
#pragma once

#include <conclave/council.hpp>
#include <conclave/result.hpp>

#include <string>

namespace conclave::agents {

/// VALIDATION_ERROR naming the field below `field`: fewer than two members, an unknown rule, a
/// route twice without names that tell its seats apart, shares above 1, a negative budget ...
result<void> check_council(const council_options& o, const std::string& field);

}  // namespace conclave::agents
