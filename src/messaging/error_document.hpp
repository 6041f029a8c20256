// Errors as stored and shown documents.
#pragma once

#include <conclave/error.hpp>

#include <string>
#include <string_view>

namespace conclave::messaging {

/// {"code", "message", "details", "request_id", "retryable", "retry_after_ms"}.
std::string print_error(const error& e);

/// The inverse. A text that is none gives INTERNAL_ERROR: stored errors are always our own.
error parse_error(std::string_view document);

}  // namespace conclave::messaging
