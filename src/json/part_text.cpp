// Prints and reads the parts of messages.
#include "json/part_text.hpp"

#include "json/parse.hpp"
#include "json/writer.hpp"

#include <cstddef>
#include <utility>

namespace conclave::json {

namespace {

const std::string* text_at(const value& v, std::string_view key) {
    const auto* found = find(v, key);
    return found != nullptr ? found->as_string() : nullptr;
}

std::size_t bytes_of(const std::vector<content_part>& parts) {
    std::size_t bytes = 2;
    for (const auto& part : parts) bytes += part.value.size() + 64;
    return bytes;
}

}  // namespace

std::string print_parts(const std::vector<content_part>& parts) {
    writer w(bytes_of(parts));
    w.begin_array();
    for (const auto& part : parts) {
        const bool is_text = part.what == content_part::kind::text;
        w.begin_object().key("type").string(is_text ? "text" : "image");
        if (!part.media_type.empty()) w.key("media_type").string(part.media_type);
        w.key(is_text ? "text" : part.what == content_part::kind::image ? "data" : "url");
        w.string(part.value).end_object();
    }
    w.end_array();
    return std::move(w).text();
}

std::vector<content_part> read_parts(std::string_view text) {
    using kind = content_part::kind;
    std::vector<content_part> parts;
    const auto parsed = parse(text, "parts");
    const auto* items = parsed ? parsed->as_array() : nullptr;
    if (items == nullptr) return parts;
    for (const auto& item : *items) {
        for (const auto& [key, what] :
             {std::pair("text", kind::text), {"url", kind::image_url}, {"data", kind::image}}) {
            const auto* found = text_at(item, key);
            if (found == nullptr) continue;
            const auto* media_type = text_at(item, "media_type");
            parts.push_back({what, *found, media_type != nullptr ? *media_type : std::string()});
        }
    }
    return parts;
}

}  // namespace conclave::json
