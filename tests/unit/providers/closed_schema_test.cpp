// What is made of a schema for vendors that take a part of JSON Schema.
#include "providers/closed_schema.hpp"

#include "base/limits.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace limits = conclave::limits;
using conclave::providers::closed_schema;

namespace {

std::string closed(const std::string& schema) { return closed_schema(schema).value_or("-"); }

/// Of an object with one property.
std::string with(const std::string& property) {
    return R"({"type":"object","properties":{"p":)" + property + "}}";
}

std::string property_of(const std::string& property) {
    const auto whole = closed(with(property));
    const std::string before = R"({"type":"object","properties":{"p":)";
    const std::string behind = R"(},"additionalProperties":false})";
    if (whole.size() < before.size() + behind.size()) return whole;
    CHECK(whole.starts_with(before));
    CHECK(whole.ends_with(behind));
    return whole.substr(before.size(), whole.size() - before.size() - behind.size());
}

}  // namespace

TEST_CASE("each object is closed, whatever it was") {
    const std::string behind = R"(,"properties":{"a":{"type":"string"}},"required":["a"],)"
                               R"("additionalProperties":false})";
    for (const auto* others : {"", R"(,"additionalProperties":true)", R"(,"minProperties":1)"}) {
        const auto given =
            R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"])" +
            std::string(others) + "}";
        CHECK(closed(given) == R"({"type":"object")" + behind);
        CHECK(property_of(given) == R"({"type":"object")" + behind);
        CHECK(property_of(R"({"type":"array","items":)" + given + "}") ==
              R"({"type":"array","items":{"type":"object")" + behind + "}");
        CHECK(property_of(R"({"oneOf":[)" + given + R"(,{"type":"null"}]})") ==
              R"({"anyOf":[{"type":"object")" + behind + R"(,{"type":"null"}]})");
    }
}

TEST_CASE("what bounds values is left out, what names them stays") {
    CHECK(property_of(R"({"type":"integer","minimum":1,"maximum":9,"multipleOf":2})") ==
          R"({"type":"integer"})");
    CHECK(property_of(R"({"type":"string","minLength":1,"maxLength":9,"format":"x","title":"T",)"
                      R"("description":"D","examples":["e"],"default":"d"})") ==
          R"({"type":"string","title":"T","description":"D"})");
    CHECK(property_of(R"({"type":"array","items":{"type":"number"},"minItems":2,"maxItems":3,)"
                      R"("uniqueItems":true})") == R"({"type":"array","items":{"type":"number"}})");
    CHECK(property_of(R"({"enum":["a",1,null,true]})") == R"({"enum":["a",1,null,true]})");
    CHECK(property_of(R"({"const":1.50})") == R"({"const":1.50})");
    CHECK(property_of(R"({"type":["string","null"]})") == R"({"type":["string","null"]})");
    CHECK(property_of(R"({"anyOf":[{"type":"string"}],"title":"T","type":"string"})") ==
          R"({"anyOf":[{"type":"string"}]})");
}

TEST_CASE("references are followed, and only so far") {
    CHECK(closed(R"({"$ref":"#/$defs/a","$defs":{"a":{"type":"object","properties":{)"
                 R"("b":{"$ref":"#/$defs/c"}}},"c":{"type":"string"}}})") ==
          R"({"type":"object","properties":{"b":{"type":"string"}},"additionalProperties":false})");
    CHECK(closed(R"({"$ref":"#"})") == "-");
    CHECK(property_of(R"({"$ref":"#/$defs/nothing"})") == "-");
    CHECK(property_of(R"({"$ref":"https://a.test/schema"})") == "-");
    CHECK(property_of(R"({"type":"array","items":{"$ref":"#"}})") == "-");
    // Each level twice the one before.
    std::string defs;
    for (int i = 0; i < 20; ++i) {
        const auto next = R"({"$ref":"#/$defs/d)" + std::to_string(i + 1) + R"("})";
        defs += R"("d)" + std::to_string(i) + R"(":{"anyOf":[)" + next + "," + next + "]},";
    }
    CHECK(closed(R"({"$ref":"#/$defs/d0","$defs":{)" + defs + R"("d20":{"type":"null"}}})") == "-");
}

TEST_CASE("what cannot be said is not said") {
    for (const auto* schema :
         {"", "[]", "true", "{}", R"({"type":"object"})", R"({"type":["object","null"]})",
          R"({"type":"object","properties":{}})", R"({"type":"array"})",
          R"({"type":"object","additionalProperties":{"type":"string"}})"})
        CHECK(closed(schema) == "-");
    for (const auto* property :
         {"true", "{}", R"({"title":"anything"})", R"({"type":"object"})", R"({"type":"array"})",
          R"({"type":"array","items":{}})", R"({"enum":[[1]]})", R"({"const":{}})",
          R"({"type":"string","not":{"const":"a"}})", R"({"allOf":[{"type":"string"}]})",
          R"({"type":"array","items":{"type":"string"},"prefixItems":[{"type":"string"}]})",
          R"({"anyOf":[{"type":"string"},{}]})",
          R"({"anyOf":[{"type":"string"}],"properties":{"a":{"type":"string"}}})",
          R"({"type":"object","properties":{"a":{"type":"string"}},)"
          R"("additionalProperties":{"type":"string"}})"})
        CHECK(property_of(property) == "-");
}

TEST_CASE("a schema is closed up to a depth and a number of subschemas") {
    const auto nested = [](std::size_t depth) {
        std::string text = R"({"type":"string"})";
        for (std::size_t i = 0; i < depth; ++i) text = R"({"type":"array","items":)" + text + "}";
        return text;
    };
    CHECK(closed(nested(limits::closed_schema_depth)) == nested(limits::closed_schema_depth));
    CHECK(closed(nested(limits::closed_schema_depth + 1)) == "-");

    const auto wide = [](std::size_t schemas) {
        std::string text = R"({"anyOf":[{"type":"string"})";
        for (std::size_t i = 2; i < schemas; ++i) text += R"(,{"type":"string"})";
        return text + "]}";
    };
    CHECK(closed(wide(limits::closed_schema_nodes)) == wide(limits::closed_schema_nodes));
    CHECK(closed(wide(limits::closed_schema_nodes + 1)) == "-");
}
