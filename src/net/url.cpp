// The address of a request, parsed strictly.
#include "net/url.hpp"

#include "base/ascii.hpp"
#include "base/limits.hpp"

#include <asio/ip/address_v6.hpp>

#include <algorithm>
#include <charconv>
#include <optional>

namespace conclave::net {
namespace {

constexpr std::size_t host_bytes = 253;

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool is_url_character(char c) {
    return c > 0x20 && c < 0x7f &&
           std::string_view("\"<>\\^`{|}#").find(c) == std::string_view::npos;
}

bool is_host_name(std::string_view host) {
    if (host.empty() || host.size() > host_bytes) return false;
    char previous = '.';
    for (const char c : host) {
        if (!is_letter_or_digit(c) && c != '-' && c != '_' && c != '.') return false;
        if (c == '.' && previous == '.') return false;
        previous = c;
    }
    return previous != '.';
}

bool is_ipv6_address(const std::string& host) {
    asio::error_code failed;
    asio::ip::make_address_v6(host, failed);
    return !failed && host.find('%') == std::string::npos;
}

/// Cuts the scheme off; nothing when it is neither http nor https.
std::optional<bool> take_scheme(std::string_view& text) {
    const auto end = text.find("://");
    if (end == std::string_view::npos) return std::nullopt;
    const auto scheme = to_lower(text.substr(0, end));
    text.remove_prefix(end + 3);
    if (scheme == "https") return true;
    if (scheme == "http") return false;
    return std::nullopt;
}

/// Splits "host:port" and "[::1]:port"; false when the brackets do not fit.
bool split_authority(std::string_view text, std::string& host,
                     std::optional<std::string_view>& port) {
    std::size_t end = text.find(':');
    if (text.starts_with('[')) {
        const auto bracket = text.find(']');
        if (bracket == std::string_view::npos) return false;
        host = text.substr(1, bracket - 1);
        end = bracket + 1;
        if (end < text.size() && text[end] != ':') return false;
    } else {
        host = text.substr(0, end);
    }
    host = to_lower(host);
    if (end < text.size()) port = text.substr(end + 1);
    return text.starts_with('[') ? is_ipv6_address(host) : is_host_name(host);
}

bool parse_port(std::string_view text, std::uint16_t& port) {
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
    return failed == std::errc() && end == text.data() + text.size() && port != 0;
}

std::string in_brackets_if_ipv6(const std::string& host) {
    return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

}  // namespace

std::string url::authority() const {
    const bool usual = port == (tls ? 443 : 80);
    return usual ? in_brackets_if_ipv6(host) : host_and_port();
}

std::string url::host_and_port() const {
    return in_brackets_if_ipv6(host) + ":" + std::to_string(port);
}

result<url> parse_url(std::string_view text, std::string_view field) {
    if (text.size() > limits::url_bytes) return invalid(field, "is too long");
    if (!std::all_of(text.begin(), text.end(), is_url_character)) {
        return invalid(field, "has a character that a URL cannot have");
    }
    url parsed;
    const auto tls = take_scheme(text);
    if (!tls) return invalid(field, "must begin with http:// or https://");
    parsed.tls = *tls;

    const auto authority = text.substr(0, text.find_first_of("/?"));
    if (authority.find('@') != std::string_view::npos) {
        return invalid(field, "must not hold a user name or password");
    }
    std::optional<std::string_view> port;
    if (!split_authority(authority, parsed.host, port)) {
        return invalid(field, "has no valid host");
    }
    parsed.port = parsed.tls ? 443 : 80;
    if (port && !parse_port(*port, parsed.port)) {
        return invalid(field, "must have a port from 1 to 65535");
    }
    text.remove_prefix(authority.size());
    if (!text.starts_with('/')) parsed.target = "/";
    parsed.target += text;
    return parsed;
}

}  // namespace conclave::net
