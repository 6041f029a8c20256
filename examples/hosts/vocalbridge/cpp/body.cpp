// Reads bodies.
#include "body.hpp"

#include <conclave/error.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace vocalbridge {

namespace {

using json = nlohmann::ordered_json;  // metadata keeps the order of its keys

constexpr int depth_max = 64;

[[noreturn]] void refuse(std::string_view field, std::string_view problem) {
    throw conclave::exception(conclave::invalid(field, problem));
}

json parse(const std::string& text) {
    bool deep = false;
    const auto watch = [&deep](int depth, json::parse_event_t, json&) {
        deep = deep || depth > depth_max;
        return !deep;  // what is too deep is dropped while it is read
    };
    auto document = json::parse(text, watch, false);
    if (deep) refuse("body", "must not be nested deeper than " + std::to_string(depth_max));
    if (document.is_discarded()) refuse("body", "must be valid JSON in UTF-8");
    if (!document.is_object()) refuse("body", "must be a JSON object");
    return document;
}

const json* find(const json& document, std::string_view field) {
    const auto at = document.find(field);
    return at == document.end() ? nullptr : &*at;
}

}  // namespace

body::body(const std::string& text, std::initializer_list<std::string_view> known)
    : document_(std::make_unique<json>(parse(text))) {
    for (const auto& [name, value] : document_->items())
        if (std::find(known.begin(), known.end(), name) == known.end())
            refuse(name, "is not a known field");
}

body::~body() = default;

std::string body::text(std::string_view field) const {
    auto value = maybe_text(field);
    if (!value) refuse(field, "is missing");
    return *std::move(value);
}

std::optional<std::string> body::maybe_text(std::string_view field) const {
    const auto* value = find(*document_, field);
    if (value == nullptr) return std::nullopt;
    if (!value->is_string()) refuse(field, "must be a string");
    return value->get<std::string>();
}

std::optional<std::string> body::maybe_object(std::string_view field) const {
    const auto* value = find(*document_, field);
    if (value == nullptr) return std::nullopt;
    if (!value->is_object()) refuse(field, "must be an object");
    return value->dump();
}

bool body::is_null(std::string_view field) const {
    const auto* value = find(*document_, field);
    return value != nullptr && value->is_null();
}

}  // namespace vocalbridge
