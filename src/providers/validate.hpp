// Checks a provider before it is registered.
#pragma once

#include <conclave/provider.hpp>
#include <conclave/result.hpp>

#include <cstddef>
#include <cstdint>

namespace conclave::providers {

inline constexpr std::size_t provider_name_bytes = 64;
inline constexpr std::size_t provider_headers = 32;
inline constexpr std::size_t header_name_bytes = 128;
inline constexpr std::size_t header_value_bytes = 8 * 1024;
inline constexpr std::size_t api_key_bytes = 8 * 1024;
inline constexpr std::size_t request_template_bytes = 64 * 1024;
inline constexpr std::size_t pointer_bytes = 255;
inline constexpr std::size_t api_version_bytes = 32;
inline constexpr std::size_t parameter_name_bytes = 64;
inline constexpr std::size_t scripted_replies = 10'000;
inline constexpr std::size_t scripted_chunks = 10'000;  ///< of one reply

/// Whether providers of the kind are spoken to over HTTP.
constexpr bool is_http(provider_kind kind) {
    return kind != provider_kind::callback && kind != provider_kind::scripted;
}

/// VALIDATION_ERROR (a scripted text that is too long: PAYLOAD_TOO_LARGE) naming the first field
/// that is wrong, missing, or of no use to the kind: `name`, `headers[1]`, `mapped.text`,
/// `replies[2].error.http_status`, `policy.retries` ... Messages never repeat a value. Pure.
result<void> validate(const new_provider& provider);

}  // namespace conclave::providers
