// Checks of texts and numbers that users give.
#include "base/field.hpp"

#include "base/utf8.hpp"

#include <algorithm>
#include <string>

namespace conclave {
namespace {

bool is_refused(char c, control_characters allowed) {
    const auto code = static_cast<unsigned char>(c);
    if (code >= 0x20 && code != 0x7F) return false;
    switch (allowed) {
        case control_characters::none: return true;
        case control_characters::line_breaks: return c != '\t' && c != '\n' && c != '\r';
        case control_characters::all_but_nul: return c == '\0';
    }
    return true;
}

std::string bytes_text(std::size_t bytes) {
    return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
}

}  // namespace

error too_large(std::string_view field, std::size_t max_bytes) {
    auto e = invalid(field, "must be at most " + bytes_text(max_bytes));
    e.code = errc::payload_too_large;
    return std::move(e).with("max_bytes", static_cast<std::int64_t>(max_bytes));
}

error inside(std::string_view path, error e) {
    for (auto& [key, value] : e.details) {
        auto* field = std::get_if<std::string>(&value);
        if (key != "field" || field == nullptr) continue;
        *field = std::string(path) + "." + *field;
        e.message = std::string(path) + "." + e.message;
    }
    return e;
}

result<void> check_text(std::string_view field, std::string_view value, const text_rule& rule) {
    if (value.size() > rule.max_bytes) {
        auto e = too_large(field, rule.max_bytes);
        e.code = rule.too_long;
        return e;
    }
    if (value.empty() && rule.min_bytes > 0) return invalid(field, "must not be empty");
    if (value.size() < rule.min_bytes)
        return invalid(field, "must be at least " + bytes_text(rule.min_bytes));
    if (!utf8::valid(value)) return invalid(field, "must be valid UTF-8");
    if (std::any_of(value.begin(), value.end(),
                    [&](char c) { return is_refused(c, rule.controls); }))
        return invalid(field, "must not contain control characters");
    return {};
}

result<void> check_request_id(std::string_view id) {
    return check_text("request_id", id, {.max_bytes = limits::request_id_bytes});
}

result<void> check_range(std::string_view field, std::int64_t value, std::int64_t min,
                         std::int64_t max) {
    if (value >= min && value <= max) return {};
    return invalid(field, "must be between " + std::to_string(min) + " and " + std::to_string(max));
}

}  // namespace conclave
