// Checks metadata.
#include "json/object_text.hpp"

#include "base/limits.hpp"
#include "json/parse.hpp"

namespace conclave::json {

result<std::string> object_text(const std::optional<std::string>& text, std::string_view field) {
    if (!text) return std::string("{}");
    auto parsed = parse(*text, field, {.bytes = limits::metadata_bytes});
    if (!parsed) return std::move(parsed).error();
    if (parsed->kind() != kind::object) return invalid(field, "must be a JSON object");
    return *text;
}

}  // namespace conclave::json
