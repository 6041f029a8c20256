// JSON Schema: what fits, what does not and where, and what no schema may say.
#include "json/schema.hpp"

#include "base/limits.hpp"
#include "json/parse.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace conclave;

namespace {

json::schema read(const std::string& text) { return json::schema::read(text, "schema").value(); }

/// Empty if the document fits, else what is said.
std::string check(const json::schema& schema, const std::string& document) {
    const auto ok = schema.check(json::parse(document, "document").value(), "in");
    if (ok) return {};
    CHECK(ok.error().code == errc::validation_error);
    return ok.error().message;
}

std::string refused(const std::string& schema) {
    const auto read = json::schema::read(schema, "schema");
    if (read) return {};
    CHECK(read.error().code == errc::validation_error);
    return read.error().message;
}

struct row {
    const char* schema;
    const char* document;
    const char* problem;  ///< empty: it fits
};

void check_rows(std::initializer_list<row> rows) {
    for (const auto& r : rows) {
        INFO(r.schema << "  " << r.document);
        CHECK(check(read(r.schema), r.document) == r.problem);
    }
}

std::string repeat(std::size_t n, const std::string& text) {
    std::string all;
    for (std::size_t i = 0; i < n; ++i) all += text;
    return all;
}

}  // namespace

TEST_CASE("types of a schema", "[schema]") {
    check_rows({
        {"{}", "null", ""},
        {R"({"type":"null"})", "null", ""},
        {R"({"type":"null"})", "0", "in must be null"},
        {R"({"type":"boolean"})", "false", ""},
        {R"({"type":"boolean"})", "1", "in must be a boolean"},
        {R"({"type":"string"})", R"("")", ""},
        {R"({"type":"string"})", "{}", "in must be a string"},
        {R"({"type":"array"})", "[]", ""},
        {R"({"type":"object"})", "[]", "in must be an object"},
        {R"({"type":"integer"})", "-3", ""},
        {R"({"type":"integer"})", "3.0", ""},
        {R"({"type":"integer"})", "1e2", ""},
        {R"({"type":"integer"})", "3.5", "in must be an integer"},
        {R"({"type":"integer"})", "99999999999999999999", ""},
        {R"({"type":"number"})", "3", ""},
        {R"({"type":"number"})", "0.5", ""},
        {R"({"type":"number"})", R"("3")", "in must be a number"},
        {R"({"type":["string","null"]})", "null", ""},
        {R"({"type":["string","null"]})", "1", "in must be null or a string"},
    });
}

TEST_CASE("values that a schema lists", "[schema]") {
    check_rows({
        {R"({"enum":["a",1,null]})", "1", ""},
        {R"({"enum":["a",1,null]})", "1.0", ""},
        {R"({"enum":["a",1,null]})", R"("b")", R"(in must be one of "a", 1, null)"},
        {R"({"enum":[{"a":1,"b":[2]}]})", R"({"b":[2],"a":1})", ""},
        {R"({"const":"x"})", R"("x")", ""},
        {R"({"const":"x"})", R"("y")", R"(in must be "x")"},
        {R"({"enum":[1,2],"const":2})", "2", ""},
        {R"({"enum":[1,2],"const":2})", "1", "in must be 2"},
    });
}

TEST_CASE("numbers within bounds", "[schema]") {
    check_rows({
        {R"({"minimum":1,"maximum":3})", "1", ""},
        {R"({"minimum":1,"maximum":3})", "3", ""},
        {R"({"minimum":1,"maximum":3})", "0.99", "in must be at least 1"},
        {R"({"minimum":1,"maximum":3})", "4", "in must be at most 3"},
        {R"({"exclusiveMinimum":1,"exclusiveMaximum":3})", "2", ""},
        {R"({"exclusiveMinimum":1})", "1", "in must be above 1"},
        {R"({"exclusiveMaximum":3})", "3.0", "in must be below 3"},
        {R"({"minimum":9007199254740993})", "9007199254740992",
         "in must be at least 9007199254740993"},
        {R"({"maximum":9223372036854775807})", "9223372036854775808",
         "in must be at most 9223372036854775807"},
        {R"({"minimum":-9223372036854775808})", "-99999999999999999999",
         "in must be at least -9223372036854775808"},
        {R"({"minimum":99999999999999999999})", "99999999999999999998",
         "in must be at least 99999999999999999999"},
        {R"({"maximum":-99999999999999999999})", "-99999999999999999999", ""},
        {R"({"minimum":9007199254740993.0})", "9007199254740992", ""},
        {R"({"minimum":5})", R"("3")", ""},
        {R"({"multipleOf":3})", "9", ""},
        {R"({"multipleOf":3})", "10", "in must be a multiple of 3"},
        {R"({"multipleOf":3})", "99999999999999999999", ""},
        {R"({"multipleOf":7})", "99999999999999999999", "in must be a multiple of 7"},
        {R"({"multipleOf":9007199254740993})", "9007199254740992",
         "in must be a multiple of 9007199254740993"},
        {R"({"multipleOf":0.01})", "19.99", ""},
        {R"({"multipleOf":0.01})", "19.995", "in must be a multiple of 0.01"},
    });
}

