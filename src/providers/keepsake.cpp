// Prints and reads what providers want to see again.
#include "providers/keepsake.hpp"

#include "json/parse.hpp"
#include "json/writer.hpp"
#include "providers/fields.hpp"

#include <utility>

namespace conclave::providers {

std::string print_keepsake(const keepsake_owner& owner, const std::vector<std::string>& items) {
    if (items.empty()) return {};
    json::writer w;
    w.begin_object().key("kind").string(owner.kind).key("provider").string(owner.provider);
    w.key("model").string(owner.model).key("items").begin_array();
    for (const auto& item : items) w.raw(item);
    w.end_array().end_object();
    return std::move(w).text();
}

std::optional<json::array> read_keepsake(const std::string& keepsake, const keepsake_owner& owner) {
    if (keepsake.empty()) return std::nullopt;
    auto read = json::parse(keepsake, "keepsake", {}, json::decimals::exact);
    if (!read || word_at(*read, "kind") != owner.kind ||
        word_at(*read, "provider") != owner.provider || word_at(*read, "model") != owner.model)
        return std::nullopt;
    return items_at(*read, "items");
}

}  // namespace conclave::providers
