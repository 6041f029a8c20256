// Metadata that users attach: a JSON object kept as its text.
#pragma once

#include <conclave/result.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace conclave::json {

/// The text itself, or "{}" when absent. VALIDATION_ERROR naming `field` unless it is one JSON
/// object; PAYLOAD_TOO_LARGE beyond limits::metadata_bytes.
result<std::string> object_text(const std::optional<std::string>& text, std::string_view field);

}  // namespace conclave::json