TEST_CASE("sizes within bounds", "[schema]") {
    check_rows({
        {R"({"minLength":2,"maxLength":3})", R"("äö")", ""},
        {R"({"minLength":2,"maxLength":3})", R"("ä")", "in must have at least 2 characters"},
        {R"({"maxLength":3})", R"("a😀bc")", "in must have at most 3 characters"},
        {R"({"maxLength":3})", R"("a😀b")", ""},
        {R"({"minItems":1,"maxItems":2})", "[0]", ""},
        {R"({"minItems":1})", "[]", "in must have at least 1 items"},
        {R"({"maxItems":2})", "[1,2,3]", "in must have at most 2 items"},
        {R"({"minProperties":1})", "{}", "in must have at least 1 properties"},
        {R"({"maxProperties":1})", R"({"a":1,"b":2})", "in must have at most 1 properties"},
        {R"({"uniqueItems":true})", R"([1,"1",[1],{"a":1}])", ""},
        {R"({"uniqueItems":true})", R"([{"a":1,"b":2},{"b":2,"a":1.0}])",
         "in must not have an item twice"},
        {R"({"uniqueItems":false})", "[1,1]", ""},
        {R"({"minLength":2,"minItems":2,"minProperties":2})", "1", ""},
    });
}

TEST_CASE("what objects and arrays hold, and where it does not fit", "[schema]") {
    const char* trip = R"({"type":"object","required":["city","days"],"additionalProperties":false,
        "properties":{"city":{"type":"string"},
                      "days":{"type":"array","items":{"type":"integer","minimum":1}}}})";
    check_rows({
        {trip, R"({"city":"Köln","days":[1,2]})", ""},
        {trip, R"({"days":[]})", "in.city is required"},
        {trip, R"({"city":1,"days":[]})", "in.city must be a string"},
        {trip, R"({"city":"","days":[1,0]})", "in.days[1] must be at least 1"},
        {trip, R"({"city":"","days":[],"x":1})", "in.x is not allowed"},
        {R"({"additionalProperties":{"type":"string"}})", R"({"a":"x"})", ""},
        {R"({"additionalProperties":{"type":"string"}})", R"({"a":"x","b":{}})",
         "in.b must be a string"},
        {R"({"prefixItems":[{"type":"string"},{"type":"integer"}],"items":false})", R"(["a",1])",
         ""},
        {R"({"prefixItems":[{"type":"string"}],"items":false})", R"(["a",1])",
         "in[1] is not allowed"},
        {R"({"prefixItems":[{"type":"string"}]})", R"(["a",1])", ""},
        {R"({"prefixItems":[{"type":"string"}],"items":{"type":"null"}})", R"(["a",null,0])",
         "in[2] must be null"},
        {R"({"properties":{"a":false}})", R"({"a":1})", "in.a is not allowed"},
        {R"({"properties":{"a":true}})", R"({"a":1})", ""},
        {R"({"required":["a"]})", "[]", ""},
    });
}

