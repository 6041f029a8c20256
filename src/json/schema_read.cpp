// Reads a schema, and refuses what it does not understand.
#include "base/limits.hpp"
#include "base/utf8.hpp"
#include "json/number.hpp"
#include "json/parse.hpp"
#include "json/pointer.hpp"
#include "json/print.hpp"
#include "json/schema.hpp"
#include "json/schema_table.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

namespace conclave::json {

namespace schema_detail {
namespace {

constexpr std::size_t shown_bytes = 200;  // of a place in a message

constexpr std::array annotations{"title",    "description",      "default",         "examples",
                                 "format",   "contentMediaType", "contentEncoding", "deprecated",
                                 "readOnly", "writeOnly",        "$comment"};

bool is_annotation(std::string_view key) {
    return key.starts_with("x-") ||
           std::find(annotations.begin(), annotations.end(), key) != annotations.end();
}

/// Keeps the first thing that is wrong; until it is asked for, what is read may be empty.
class reader {
   public:
    reader(const value& root, std::string_view field) : root_(root), field_(field) {}

    result<table> read() {
        read_node(root_, field_);
        // References are followed one by one: what they lead to may have more of them.
        for (std::size_t i = 0; i < references_.size() && !error_; ++i) follow(i);
        if (!error_) refuse_endless();
        if (error_) return *std::move(error_);
        return std::move(table_);
    }

   private:
    struct reference {
        node_number from;
        std::string pointer;
        std::string path;
    };

    void refuse(const std::string& path, std::string_view problem) {
        if (!error_) error_ = invalid(utf8::truncate(path, shown_bytes), problem);
    }

    node& at(node_number n) { return table_.nodes[n]; }

    node_number read_node(const value& v, const std::string& path) {
        if (const auto known = numbers_.find(&v); known != numbers_.end()) return known->second;
        const auto n = table_.nodes.size();
        if (n == limits::schema_nodes) {
            refuse(field_, "must have at most " + std::to_string(n) + " subschemas");
            return 0;
        }
        table_.nodes.emplace_back();
        numbers_.emplace(&v, n);
        if (const auto* truth = v.as_boolean()) {
            at(n).refuses_all = !*truth;
            return n;
        }
        const auto* members = v.as_object();
        if (members == nullptr) {
            refuse(path, "must be a schema: an object or a boolean");
            return n;
        }
        for (const auto& m : *members) {
            if (error_) break;
            read_keyword(n, m, path + '.' + m.key);
        }
        return n;
    }

    void read_keyword(node_number n, const member& m, const std::string& path) {
        if (is_annotation(m.key)) return;
        const bool at_root = n == 0;
        if (at_root && (m.key == "$schema" || m.key == "$id")) return;
        if (read_value_keyword(n, m, path) || read_number_keyword(n, m, path) ||
            read_size_keyword(n, m, path) || read_schema_keyword(n, m, path))
            return;
        refuse(path, "is a keyword that is not supported");
    }

    // --- Keywords of values ---------------------------------------------------------------------

    bool read_value_keyword(node_number n, const member& m, const std::string& path) {
        if (m.key == "type") {
            read_types(n, m.value, path);
        } else if (m.key == "enum") {
            const auto* items = m.value.as_array();
            if (items == nullptr || items->empty())
                refuse(path, "must be a list with values");
            else
                allow(n, *items);
        } else if (m.key == "const") {
            allow(n, {m.value});
        } else if (m.key == "required") {
            read_required(n, m.value, path);
        } else if (m.key == "uniqueItems") {
            const auto* truth = m.value.as_boolean();
            if (truth == nullptr) refuse(path, "must be a boolean");
            at(n).unique_items = truth != nullptr && *truth;
        } else {
            return false;
        }
        return true;
    }

    void add_type(node_number n, const value& v, const std::string& path) {
        const auto* word = v.as_string();
        const auto found = std::find_if(std::begin(type_words), std::end(type_words),
                                        [&](const auto& t) { return word && *word == t.word; });
        if (found == std::end(type_words)) return refuse(path, "must be the name of a type");
        at(n).types |= found->bit;
    }

    void read_types(node_number n, const value& v, const std::string& path) {
        const auto* list = v.as_array();
        if (list == nullptr) return add_type(n, v, path);
        if (list->empty()) refuse(path, "must have at least one type");
        for (std::size_t i = 0; i < list->size(); ++i)
            add_type(n, (*list)[i], path + '[' + std::to_string(i) + ']');
    }

    /// Where both `enum` and `const` are given, a value must be in both.
    void allow(node_number n, const array& values) {
        std::vector<std::string> texts;
        for (const auto& v : values) texts.push_back(canonical(v));
        auto& allowed = at(n).allowed;
        if (!allowed) {
            allowed = std::move(texts);
            return;
        }
        std::erase_if(*allowed, [&](const std::string& text) {
            return std::find(texts.begin(), texts.end(), text) == texts.end();
        });
    }

    void read_required(node_number n, const value& v, const std::string& path) {
        const auto* list = v.as_array();
        if (list == nullptr) return refuse(path, "must be a list of names");
        for (const auto& item : *list) {
            const auto* name = item.as_string();
            if (name == nullptr) return refuse(path, "must be a list of names");
            at(n).required.push_back(*name);
        }
    }

    // --- Keywords of numbers and sizes ----------------------------------------------------------

