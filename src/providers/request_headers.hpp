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

/// `content-type: application/json`, `authorization: Bearer <api_key>` if there is a key and no
/// configured value holds the placeholder, and the configured ones, which replace these two.
/// Immutable, thread-safe.
class request_headers {
   public:
    /// Of a valid provider.
    explicit request_headers(const new_provider& provider);

    header_list make() const;

    /// The text without the API key and the configured values: vendors repeat what they were sent.
    std::string redacted(std::string text) const;

   private:
    std::vector<std::pair<std::string, secret>> headers_;
    std::vector<secret> secrets_;
};

}  // namespace conclave::providers
