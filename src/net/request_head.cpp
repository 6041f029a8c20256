// The bytes of a request before its body.
#include "net/request_head.hpp"

#include <conclave/version.hpp>

#include "base/ascii.hpp"
#include "base/http_field.hpp"

#include <algorithm>

namespace conclave::net {
namespace {

bool is_value(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
    });
}

/// Methods whose meaning asks for a body: an empty one is announced too.
bool usually_has_body(std::string_view method) {
    return method == "POST" || method == "PUT" || method == "PATCH";
}

}  // namespace

result<void> check_request(const http_request& request) {
    if (!is_http_token(request.method) || request.method == "CONNECT") {
        return invalid("method", "is not a method that can be sent");
    }
    for (const auto& [name, value] : request.headers) {
        if (!is_http_token(name)) return invalid("headers", "has a name that is not a token");
        if (is_client_field(name)) return invalid("headers", "has a name that the client sets");
        if (!is_value(value)) return invalid("headers", "has a value with a control character");
    }
    return {};
}

void append_head(std::string& out, const http_request& request, const url& address,
                 const proxy* forward) {
    out.append(request.method).append(" ");
    if (forward) out.append("http://").append(address.authority());
    out.append(address.target).append(" HTTP/1.1\r\nhost: ").append(address.authority());
    out.append("\r\naccept-encoding: identity\r\n");
    bool user_agent = false;
    for (const auto& [name, value] : request.headers) {
        user_agent = user_agent || same_word(name, "user-agent");
        out.append(name).append(": ").append(value).append("\r\n");
    }
    if (!user_agent) out.append("user-agent: conclave/" CONCLAVE_VERSION "\r\n");
    if (!request.body.empty() || usually_has_body(request.method)) {
        out.append("content-length: ").append(std::to_string(request.body.size())).append("\r\n");
    }
    if (forward && !forward->authorization.empty()) {
        out.append("proxy-authorization: ").append(forward->authorization).append("\r\n");
    }
    out.append("\r\n");
}

void append_connect(std::string& out, const url& address, const proxy& through) {
    const auto target = address.host_and_port();
    out.append("CONNECT ").append(target).append(" HTTP/1.1\r\nhost: ").append(target);
    out.append("\r\nuser-agent: conclave/" CONCLAVE_VERSION "\r\n");
    if (!through.authorization.empty()) {
        out.append("proxy-authorization: ").append(through.authorization).append("\r\n");
    }
    out.append("\r\n");
}

}  // namespace conclave::net
