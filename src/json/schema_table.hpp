// A schema as it is checked: subschemas that name one another by number.
#pragma once

#include "json/value.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conclave::json::schema_detail {

using node_number = std::size_t;

/// The types of `type`, as bits.
enum type_bit : unsigned {
    null_bit = 1,
    boolean_bit = 2,
    object_bit = 4,
    array_bit = 8,
    number_bit = 16,
    integer_bit = 32,
    string_bit = 64,
};

/// Bounds of a size: of characters, items or members.
struct size_rule {
    std::optional<std::int64_t> min;
    std::optional<std::int64_t> max;
};

/// One subschema. What is absent asserts nothing.
struct node {
    bool refuses_all = false;  ///< the schema `false`
    unsigned types = 0;
    std::optional<value> minimum;
    std::optional<value> maximum;
    std::optional<value> exclusive_minimum;
    std::optional<value> exclusive_maximum;
    std::optional<value> multiple_of;
    size_rule characters;
    size_rule items_count;
    size_rule members_count;
    bool unique_items = false;
    std::map<std::string, node_number, std::less<>> properties;
    std::vector<std::string> required;
    std::optional<node_number> additional_properties;
    std::vector<node_number> prefix_items;
    std::optional<node_number> items;
    std::optional<std::vector<std::string>> allowed;  ///< `enum` and `const`: canonical texts
    std::vector<node_number> all_of;
    std::vector<node_number> any_of;
    std::vector<node_number> one_of;
    std::optional<node_number> not_this;
    std::optional<node_number> ref;
};

struct table {
    std::vector<node> nodes;  ///< the first is the whole
};

/// The words of `type` with their bits.
struct type_word {
    std::string_view word;
    unsigned bit;
    std::string_view name;  ///< for messages
};
inline constexpr type_word type_words[] = {
    {"null", null_bit, "null"},          {"boolean", boolean_bit, "a boolean"},
    {"object", object_bit, "an object"}, {"array", array_bit, "an array"},
    {"number", number_bit, "a number"},  {"integer", integer_bit, "an integer"},
    {"string", string_bit, "a string"},
};

}  // namespace conclave::json::schema_detail
