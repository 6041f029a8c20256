// The proxy that requests pass through.
#pragma once

#include <conclave/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace conclave::net {

struct proxy {
    std::string host;
    std::uint16_t port = 0;
    /// Value of the Proxy-Authorization header, empty without user information. Secret.
    std::string authorization;
};

/// Accepts http://[user:password@]host[:port], user and password percent-encoded.
/// VALIDATION_ERROR naming `proxy` otherwise, without the text. Pure.
result<proxy> parse_proxy(std::string_view text);

}  // namespace conclave::net
