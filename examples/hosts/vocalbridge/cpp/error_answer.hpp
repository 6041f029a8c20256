// Errors in the words and shape of this system.
#pragma once

#include <conclave/error.hpp>

#include "http.hpp"

#include <string_view>

namespace vocalbridge {

/// {"error": {code, message, details, requestId}} with the status of its code. Names of fields are
/// those of the REST surface.
answer error_answer(const conclave::error& e, std::string_view request_id);

}  // namespace vocalbridge
