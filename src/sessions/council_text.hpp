// What a council did, for people to read.
#pragma once

#include <string>
#include <string_view>

namespace conclave::sessions {

/// Markdown: what the answer rests on, the score matrix, the ranking, the answers and what each
/// seat cost. Empty for a text that is no report.
std::string describe_council(std::string_view report);

}  // namespace conclave::sessions
