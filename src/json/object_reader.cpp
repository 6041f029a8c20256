// Reads a document field by field.
#include "json/object_reader.hpp"

#include "base/utf8.hpp"
#include "json/print.hpp"

#include <algorithm>

namespace conclave::json {
namespace {

constexpr std::size_t shown_key_bytes = 64;

// A key of the document as it may stand in a message: short, without control characters.
std::string shown(std::string_view key) {
    std::string text(utf8::truncate(key, shown_key_bytes));
    std::replace_if(
        text.begin(), text.end(),
        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, '?');
    return text;
}

}  // namespace

object_reader::object_reader(const value& document, std::string path)
    : document_(document), path_(std::move(path)) {
    if (const auto* members = document.as_object())
        read_.resize(members->size());
    else
        take(invalid(path_.empty() ? "document" : path_, "must be an object"));
}

std::string object_reader::path(std::string_view key) const {
    return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

std::string object_reader::path(std::string_view key, std::size_t index) const {
    return path(key) + "[" + std::to_string(index) + "]";
}

void object_reader::refuse(std::string_view key, std::string_view problem) {
    if (!error_) error_ = invalid(path(key), problem);
}

void object_reader::take(result<void> checked) {
    if (!checked && !error_) error_ = std::move(checked).error();
}

const value* object_reader::required_value(std::string_view key) {
    if (const auto* members = document_.as_object())
        for (std::size_t i = 0; i < members->size(); ++i)
            if ((*members)[i].key == key) {
                read_[i] = true;
                return &(*members)[i].value;
            }
    refuse(key, "is required");
    return nullptr;
}

const value* object_reader::optional_value(std::string_view key) {
    if (!has(key)) return nullptr;
    const auto* v = required_value(key);
    return v->is_null() ? nullptr : v;
}

std::optional<std::string> object_reader::string_of(std::string_view key, const value* v,
                                                    const text_rule& rule) {
    if (v == nullptr) return std::nullopt;
    const auto* text = v->as_string();
    if (text == nullptr) {
        refuse(key, "must be a string");
        return std::nullopt;
    }
    take(check_text(path(key), *text, rule));
    return *text;
}

std::optional<std::int64_t> object_reader::integer_of(std::string_view key, const value* v,
                                                      std::int64_t min, std::int64_t max) {
    if (v == nullptr) return std::nullopt;
    if (const auto* number = v->as_integer()) {
        take(check_range(path(key), *number, min, max));
        return *number;
    }
    if (v->as_big_integer() != nullptr)
        refuse(key, "must be between " + std::to_string(min) + " and " + std::to_string(max));
    else
        refuse(key, "must be an integer");
    return std::nullopt;
}

std::optional<double> object_reader::number_of(std::string_view key, const value* v, double min,
                                               double max) {
    if (v == nullptr) return std::nullopt;
    const auto number = v->as_number();
    if (!number) {
        refuse(key, "must be a number");
    } else if (*number < min || *number > max) {
        // Canonical, so that whole bounds read as 0 and 2.
        refuse(key, "must be between " + canonical(min) + " and " + canonical(max));
    }
    return number;
}

std::optional<bool> object_reader::boolean_of(std::string_view key, const value* v) {
    if (v == nullptr) return std::nullopt;
    if (const auto* truth = v->as_boolean()) return *truth;
    refuse(key, "must be true or false");
    return std::nullopt;
}

const value* object_reader::object_of(std::string_view key, const value* v) {
    if (v == nullptr || v->as_object() != nullptr) return v;
    refuse(key, "must be an object");
    return nullptr;
}

const array* object_reader::array_of(std::string_view key, const value* v, std::size_t max_items) {
    if (v == nullptr) return nullptr;
    const auto* items = v->as_array();
    if (items == nullptr)
        refuse(key, "must be an array");
    else if (items->size() > max_items)
        refuse(key, "must have at most " + std::to_string(max_items) + " items");
    return items;
}

void object_reader::refuse_choice(std::string_view key,
                                  const std::vector<std::string_view>& words) {
    std::string problem = "must be one of";
    for (const auto word : words) problem.append(" ").append(word);
    refuse(key, problem);
}

std::string object_reader::required_string(std::string_view key, const text_rule& rule) {
    return string_of(key, required_value(key), rule).value_or("");
}

std::optional<std::string> object_reader::optional_string(std::string_view key,
                                                          const text_rule& rule) {
    return string_of(key, optional_value(key), rule);
}

std::int64_t object_reader::required_integer(std::string_view key, std::int64_t min,
                                             std::int64_t max) {
    return integer_of(key, required_value(key), min, max).value_or(0);
}

std::optional<std::int64_t> object_reader::optional_integer(std::string_view key, std::int64_t min,
                                                            std::int64_t max) {
    return integer_of(key, optional_value(key), min, max);
}

double object_reader::required_number(std::string_view key, double min, double max) {
    return number_of(key, required_value(key), min, max).value_or(0);
}

std::optional<double> object_reader::optional_number(std::string_view key, double min, double max) {
    return number_of(key, optional_value(key), min, max);
}

bool object_reader::required_boolean(std::string_view key) {
    return boolean_of(key, required_value(key)).value_or(false);
}

std::optional<bool> object_reader::optional_boolean(std::string_view key) {
    return boolean_of(key, optional_value(key));
}

const value* object_reader::required_object(std::string_view key) {
    return object_of(key, required_value(key));
}

const value* object_reader::optional_object(std::string_view key) {
    return object_of(key, optional_value(key));
}

const array* object_reader::required_array(std::string_view key, std::size_t max_items) {
    return array_of(key, required_value(key), max_items);
}

const array* object_reader::optional_array(std::string_view key, std::size_t max_items) {
    return array_of(key, optional_value(key), max_items);
}

std::optional<std::vector<std::string>> object_reader::optional_strings(std::string_view key,
                                                                        std::size_t max_items,
                                                                        const text_rule& rule) {
    const auto* items = optional_array(key, max_items);
    if (items == nullptr) return std::nullopt;
    std::vector<std::string> texts;
    for (const auto& item : *items) {
        const auto index = "[" + std::to_string(texts.size()) + "]";
        auto text = string_of(std::string(key) + index, &item, rule);
        if (!ok()) return std::nullopt;
        texts.push_back(std::move(*text));
    }
    return texts;
}

result<void> object_reader::finish() {
    for (std::size_t i = 0; !error_ && i < read_.size(); ++i)
        if (!read_[i]) refuse(shown((*document_.as_object())[i].key), "is not a known field");
    return error_ ? result<void>(*error_) : result<void>();
}

}  // namespace conclave::json
