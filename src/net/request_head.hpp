// The bytes of a request before its body.
#pragma once

#include "net/proxy.hpp"
#include "net/transport.hpp"
#include "net/url.hpp"

namespace conclave::net {

/// Refuses what cannot be sent safely: a method or header name that is no token, control characters
/// in a value, and headers that belong to the client (host, connection, content-length ...).
/// VALIDATION_ERROR naming `method` or `headers`. Pure.
result<void> check_request(const http_request& request);

/// Appends request line and headers of a checked request. `forward` is the proxy that carries plain
/// HTTP on, or null.
void append_head(std::string& out, const http_request& request, const url& address,
                 const proxy* forward);

/// Appends the request for a tunnel through the proxy.
void append_connect(std::string& out, const url& address, const proxy& through);

}  // namespace conclave::net
