// Names of HTTP header fields.
#pragma once

#include <string_view>

namespace conclave {

/// True for a token of RFC 9110, section 5.6.2: what a field or a method may be called.
bool is_http_token(std::string_view text);

/// True for the fields that the HTTP client writes itself, whatever the case of their letters.
bool is_client_field(std::string_view name);

}  // namespace conclave
