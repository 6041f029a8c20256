// Checks and digests the parts of messages.
#include "messaging/content_parts.hpp"

#include "base/ascii.hpp"
#include "base/field.hpp"
#include "base/limits.hpp"
#include "crypto/sha256.hpp"
#include "crypto/text_forms.hpp"
#include "json/writer.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace conclave::messaging {

namespace {

using kind = content_part::kind;

constexpr std::array<std::string_view, 3> url_schemes = {"https://", "http://", "gs://"};

bool is_base64(std::string_view text) {
    if (text.empty() || text.size() % 4 != 0) return false;
    for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '/'; });
}

/// `image/` and a name.
bool is_image_type(std::string_view type) {
    constexpr std::string_view prefix = "image/";
    if (!type.starts_with(prefix) || type.size() == prefix.size()) return false;
    type.remove_prefix(prefix.size());
    return type.size() <= limits::tool_name_bytes &&
           std::all_of(type.begin(), type.end(), [](char c) {
               return is_letter(c) || is_digit(c) || c == '.' || c == '+' || c == '-';
           });
}

bool is_url(std::string_view text) {
    if (text.size() > limits::url_bytes) return false;
    const bool is_printable =
        std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
    return is_printable && std::any_of(url_schemes.begin(), url_schemes.end(), [&](auto scheme) {
               return text.starts_with(scheme) && text.size() > scheme.size();
           });
}

result<void> check_part(const content_part& part, const std::string& field) {
    if (part.what == kind::text) {
        if (!part.media_type.empty())
            return invalid(field + ".media_type", "must not be given of a text");
        return check_text(field, part.value,
                          {.min_bytes = 1,
                           .max_bytes = limits::content_bytes,
                           .controls = control_characters::all_but_nul,
                           .too_long = errc::payload_too_large});
    }
    const bool along = part.what == kind::image;
    if ((along || !part.media_type.empty()) && !is_image_type(part.media_type))
        return invalid(field + ".media_type", "must be the type of an image, as image/png");
    if (along && !is_base64(part.value)) return invalid(field, "must have its bytes as base64");
    if (!along && !is_url(part.value))
        return invalid(field, "must have a URL of https, http or gs of at most 2048 bytes");
    return {};
}

}  // namespace

result<void> check_parts(const std::vector<content_part>& parts) {
    if (parts.size() > limits::content_parts) return invalid("parts", "must be at most 32");
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        bytes += parts[i].value.size();
        if (bytes > limits::parts_bytes) return too_large("parts", limits::parts_bytes);
        if (auto ok = check_part(parts[i], "parts[" + std::to_string(i) + "]"); !ok) return ok;
    }
    const auto text = text_of(parts);
    if (text.size() > limits::content_bytes) return too_large("parts", limits::content_bytes);
    return {};
}

std::string text_of(const std::vector<content_part>& parts) {
    std::string text;
    for (const auto& part : parts) {
        if (part.what != kind::text) continue;
        if (!text.empty()) text += '\n';
        text += part.value;
    }
    return text;
}

std::string digests_of(const std::vector<content_part>& parts) {
    json::writer w;
    w.begin_array();
    for (const auto& part : parts) {
        std::string bytes;
        bytes.reserve(part.value.size() + part.media_type.size() + 3);
        bytes += static_cast<char>('0' + static_cast<int>(part.what));
        bytes += '\0';
        bytes += part.media_type;
        bytes += '\0';
        bytes += part.value;
        w.string(crypto::hex(crypto::sha256(bytes)));
    }
    w.end_array();
    return std::move(w).text();
}

}  // namespace conclave::messaging
