// Follows JSON pointers.
#include "json/pointer.hpp"

#include <charconv>
#include <optional>
#include <string>

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

std::optional<std::size_t> read_index(std::string_view segment) {
    std::size_t index = 0;
    const auto* end = segment.data() + segment.size();
    const auto [stop, problem] = std::from_chars(segment.data(), end, index);
    const bool leading_zero = segment.size() > 1 && segment.front() == '0';
    if (segment.empty() || problem != std::errc{} || stop != end || leading_zero)
        return std::nullopt;
    return index;
}

bool is_array(const value& v) { return v.as_array() != nullptr; }
bool is_array(const element& e) { return e.is_array(); }

const value* item_at(const value& v, std::size_t index) {
    const auto& items = *v.as_array();
    return index < items.size() ? &items[index] : nullptr;
}

const element* item_at(const element& e, std::size_t index) {
    const auto items = e.children();
    for (const auto& item : items)
        if (index-- == 0) return &item;
    return nullptr;
}

template <class Node>
const Node* follow(const Node& from, std::string_view pointer) {
    if (!is_pointer(pointer)) return nullptr;
    const Node* found = &from;
    std::string buffer;
    while (found != nullptr && !pointer.empty()) {
        pointer.remove_prefix(1);
        const auto segment = pointer.substr(0, pointer.find('/'));
        pointer.remove_prefix(segment.size());
        if (is_array(*found)) {
            const auto index = read_index(segment);
            found = index ? item_at(*found, *index) : nullptr;
        } else {
            found = find(*found, unescape(segment, buffer));
        }
    }
    return found;
}

}  // namespace

bool is_pointer(std::string_view pointer) noexcept {
    if (pointer.empty()) return true;
    if (pointer.front() != '/') return false;
    for (auto at = pointer.find('~'); at != std::string_view::npos; at = pointer.find('~', at + 1))
        if (at + 1 == pointer.size() || (pointer[at + 1] != '0' && pointer[at + 1] != '1'))
            return false;
    return true;
}

const value* at_pointer(const value& v, std::string_view pointer) { return follow(v, pointer); }
const element* at_pointer(const element& e, std::string_view pointer) { return follow(e, pointer); }

}  // namespace conclave::json
