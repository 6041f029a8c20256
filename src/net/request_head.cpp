// The bytes of a request before its body.
#include "net/request_head.hpp"

#include <conclave/version.hpp>

#include <algorithm>
#include <array>

namespace conclave::net {
namespace {

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return to_lower(x) == to_lower(y); });
}

bool is_token(std::string_view text) {
    constexpr std::string_view symbols = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'z') ||
               symbols.find(c) != std::string_view::npos;
    });
}

bool is_value(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
    });
}

bool belongs_to_client(std::string_view name) {
    constexpr std::array<std::string_view, 12> names = {
        "accept-encoding",   "connection", "content-length",      "expect",  "host",
        "keep-alive",        "te",         "proxy-authorization", "trailer", "proxy-connection",
        "transfer-encoding", "upgrade"};
    return std::any_of(names.begin(), names.end(),
                       [&](std::string_view own) { return same_name(own, name); });
}

/// Methods whose meaning asks for a body: an empty one is announced too.
bool usually_has_body(std::string_view method) {
    return method == "POST" || method == "PUT" || method == "PATCH";
}

}  // namespace

result<void> check_request(const http_request& request) {
    if (!is_token(request.method) || request.method == "CONNECT") {
        return invalid("method", "is not a method that can be sent");
    }
    for (const auto& [name, value] : request.headers) {
        if (!is_token(name)) return invalid("headers", "has a name that is not a token");
        if (belongs_to_client(name)) return invalid("headers", "has a name that the client sets");
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
        user_agent = user_agent || same_name(name, "user-agent");
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
