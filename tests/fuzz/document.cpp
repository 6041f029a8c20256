// Fuzzes the reading of JSON.
#include "json/document.hpp"

#include "base/utf8.hpp"
#include "fuzz.hpp"
#include "json/parse.hpp"
#include "json/print.hpp"

#include <cstddef>
#include <string>

namespace {

namespace json = conclave::json;

/// Elements inside `e` and itself. All texts are valid, numbers are some.
std::size_t count(const json::element& e) {
    if (const auto* text = e.as_string()) fuzz::require(conclave::utf8::valid(*text));
    const bool is_number =
        e.as_integer() != nullptr || e.as_big_integer() != nullptr || e.as_decimal() != nullptr;
    fuzz::require(e.as_number().has_value() == is_number);
    std::size_t elements = 1;
    for (const auto& child : e.children()) {
        fuzz::require(conclave::utf8::valid(child.key()));
        fuzz::require(!e.is_object() || json::find(e, child.key()) == &child);
        elements += count(child);
    }
    return elements;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    json::document document;
    const auto read = document.read(text, "document");
    if (!read) {
        fuzz::require(conclave::utf8::valid(read.error().message));
        fuzz::require(document.root().is_null());
        return 0;
    }
    const auto elements = count(document.root());
    const auto printed = json::print(document.root());
    fuzz::require(json::print(json::to_value(document.root())) == printed);

    // The limits are met exactly, and what was printed reads as the same again.
    fuzz::require(!document.read(text, "document", {.values = elements - 1}));
    fuzz::require(document.read(printed, "document", {.values = elements}).has_value());
    fuzz::require(json::print(document.root()) == printed);
    return 0;
}
