// Reads a file that a user names.
#pragma once

#include <conclave/result.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace conclave::runtime {

/// The whole file. VALIDATION_ERROR naming `field` if it cannot be read, PAYLOAD_TOO_LARGE beyond
/// `max_bytes`. Blocks.
result<std::string> read_text_file(const std::string& path, std::string_view field,
                                   std::size_t max_bytes);

}  // namespace conclave::runtime
