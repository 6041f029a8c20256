// The proxy that requests pass through.
#include "net/proxy.hpp"

#include "net/url.hpp"

#include <charconv>
#include <optional>

namespace conclave::net {
namespace {

std::string base64(std::string_view bytes) {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            const auto byte = i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u;
            group = group << 8 | byte;
        }
        for (std::size_t k = 0; k < 4; ++k) {
            const bool padding = i + k > bytes.size();
            text += padding ? '=' : alphabet[group >> (18 - 6 * k) & 63];
        }
    }
    return text;
}

std::optional<std::string> percent_decode(std::string_view text) {
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            bytes += text[i];
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        unsigned char byte = 0;
        const char* digits = text.data() + i + 1;
        const auto [end, failed] = std::from_chars(digits, digits + 2, byte, 16);
        if (failed != std::errc() || end != digits + 2) return std::nullopt;
        bytes += static_cast<char>(byte);
        i += 2;
    }
    return bytes;
}

}  // namespace

result<proxy> parse_proxy(std::string_view text) {
    constexpr std::string_view scheme = "http://";
    if (!text.starts_with(scheme)) return invalid("proxy", "must begin with http://");
    text.remove_prefix(scheme.size());

    proxy parsed;
    const auto at = text.rfind('@');
    if (at != std::string_view::npos) {
        const auto user = percent_decode(text.substr(0, at));
        if (!user || user->find(':') == std::string::npos) {
            return invalid("proxy", "must give user information as user:password");
        }
        parsed.authorization = "Basic " + base64(*user);
        text.remove_prefix(at + 1);
    }
    auto address = parse_url(std::string(scheme).append(text), "proxy");
    if (!address) return std::move(address).error();
    if (address->target != "/") return invalid("proxy", "must not have a path");
    parsed.host = std::move(address->host);
    parsed.port = address->port;
    return parsed;
}

}  // namespace conclave::net
