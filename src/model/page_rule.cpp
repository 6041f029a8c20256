// Checks pages.
#include "model/page_rule.hpp"

#include "base/field.hpp"
#include "base/limits.hpp"

#include <charconv>

namespace conclave {

result<page_request> check_page(page_request page) {
    page.limit = page.limit.value_or(limits::page_items_default);
    if (auto ok = check_range("limit", *page.limit, 1, limits::page_items); !ok) return ok.error();
    if (page.cursor) {
        if (auto ok =
                check_text("cursor", *page.cursor, {.min_bytes = 1, .max_bytes = limits::id_bytes});
            !ok)
            return ok.error();
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
