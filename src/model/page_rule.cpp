// Checks pages.
#include "model/page_rule.hpp"

#include "base/field.hpp"
#include "base/limits.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <string_view>

namespace conclave {

namespace {

// As id_source makes them: three letters, '_', 26 digits of Crockford's base32.
constexpr std::size_t prefix_letters = 3;
constexpr std::size_t id_length = prefix_letters + 1 + 26;
constexpr std::string_view base32 = "0123456789abcdefghjkmnpqrstvwxyz";

bool begins_with_id(std::string_view text) {
    if (text.size() < id_length || text[prefix_letters] != '_') return false;
    const auto letters = text.substr(0, prefix_letters);
    if (!std::all_of(letters.begin(), letters.end(), [](char c) { return c >= 'a' && c <= 'z'; }))
        return false;
    const auto digits = text.substr(prefix_letters + 1, id_length - prefix_letters - 1);
    return digits.find_first_not_of(base32) == std::string_view::npos;
}

bool has_form(std::string_view text, cursor_form form) {
    if (form == cursor_form::id) return text.size() == id_length && begins_with_id(text);
    if (form == cursor_form::sequence)
        return text.find_first_not_of("0123456789") == std::string_view::npos;
    std::int64_t day = 0;
    const auto* const last = text.data() + text.size();
    const auto [end, failure] = std::from_chars(text.data(), last, day);
    if (failure != std::errc() || end == last || *end != '.') return false;
    return begins_with_id(text.substr(static_cast<std::size_t>(end + 1 - text.data())));
}

}  // namespace

result<page_request> check_page(page_request page, cursor_form form) {
    page.limit = page.limit.value_or(limits::page_items_default);
    if (auto ok = check_range("limit", *page.limit, 1, limits::page_items); !ok) return ok.error();
    if (page.cursor) {
        if (auto ok =
                check_text("cursor", *page.cursor, {.min_bytes = 1, .max_bytes = limits::id_bytes});
            !ok)
            return ok.error();
        if (!has_form(*page.cursor, form))
            return invalid("cursor", "is not one that this list gave");
    }
    return page;
}

result<std::int64_t> check_transcript_cursor(const page_request& page) {
    if (!page.cursor) return 0;
    const auto& text = *page.cursor;
    std::int64_t seq = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), seq);
    if (failure != std::errc() || end != text.data() + text.size() || seq < 0)
        return invalid("cursor", "is not one that a transcript gave");
    return seq;
}

}  // namespace conclave
