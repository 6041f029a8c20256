// Reads heads and prints answers. Strict on purpose: what two readers could understand differently
// is refused.
#include "http.hpp"

#include <algorithm>
#include <charconv>
#include <tuple>

namespace vocalbridge {

namespace {

constexpr std::string_view line_end = "\r\n";

/// Cuts `text` at the first `mark`; the second part is empty when there is none.
std::pair<std::string_view, std::string_view> cut(std::string_view text, std::string_view mark) {
    const auto at = text.find(mark);
    if (at == std::string_view::npos) return {text, {}};
    return {text.substr(0, at), text.substr(at + mark.size())};
}

bool is_token_character(char c) {
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           others.find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

bool is_visible_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

bool is_field_value(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char c) {
        const auto code = static_cast<unsigned char>(c);
        return (code < 0x20 && c != '\t') || code == 0x7F;
    });
}

std::string lower_case(std::string_view text) {
    std::string out(text);
    for (auto& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t";
    const auto from = text.find_first_not_of(blanks);
    if (from == std::string_view::npos) return {};
    return text.substr(from, text.find_last_not_of(blanks) - from + 1);
}

template <class Number>
bool read_number(std::string_view text, Number& out, int base = 10) {
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), out, base);
    return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
}

std::string decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned char byte = 0;
        if (text[i] == '%' && i + 2 < text.size() && read_number(text.substr(i + 1, 2), byte, 16)) {
            out += static_cast<char>(byte);
            i += 2;
        } else {
            out += text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

bool read_request_line(std::string_view line, request& r) {
    const auto [method, rest] = cut(line, " ");
    const auto [target, version] = cut(rest, " ");
    if (!is_token(method) || !target.starts_with('/') || !is_visible_ascii(target)) return false;
    if (version != "HTTP/1.1" && version != "HTTP/1.0") return false;
    const auto [path, query] = cut(target, "?");
    r.method = method;
    r.path = path;
    r.query = query;
    r.keep_alive = version == "HTTP/1.1";
    return true;
}

bool read_header(std::string_view line, request& r) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return false;
    const auto value = trimmed(line.substr(colon + 1));
    if (!is_field_value(value) || r.headers.size() == headers_max) return false;
    r.headers.emplace_back(lower_case(line.substr(0, colon)), value);
    return true;
}

/// What the headers say about the message itself.
bool read_framing(request& r) {
    const auto lengths = std::count_if(r.headers.begin(), r.headers.end(), [](const auto& header) {
        return header.first == "content-length";
    });
    if (lengths > 1 || r.header("transfer-encoding")) return false;
    if (const auto length = r.header("content-length");
        length && !read_number(*length, r.body_bytes))
        return false;
    if (const auto wish = r.header("connection"); wish && lower_case(*wish) == "close")
        r.keep_alive = false;
    return true;
}

std::string_view phrase(int status) {
    switch (status) {
        case 200: return "OK";
        case 201: return "Created";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 409: return "Conflict";
        case 410: return "Gone";
        case 413: return "Payload Too Large";
        case 422: return "Unprocessable Entity";
        case 429: return "Too Many Requests";
        case 500: return "Internal Server Error";
        case 502: return "Bad Gateway";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        default: return "Status";
    }
}

}  // namespace

std::optional<std::string> request::header(std::string_view name) const {
    for (const auto& [key, value] : headers)
        if (key == name) return value;
    return std::nullopt;
}

std::optional<std::string> request::parameter(std::string_view name) const {
    for (std::string_view rest = query; !rest.empty();) {
        const auto [pair, others] = cut(rest, "&");
        const auto [key, value] = cut(pair, "=");
        if (decoded(key) == name) return decoded(value);
        rest = others;
    }
    return std::nullopt;
}

std::optional<request> parse_head(std::string_view head) {
    request r;
    auto [line, rest] = cut(head, line_end);
    if (!read_request_line(line, r)) return std::nullopt;
    for (;;) {
        std::tie(line, rest) = cut(rest, line_end);
        if (line.empty()) break;
        if (!read_header(line, r)) return std::nullopt;
    }
    if (!read_framing(r)) return std::nullopt;
    return r;
}

std::string print(const answer& a, std::string_view request_id, bool keep_alive) {
    std::string out = "HTTP/1.1 " + std::to_string(a.status) + ' ';
    out.append(phrase(a.status)).append("\r\ncontent-type: application/json; charset=utf-8\r\n");
    out.append("x-request-id: ").append(request_id).append(line_end);
    out.append("content-length: ").append(std::to_string(a.body.size())).append(line_end);
    if (!keep_alive) out += "connection: close\r\n";
    return out.append(line_end).append(a.body);
}

}  // namespace vocalbridge