TEST_CASE("schemas made of schemas", "[schema]") {
    const char* tree =
        R"({"$ref":"#/$defs/node","$defs":{"node":{"type":"object","required":["name"],
            "properties":{"name":{"type":"string"},
                          "children":{"type":"array","items":{"$ref":"#/$defs/node"}}}}}})";
    const char* shape = R"({"oneOf":[
        {"type":"object","required":["kind"],"properties":{"kind":{"const":"circle"},
                                                           "radius":{"type":"number"}}},
        {"type":"object","required":["kind"],"properties":{"kind":{"const":"line"}}}]})";
    check_rows({
        {R"({"allOf":[{"minimum":1},{"maximum":2}]})", "2", ""},
        {R"({"allOf":[{"minimum":1},{"maximum":2}]})", "3", "in must be at most 2"},
        {R"({"anyOf":[{"type":"string"},{"minimum":5}]})", "5", ""},
        {R"({"anyOf":[{"type":"string"},{"minimum":5}]})", "4",
         "in must fit one of its alternatives"},
        {R"({"oneOf":[{"minimum":5},{"maximum":5}]})", "5",
         "in must fit only one of its alternatives"},
        {R"({"oneOf":[{"minimum":5},{"maximum":5}]})", "6", ""},
        {shape, R"({"kind":"circle","radius":1})", ""},
        {shape, R"({"kind":"circle","radius":"x"})", "in.radius must be a number"},
        {R"({"not":{"type":"string"}})", "1", ""},
        {R"({"not":{"type":"string"}})", R"("x")", "in must not fit what its schema excludes"},
        {tree, R"({"name":"a","children":[{"name":"b","children":[]}]})", ""},
        {tree, R"({"name":"a","children":[{"name":"b","children":[{}]}]})",
         "in.children[0].children[0].name is required"},
        {R"({"properties":{"a":{"$ref":"#/properties/b"},"b":{"type":"null"}}})", R"({"a":1})",
         "in.a must be null"},
        {R"({"definitions":{"n":{"type":"null"}},"$ref":"#/definitions/n"})", "0",
         "in must be null"},
        {R"({"$ref":"#/$defs/n","minimum":2,"$defs":{"n":{"type":"integer"}}})", "1",
         "in must be at least 2"},
        {R"({"properties":{"next":{"$ref":"#"}},"additionalProperties":false})",
         R"({"next":{"next":{"other":1}}})", "in.next.next.other is not allowed"},
    });
}

TEST_CASE("annotations assert nothing", "[schema]") {
    CHECK(check(read(R"({"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"x",
                        "title":"t","description":"d","default":1,"examples":[2],"format":"date",
                        "deprecated":true,"readOnly":true,"writeOnly":false,"$comment":"c",
                        "contentEncoding":"base64","contentMediaType":"image/png","x-order":1})"),
                R"("no date")")
              .empty());
}

