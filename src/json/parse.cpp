// Makes values of what a document holds.
#include "json/parse.hpp"

#include <string>
#include <utility>

namespace conclave::json {
namespace {

value to_array(const element& e, decimals form) {
    array items;
    items.reserve(e.children().size());
    for (const auto& item : e.children()) items.push_back(to_value(item, form));
    return items;
}

value to_object(const element& e, decimals form) {
    object members;
    members.reserve(e.children().size());
    for (const auto& m : e.children()) members.push_back({std::string(m.key()), to_value(m, form)});
    return members;
}

}  // namespace

value to_value(const element& e, decimals form) {
    switch (e.kind()) {
        case kind::null: return {};
        case kind::boolean: return *e.as_boolean();
        case kind::integer: return *e.as_integer();
        case kind::big_integer: return big_integer{std::string(*e.as_big_integer())};
        case kind::number: break;  // no element is of that kind
        case kind::decimal:
            if (form == decimals::exact) return decimal{std::string(*e.as_decimal())};
            return e.as_number().value_or(0);
        case kind::string: return *e.as_string();
        case kind::array: return to_array(e, form);
        case kind::object: return to_object(e, form);
    }
    return {};
}

result<value> parse(std::string_view text, std::string_view field, const parse_limits& limits,
                    decimals form) {
    document whole;
    if (auto read = whole.read(text, field, limits); !read) return std::move(read).error();
    return to_value(whole.root(), form);
}

}  // namespace conclave::json
