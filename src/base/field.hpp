// Checks of texts that users give; errors name the field.
#pragma once

#include <conclave/result.hpp>

#include "base/limits.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace conclave {

/// Which control characters (U+0000 to U+001F and U+007F) a text may have.
enum class control_characters {
    none,         ///< names and labels
    line_breaks,  ///< tab, line feed and carriage return: descriptions, instructions
    all_but_nul,  ///< content that passes through
};

/// What a text must be, besides valid UTF-8. Sizes in bytes.
struct text_rule {
    std::size_t min_bytes = 0;
    std::size_t max_bytes = limits::label_bytes;
    control_characters controls = control_characters::none;
    /// The code of a text that is too long; anything else wrong is VALIDATION_ERROR.
    errc too_long = errc::validation_error;
};

result<void> check_text(std::string_view field, std::string_view value, const text_rule& rule);

/// The rule of a host's own request id; empty is none.
result<void> check_request_id(std::string_view id);

/// VALIDATION_ERROR unless min <= value <= max.
result<void> check_range(std::string_view field, std::int64_t value, std::int64_t min,
                         std::int64_t max);

/// PAYLOAD_TOO_LARGE that names the field and its limit.
error too_large(std::string_view field, std::size_t max_bytes);

/// The error of a field, with the place of the document that it stands in: `providers[1].base_url
/// must not be empty`. One of no field stays as it is.
error inside(std::string_view path, error e);

}  // namespace conclave
