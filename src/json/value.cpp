// Finding things in a JSON value.
#include "json/value.hpp"

#include "json/number.hpp"

namespace conclave::json {

std::optional<double> value::as_number() const noexcept {
    if (const auto* number = std::get_if<double>(&data_)) return *number;
    if (const auto* number = as_integer()) return static_cast<double>(*number);
    if (const auto* number = as_big_integer()) return read_number(number->digits);
    if (const auto* number = as_decimal()) return read_number(number->text);
    return std::nullopt;
}

std::string_view describe(kind k) noexcept {
    switch (k) {
        case kind::null: return "null";
        case kind::boolean: return "a boolean";
        case kind::integer:
        case kind::big_integer: return "an integer";
        case kind::number:
        case kind::decimal: return "a number";
        case kind::string: return "a string";
        case kind::array: return "an array";
        case kind::object: return "an object";
    }
    return "a value";
}

const value* find(const value& v, std::string_view key) noexcept {
    const auto* members = v.as_object();
    if (members == nullptr) return nullptr;
    for (const auto& m : *members)
        if (m.key == key) return &m.value;
    return nullptr;
}

}  // namespace conclave::json