TEST_CASE("a schema that says what is not understood is refused by name", "[schema]") {
    struct refusal {
        const char* schema;
        const char* message;
    };
    const char* unsupported = " is a keyword that is not supported";
    for (const auto& [schema, place] :
         {refusal{R"({"pattern":"a*"})", "schema.pattern"},
          refusal{R"({"properties":{"a":{"minimun":1}}})", "schema.properties.a.minimun"},
          refusal{R"({"anyOf":[{},{"if":{}}]})", "schema.anyOf[1].if"},
          refusal{R"({"$defs":{"a":{"patternProperties":{}}}})",
                  "schema.$defs.a.patternProperties"},
          refusal{R"({"items":{"$id":"x"}})", "schema.items.$id"},
          refusal{R"({"nullable":true})", "schema.nullable"},
          refusal{R"({"contains":{}})", "schema.contains"}})
        CHECK(refused(schema) == std::string(place) + unsupported);
    for (const auto& [schema, message] :
         {refusal{"[]", "schema must be a JSON object"},
          refusal{"true", "schema must be a JSON object"},
          refusal{R"({"type":"text"})", "schema.type must be the name of a type"},
          refusal{R"({"type":[]})", "schema.type must have at least one type"},
          refusal{R"({"type":["null",1]})", "schema.type[1] must be the name of a type"},
          refusal{R"({"enum":[]})", "schema.enum must be a list with values"},
          refusal{R"({"required":"a"})", "schema.required must be a list of names"},
          refusal{R"({"required":[1]})", "schema.required must be a list of names"},
          refusal{R"({"uniqueItems":1})", "schema.uniqueItems must be a boolean"},
          refusal{R"({"minimum":"1"})", "schema.minimum must be a number"},
          refusal{R"({"multipleOf":0})", "schema.multipleOf must be above 0"},
          refusal{R"({"minLength":-1})", "schema.minLength must be a whole number from 0"},
          refusal{R"({"maxItems":1.5})", "schema.maxItems must be a whole number from 0"},
          refusal{R"({"properties":[]})", "schema.properties must be an object of schemas"},
          refusal{R"({"properties":{"a":1}})",
                  "schema.properties.a must be a schema: an object or a boolean"},
          refusal{R"({"items":[{}]})", "schema.items must be a schema: an object or a boolean"},
          refusal{R"({"anyOf":[]})", "schema.anyOf must be a list of schemas"},
          refusal{R"({"$ref":"#/$defs/none"})", "schema.$ref leads nowhere"},
          refusal{R"({"$ref":"other.json"})",
                  "schema.$ref must lead to a place in this document, such as #/$defs/name"},
          refusal{R"({"$ref":"#"})", "schema.$ref leads back to itself without end"},
          refusal{R"({"$ref":"#/$defs/a","$defs":{"a":{"not":{"$ref":"#/$defs/a"}}}})",
                  "schema.$defs.a.not.$ref leads back to itself without end"},
          refusal{R"({"$ref":"#/$defs/a","$defs":{"a":{"x-s":{"pattern":""}},"b":1}})",
                  "schema.$defs.b must be a schema: an object or a boolean"}})
        CHECK(refused(schema) == message);
    // What only a reference leads to is read as a schema too.
    CHECK(refused(R"({"$ref":"#/x-parts/0","x-parts":[{"pattern":""}]})") ==
          "schema.x-parts.0.pattern is a keyword that is not supported");
}

TEST_CASE("a schema has so many subschemas and no more", "[schema]") {
    const auto many = [](std::size_t n) { return R"({"anyOf":[{})" + repeat(n - 2, ",{}") + "]}"; };
    CHECK(refused(many(limits::schema_nodes)).empty());
    CHECK(refused(many(limits::schema_nodes + 1)) == "schema must have at most 2000 subschemas");
}

TEST_CASE("a check takes so much work and no more", "[schema]") {
    // One step for the array, then one for each item.
    const auto numbers = [](std::size_t n) { return "[1" + repeat(n - 1, ",1") + "]"; };
    const auto list = read(R"({"items":{}})");
    CHECK(check(list, numbers(limits::schema_steps - 1)).empty());
    CHECK(check(list, numbers(limits::schema_steps)) == "in takes too much work to check");
    // 2^n paths lead to the last alternative; no check follows them all.
    std::string doubling = R"("$defs":{)";
    for (int i = 0; i < 40; ++i) {
        const auto next = R"({"$ref":"#/$defs/s)" + std::to_string(i + 1) + R"("})";
        doubling += R"("s)" + std::to_string(i) + R"(":{"allOf":[)" + next + "," + next + "]},";
    }
    doubling += R"("s40":{}}})";
    CHECK(check(read(R"({"$ref":"#/$defs/s0",)" + doubling), "1") ==
          "in takes too much work to check");
    // Nor does `not` turn what was never finished into a fit.
    CHECK(check(read(R"({"not":{"$ref":"#/$defs/s0"},)" + doubling), "1") ==
          "in takes too much work to check");
}

TEST_CASE("a check goes so deep and no deeper", "[schema]") {
    const auto chain = [](std::size_t n) {
        std::string text = R"({"$ref":"#/$defs/s1","$defs":{)";
        for (std::size_t i = 1; i + 1 < n; ++i)
            text += R"("s)" + std::to_string(i) + R"(":{"$ref":"#/$defs/s)" +
                    std::to_string(i + 1) + R"("},)";
        return text + R"("s)" + std::to_string(n - 1) + R"(":{"type":"null"}}})";
    };
    CHECK(check(read(chain(limits::schema_depth)), "null").empty());
    CHECK(check(read(chain(limits::schema_depth + 1)), "null") ==
          "in takes too much work to check");
}

TEST_CASE("messages of a check stay short", "[schema]") {
    const std::string name(10'000, 'n');
    CHECK(check(read(R"({"additionalProperties":false})"), "{\"" + name + "\":1}").size() < 300);
    CHECK(check(read("{\"const\":\"" + name + "\"}"), "1").size() < 300);
    CHECK(refused("{\"" + name + "\":1}").size() < 300);
}
