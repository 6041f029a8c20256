// Builds URLs of providers' operations.
#include "providers/endpoint.hpp"

#include "base/ascii.hpp"

#include <algorithm>

namespace conclave::providers {
namespace {

/// `v1`, `v1beta`, `v2`.
bool is_version(std::string_view segment) {
    return segment.size() >= 2 && segment[0] == 'v' && is_digit(segment[1]);
}

bool has_version(std::string_view url) {
    const auto authority = url.find("://");
    const auto path = url.find('/', authority == std::string_view::npos ? 0 : authority + 3);
    for (auto at = path; at < url.size();) {
        const auto next = std::min(url.find_first_of("/?", at + 1), url.size());
        if (is_version(url.substr(at + 1, next - at - 1))) return true;
        if (next < url.size() && url[next] == '?') break;
        at = next;
    }
    return false;
}

}  // namespace

std::string extend_url(std::string_view base_url, std::string_view path) {
    const auto path_end = std::min(base_url.find('?'), base_url.size());
    auto base_path = base_url.substr(0, path_end);
    if (base_path.ends_with('/')) base_path.remove_suffix(1);
    std::string url(base_path);
    url += path;
    url += base_url.substr(path_end);
    return url;
}

std::string extend_versioned_url(std::string_view base_url, std::string_view version,
                                 std::string_view path) {
    if (has_version(base_url)) return extend_url(base_url, path);
    return extend_url(base_url, std::string(version) + std::string(path));
}

std::string add_query(std::string url, std::string_view member) {
    url += url.find('?') == std::string::npos ? '?' : '&';
    url += member;
    return url;
}

std::string path_segment(std::string_view name) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string out;
    for (const char c : name) {
        if (is_letter(c) || is_digit(c) || std::string_view("-._~").find(c) != name.npos) {
            out += c;
            continue;
        }
        const auto code = static_cast<unsigned char>(c);
        out += '%';
        out += hex[code >> 4];
        out += hex[code & 15];
    }
    return out;
}

std::string_view host_of(std::string_view url) {
    const auto scheme = url.find("://");
    if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
    const auto authority = url.substr(0, url.find_first_of("/?"));
    if (authority.starts_with('[')) return authority.substr(0, authority.find(']') + 1);
    return authority.substr(0, authority.find(':'));
}

}  // namespace conclave::providers