    bool read_number_keyword(node_number n, const member& m, const std::string& path) {
        auto& to = at(n);
        std::optional<value>* place = m.key == "minimum"            ? &to.minimum
                                      : m.key == "maximum"          ? &to.maximum
                                      : m.key == "exclusiveMinimum" ? &to.exclusive_minimum
                                      : m.key == "exclusiveMaximum" ? &to.exclusive_maximum
                                      : m.key == "multipleOf"       ? &to.multiple_of
                                                                    : nullptr;
        if (place == nullptr) return false;
        if (!is_number(m.value)) refuse(path, "must be a number");
        if (m.key == "multipleOf" && is_number(m.value) && compare_numbers(m.value, 0) <= 0)
            refuse(path, "must be above 0");
        *place = m.value;
        return true;
    }

    bool read_size_keyword(node_number n, const member& m, const std::string& path) {
        auto& to = at(n);
        std::optional<std::int64_t>* place = m.key == "minLength"       ? &to.characters.min
                                             : m.key == "maxLength"     ? &to.characters.max
                                             : m.key == "minItems"      ? &to.items_count.min
                                             : m.key == "maxItems"      ? &to.items_count.max
                                             : m.key == "minProperties" ? &to.members_count.min
                                             : m.key == "maxProperties" ? &to.members_count.max
                                                                        : nullptr;
        if (place == nullptr) return false;
        const auto number = m.value.as_number();
        const bool fits = number && is_integer(m.value) && *number >= 0 && *number <= 1e15;
        if (!fits) refuse(path, "must be a whole number from 0");
        *place = fits ? static_cast<std::int64_t>(*number) : 0;
        return true;
    }

    // --- Keywords of schemas --------------------------------------------------------------------

    bool read_schema_keyword(node_number n, const member& m, const std::string& path) {
        if (m.key == "properties" || m.key == "$defs" || m.key == "definitions") {
            read_members(n, m, path);
        } else if (m.key == "prefixItems" || m.key == "allOf" || m.key == "anyOf" ||
                   m.key == "oneOf") {
            read_list(n, m, path);
        } else if (m.key == "$ref") {
            const auto* text = m.value.as_string();
            if (text == nullptr || !text->starts_with('#') || !is_pointer(text->substr(1)))
                refuse(path, "must lead to a place in this document, such as #/$defs/name");
            else
                references_.push_back({n, text->substr(1), path});
        } else if (m.key == "additionalProperties") {
            const auto child = read_node(m.value, path);
            at(n).additional_properties = child;
        } else if (m.key == "items") {
            const auto child = read_node(m.value, path);
            at(n).items = child;
        } else if (m.key == "not") {
            const auto child = read_node(m.value, path);
            at(n).not_this = child;
        } else {
            return false;
        }
        return true;
    }

    void read_members(node_number n, const member& m, const std::string& path) {
        const auto* members = m.value.as_object();
        if (members == nullptr) return refuse(path, "must be an object of schemas");
        for (const auto& inner : *members) {
            const auto child = read_node(inner.value, path + '.' + inner.key);
            if (m.key == "properties") at(n).properties.emplace(inner.key, child);
        }
    }

    void read_list(node_number n, const member& m, const std::string& path) {
        const auto* list = m.value.as_array();
        if (list == nullptr || list->empty()) return refuse(path, "must be a list of schemas");
        for (std::size_t i = 0; i < list->size(); ++i) {
            const auto child = read_node((*list)[i], path + '[' + std::to_string(i) + ']');
            auto& to = at(n);
            auto& place = m.key == "allOf"   ? to.all_of
                          : m.key == "anyOf" ? to.any_of
                          : m.key == "oneOf" ? to.one_of
                                             : to.prefix_items;
            place.push_back(child);
        }
    }

    void follow(std::size_t i) {
        const auto r = references_[i];
        const auto* target = at_pointer(root_, r.pointer);
        if (target == nullptr) return refuse(r.path, "leads nowhere");
        auto path = field_ + r.pointer;
        std::replace(path.begin() + static_cast<std::ptrdiff_t>(field_.size()), path.end(), '/',
                     '.');
        const auto child = read_node(*target, path);
        at(r.from).ref = child;
    }

    /// A value that is checked against a subschema again and again would never be done with.
    void refuse_endless() {
        std::vector<std::size_t> uses(table_.nodes.size());
        const auto each_in_place = [&](const node& from, const auto& visit) {
            for (const auto* list : {&from.all_of, &from.any_of, &from.one_of})
                for (const auto n : *list) visit(n);
            if (from.not_this) visit(*from.not_this);
            if (from.ref) visit(*from.ref);
        };
        for (const auto& from : table_.nodes)
            each_in_place(from, [&](node_number n) { ++uses[n]; });
        std::vector<node_number> free;
        for (node_number n = 0; n < uses.size(); ++n)
            if (uses[n] == 0) free.push_back(n);
        for (std::size_t i = 0; i < free.size(); ++i)
            each_in_place(at(free[i]), [&](node_number n) {
                if (--uses[n] == 0) free.push_back(n);
            });
        if (free.size() == uses.size()) return;
        for (const auto& r : references_)
            if (uses[r.from] != 0) return refuse(r.path, "leads back to itself without end");
    }

    const value& root_;
    std::string field_;
    table table_;
    std::unordered_map<const value*, node_number> numbers_;
    std::vector<reference> references_;
    std::optional<error> error_;
};

}  // namespace
}  // namespace schema_detail

result<schema> schema::read(std::string_view text, std::string_view field) {
    const auto document = parse(text, field);
    if (!document) return document.error();
    if (document->as_object() == nullptr) return invalid(field, "must be a JSON object");
    auto table = schema_detail::reader(*document, field).read();
    if (!table) return std::move(table).error();
    return schema(std::make_shared<const schema_detail::table>(*std::move(table)));
}

}  // namespace conclave::json
