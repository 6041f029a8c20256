// Finding things in a JSON value.
#include "json/value.hpp"

#include <charconv>

namespace conclave::json {
namespace {

// One segment of a pointer without its escapes; `buffer` holds the text if there were any.
std::string_view unescape(std::string_view segment, std::string& buffer) {
    if (segment.find('~') == std::string_view::npos) return segment;
    buffer.clear();
    for (std::size_t i = 0; i < segment.size(); ++i) {
        if (segment[i] == '~')
            buffer += segment[++i] == '1' ? '/' : '~';
        else
            buffer += segment[i];
    }
    return buffer;
}

const value* item(const array& items, std::string_view index) {
    std::size_t at = 0;
    const auto* end = index.data() + index.size();
    const auto [stop, problem] = std::from_chars(index.data(), end, at);
    const bool leading_zero = index.size() > 1 && index.front() == '0';
    if (index.empty() || problem != std::errc{} || stop != end || leading_zero) return nullptr;
    return at < items.size() ? &items[at] : nullptr;
}

double read_double(std::string_view text) {
    double rounded = 0;
    std::from_chars(text.data(), text.data() + text.size(), rounded);
    return rounded;
}

}  // namespace

std::optional<double> value::as_number() const noexcept {
    if (const auto* number = std::get_if<double>(&data_)) return *number;
    if (const auto* number = as_integer()) return static_cast<double>(*number);
    if (const auto* number = as_big_integer()) return read_double(number->digits);
    if (const auto* number = as_decimal()) return read_double(number->text);
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

bool is_pointer(std::string_view pointer) noexcept {
    if (pointer.empty()) return true;
    if (pointer.front() != '/') return false;
    for (auto at = pointer.find('~'); at != std::string_view::npos; at = pointer.find('~', at + 1))
        if (at + 1 == pointer.size() || (pointer[at + 1] != '0' && pointer[at + 1] != '1'))
            return false;
    return true;
}

const value* at_pointer(const value& v, std::string_view pointer) {
    if (!is_pointer(pointer)) return nullptr;
    const value* found = &v;
    std::string buffer;
    while (found != nullptr && !pointer.empty()) {
        pointer.remove_prefix(1);
        const auto segment = pointer.substr(0, pointer.find('/'));
        pointer.remove_prefix(segment.size());
        const auto* items = found->as_array();
        found = items != nullptr ? item(*items, segment) : find(*found, unescape(segment, buffer));
    }
    return found;
}

}  // namespace conclave::json
