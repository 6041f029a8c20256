// The parts of a message, as JSON.
#pragma once

#include <conclave/content.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace conclave::json {

/// `[{"type": "text", "text"}, {"type": "image", "url" or "data", "media_type"}]`.
std::string print_parts(const std::vector<content_part>& parts);
/// Reads what print_parts wrote; what is no part is left out.
std::vector<content_part> read_parts(std::string_view text);

}  // namespace conclave::json
