// The headers of every request to one provider, and the secrets in them.
#pragma once

#include <conclave/provider.hpp>

#include "base/secret.hpp"
#include "providers/vendor_error.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace conclave::providers {

/// In a configured header value this stands for the API key: `{"api-key", "{{api_key}}"}`.
inline constexpr std::string_view api_key_placeholder = "{{api_key}}";

/// Shorter texts are not taken for secrets when a vendor's message repeats them.
inline constexpr std::size_t redacted_bytes_min = 8;

/// Where a protocol wants the API key.
struct key_place {
    std::string_view header = "authorization";
    std::string_view before = "Bearer ";
};

/// `content-type: application/json`, the API key at its place if there is one and no configured
/// value holds the placeholder, those of the protocol, and the configured ones, which replace all
/// of these. Immutable, thread-safe.
class request_headers {
   public:
    /// Of a valid provider. Names in `protocol` are in lower case.
    explicit request_headers(const new_provider& provider, key_place key = {},
                             const header_list& protocol = {});

    header_list make() const;

    /// The text without the API key and the configured values: vendors repeat what they were sent.
    std::string redacted(std::string text) const;

   private:
    std::vector<std::pair<std::string, secret>> headers_;
    std::vector<secret> secrets_;
};

}  // namespace conclave::providers
