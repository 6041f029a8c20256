// Closes schemas.
#include "providers/closed_schema.hpp"

#include "base/limits.hpp"
#include "json/parse.hpp"
#include "json/pointer.hpp"
#include "json/print.hpp"
#include "json/value.hpp"
#include "providers/fields.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace conclave::providers {
namespace {

using json::find;

/// What is passed on as it is.
constexpr std::array<std::string_view, 5> plain = {"type", "title", "description", "enum", "const"};
/// What has no counterpart.
constexpr std::array<std::string_view, 3> beyond = {"allOf", "not", "prefixItems"};
/// What may stand beside alternatives without a meaning that would be lost.
constexpr std::array<std::string_view, 5> mute = {"type", "title", "description", "$defs",
                                                  "definitions"};

template <std::size_t Count>
bool is_among(const std::array<std::string_view, Count>& keys, std::string_view key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
}

bool may_be(const json::value& schema, std::string_view type) {
    if (word_at(schema, "type") == type) return true;
    const auto& types = items_at(schema, "type");
    return std::any_of(types.begin(), types.end(),
                       [&](const auto& t) { return t.as_string() && *t.as_string() == type; });
}

bool is_scalar(const json::value& v) { return !v.as_object() && !v.as_array(); }

class closer {
   public:
    explicit closer(const json::value& root) : root_(root) {}

    /// Nothing if it cannot be said.
    std::optional<json::value> close(const json::value& schema, std::size_t depth = 0) {
        if (schema.as_object() == nullptr || depth > limits::closed_schema_depth ||
            ++schemas_ > limits::closed_schema_nodes)
            return std::nullopt;
        if (const auto* ref = find(schema, "$ref")) return follow(*ref, depth);
        for (const auto key : {"anyOf", "oneOf"})
            if (const auto* all = find(schema, key)) return choose(schema, key, *all, depth);
        const auto& members = *schema.as_object();
        if (std::any_of(members.begin(), members.end(),
                        [](const auto& m) { return is_among(beyond, m.key); }))
            return std::nullopt;
        json::object closed;
        for (const auto& m : members)
            if (is_among(plain, m.key)) closed.push_back(m);
        const bool allowed = close_values(schema) && close_items(schema, depth, closed) &&
                             close_properties(schema, depth, closed);
        return allowed ? std::optional<json::value>(std::move(closed)) : std::nullopt;
    }

   private:
    std::optional<json::value> follow(const json::value& ref, std::size_t depth) {
        const auto* text = ref.as_string();
        if (text == nullptr || !text->starts_with('#')) return std::nullopt;
        const auto* target = json::at_pointer(root_, std::string_view(*text).substr(1));
        return target != nullptr ? close(*target, depth + 1) : std::nullopt;
    }

    std::optional<json::value> choose(const json::value& schema, std::string_view key,
                                      const json::value& all, std::size_t depth) {
        json::array closed;
        for (const auto& m : *schema.as_object())
            if (m.key != key && !is_among(mute, m.key)) return std::nullopt;
        if (all.as_array() == nullptr) return std::nullopt;
        for (const auto& one : *all.as_array()) {
            auto c = close(one, depth + 1);
            if (!c) return std::nullopt;
            closed.push_back(*std::move(c));
        }
        return json::object{{"anyOf", std::move(closed)}};
    }

    /// Values that are listed must be plain; where none are there must be a type.
    static bool close_values(const json::value& schema) {
        const auto& listed = items_at(schema, "enum");
        const auto* constant = find(schema, "const");
        if (listed.empty() && constant == nullptr) return find(schema, "type") != nullptr;
        return std::all_of(listed.begin(), listed.end(), is_scalar) &&
               (constant == nullptr || is_scalar(*constant));
    }

    bool close_items(const json::value& schema, std::size_t depth, json::object& closed) {
        if (!may_be(schema, "array")) return true;
        const auto* items = find(schema, "items");
        auto c = items != nullptr ? close(*items, depth + 1) : std::nullopt;
        if (!c) return false;
        closed.push_back({"items", *std::move(c)});
        return true;
    }

    bool close_properties(const json::value& schema, std::size_t depth, json::object& closed) {
        if (!may_be(schema, "object")) return true;
        const auto* properties = find(schema, "properties");
        const auto* others = find(schema, "additionalProperties");
        const bool has_any = properties != nullptr && properties->as_object() != nullptr &&
                             !properties->as_object()->empty();
        if (!has_any || (others != nullptr && others->as_object() != nullptr)) return false;
        json::object all;
        for (const auto& m : *properties->as_object()) {
            auto c = close(m.value, depth + 1);
            if (!c) return false;
            all.push_back({m.key, *std::move(c)});
        }
        closed.push_back({"properties", std::move(all)});
        if (const auto* required = find(schema, "required"))
            closed.push_back({"required", *required});
        closed.push_back({"additionalProperties", false});
        return true;
    }

    const json::value& root_;
    std::size_t schemas_ = 0;
};

}  // namespace

std::optional<std::string> closed_schema(std::string_view schema) {
    const auto root = json::parse(schema, "schema", {}, json::decimals::exact);
    if (!root) return std::nullopt;
    const auto closed = closer(*root).close(*root);
    return closed ? std::optional(json::print(*closed)) : std::nullopt;
}

}  // namespace conclave::providers
