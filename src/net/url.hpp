// The address of a request, parsed strictly.
#pragma once

#include <conclave/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace conclave::net {

/// An absolute http or https address in its parts.
struct url {
    bool tls = false;
    std::string host;  ///< lower case; an IPv6 address without its brackets
    std::uint16_t port = 0;
    std::string target;  ///< path and query, at least "/"

    /// As in a Host header: the port only where it is not the scheme's own.
    std::string authority() const;
    /// Host and port always, as CONNECT wants them.
    std::string host_and_port() const;
};

/// Accepts scheme://host[:port][/path][?query] of visible ASCII, at most limits::url_bytes. User
/// information and fragments are refused. VALIDATION_ERROR naming `field` otherwise. Pure.
result<url> parse_url(std::string_view text, std::string_view field = "url");

}  // namespace conclave::net
