// Compares documents with patterns.
#include "pattern.hpp"

#include "json/pointer.hpp"
#include "json/print.hpp"

#include <algorithm>
#include <array>
#include <regex>
#include <utility>

namespace conclave::conformance {

namespace {

using json::kind;
using json::value;

constexpr std::size_t brief_bytes = 300;

void expect(bool truth, const value& pattern, const value& v, const std::string& where) {
    if (!truth)
        throw mismatch((where.empty() ? "/" : where) + " is " + brief(v) + ", not " +
                       brief(pattern));
}

// --- Texts that stand for values ----------------------------------------------------------------

bool is_word(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_';
    });
}

const value& saved_value(const values& saved, const std::string& name) {
    const auto found = saved.find(name);
    if (found == saved.end()) throw mismatch("nothing was saved as " + name);
    return found->second;
}

value fill_in_text(const std::string& text, const values& saved) {
    if (text.starts_with('$') && is_word(std::string_view(text).substr(1)))
        return saved_value(saved, text.substr(1));
    std::string filled;
    std::size_t at = 0;
    for (;;) {
        const auto begin = text.find("${", at);
        const auto end = begin == std::string::npos ? begin : text.find('}', begin);
        if (end == std::string::npos) return filled + text.substr(at);
        const auto& insert = saved_value(saved, text.substr(begin + 2, end - begin - 2));
        filled += text.substr(at, begin - at) + *insert.as_string();
        at = end + 1;
    }
}

std::string repeated(const json::array& text_and_count) {
    std::string all;
    for (auto left = *text_and_count.at(1).as_integer(); left > 0; --left)
        all += *text_and_count.at(0).as_string();
    return all;
}

// --- Patterns -----------------------------------------------------------------------------------

const std::array<std::pair<std::string_view, std::regex>, 3>& text_forms() {
    static const std::array<std::pair<std::string_view, std::regex>, 3> forms = {{
        {"<time>", std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)")},
        {"<date>", std::regex(R"(\d{4}-\d\d-\d\d)")},
        {"<usd>", std::regex(R"(-?\d+(\.\d+)?)")},
    }};
    return forms;
}

bool is_id(std::string_view placeholder, const std::string& text) {
    static const std::regex digits("[0-9a-hjkmnp-tv-z]{26}");
    const auto prefix = std::string(placeholder.substr(4, 3)) + '_';
    return text.starts_with(prefix) && std::regex_match(text.substr(prefix.size()), digits);
}

bool fits(const std::string& placeholder, const value& v) {
    if (placeholder == "<any>") return true;
    if (placeholder == "<int>") return v.as_integer() != nullptr;
    const auto* text = v.as_string();
    if (text == nullptr) return false;
    if (placeholder == "<text>") return true;
    if (placeholder.starts_with("<id:") &&
        placeholder.size() == std::string_view("<id:abc>").size())
        return is_id(placeholder, *text);
    for (const auto& [name, form] : text_forms())
        if (placeholder == name) return std::regex_match(*text, form);
    return placeholder == *text;
}

bool is_number(const value& v) { return v.kind() == kind::integer || v.kind() == kind::number; }

bool same_scalar(const value& a, const value& b) {
    // 2 and 2.0 are one number; integers are compared as such.
    if (a.kind() != b.kind() && is_number(a) && is_number(b)) return a.as_number() == b.as_number();
    return a == b;
}

std::string inside(std::string where, std::string_view step) {
    where += '/';
    where += step;
    return where;
}

void match_object(const value& pattern, const value& v, const std::string& where) {
    const auto& wanted = *pattern.as_object();
    if (wanted.size() == 1 && wanted[0].key == "<each>") {
        expect(v.as_array() != nullptr, pattern, v, where);
        for (std::size_t i = 0; i < v.as_array()->size(); ++i)
            match(wanted[0].value, (*v.as_array())[i], inside(where, std::to_string(i)));
        return;
    }
    expect(v.as_object() != nullptr, pattern, v, where);
    for (const auto& [key, inner] : wanted) {
        const auto* found = json::find(v, key);
        if (found == nullptr) throw mismatch(inside(where, key) + " is missing");
        match(inner, *found, inside(where, key));
    }
    for (const auto& [key, inner] : *v.as_object())
        if (json::find(pattern, key) == nullptr)
            throw mismatch(inside(where, key) + " was not expected: " + brief(inner));
}

void match_array(const value& pattern, const value& v, const std::string& where) {
    expect(v.as_array() != nullptr, pattern, v, where);
    const auto& wanted = *pattern.as_array();
    const auto& items = *v.as_array();
    if (wanted.size() != items.size())
        throw mismatch(where + " has " + std::to_string(items.size()) + " items, not " +
                       std::to_string(wanted.size()) + ": " + brief(v));
    for (std::size_t i = 0; i < items.size(); ++i)
        match(wanted[i], items[i], inside(where, std::to_string(i)));
}

}  // namespace

value fill_in(const value& document, const values& saved) {
    if (const auto* text = document.as_string()) return fill_in_text(*text, saved);
    if (const auto* items = document.as_array()) {
        json::array filled;
        for (const auto& item : *items) filled.push_back(fill_in(item, saved));
        return filled;
    }
    const auto* members = document.as_object();
    if (members == nullptr) return document;
    if (members->size() == 1 && (*members)[0].key == "$repeat")
        return repeated(*(*members)[0].value.as_array());
    json::object filled;
    for (const auto& [key, inner] : *members) filled.push_back({key, fill_in(inner, saved)});
    return filled;
}

void match(const value& pattern, const value& v, const std::string& where) {
    if (pattern.as_object() != nullptr) return match_object(pattern, v, where);
    if (pattern.as_array() != nullptr) return match_array(pattern, v, where);
    const auto* text = pattern.as_string();
    const bool placeholder = text != nullptr && text->starts_with('<');
    expect(placeholder ? fits(*text, v) : same_scalar(pattern, v), pattern, v, where);
}

void match_error(const value& pattern, const value& error) {
    static const value nothing;
    for (const auto& [key, wanted] : *pattern.as_object()) {
        const auto* found =
            key == "field" ? json::at_pointer(error, "/details/field") : json::find(error, key);
        match(wanted, found != nullptr ? *found : nothing, "error/" + key);
    }
}

json::array joined(const json::array& events) {
    json::array whole;
    for (const auto& event : events) {
        const bool delta = text_of(event, "type") == "delta";
        if (!delta || whole.empty() || text_of(whole.back(), "type") != "delta") {
            whole.push_back(event);
            continue;
        }
        const auto text = text_of(whole.back(), "text") + text_of(event, "text");
        whole.back() = event;
        for (auto& [key, inner] : *whole.back().as_object())
            if (key == "text") inner = text;
    }
    return whole;
}

std::string text_of(const value& document, std::string_view key) {
    const auto* found = json::find(document, key);
    const auto* text = found != nullptr ? found->as_string() : nullptr;
    return text != nullptr ? *text : std::string();
}

std::string brief(const value& v) {
    auto text = json::print(v);
    if (text.size() > brief_bytes) text = text.substr(0, brief_bytes) + "...";
    return text;
}

}  // namespace conclave::conformance
