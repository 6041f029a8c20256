// Messages that are given in parts: what they must be, and what they say.
#pragma once

#include <conclave/content.hpp>
#include <conclave/result.hpp>

#include <string>
#include <vector>

namespace conclave::messaging {

/// VALIDATION_ERROR or PAYLOAD_TOO_LARGE naming `parts` or one of them.
result<void> check_parts(const std::vector<content_part>& parts);

/// Their texts, a line break between two.
std::string text_of(const std::vector<content_part>& parts);

/// A JSON list of SHA-256, each over a part's kind, a NUL, its media type, a NUL and its value.
std::string digests_of(const std::vector<content_part>& parts);

}  // namespace conclave::messaging
