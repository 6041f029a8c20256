// Reading documents field by field.
#include "json/object_reader.hpp"

#include "json/parse.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace conclave;
using json::object_reader;

namespace {

enum class colour { red, green };

json::value parsed(std::string_view text) { return *json::parse(text, "document"); }

// What reading a document of one of each kind finds wrong with `text`.
std::string problem(std::string_view text) {
    const auto document = parsed(text);
    object_reader in(document);
    in.required_string("name", {.min_bytes = 1, .max_bytes = 5});
    in.optional_integer("n", 0, 10);
    in.optional_number("x", 0, 2);
    in.optional_boolean("flag");
    in.optional_choice<colour>("colour", {{"red", colour::red}, {"green", colour::green}});
    in.optional_strings("tags", 2, {.min_bytes = 1});
    in.optional_object("inner");
    in.optional_array("list", 1);
    const auto read = in.finish();
    return read ? "" : read.error().message;
}

}  // namespace

TEST_CASE("a good document gives its values", "[object_reader]") {
    const auto document = parsed(
        R"({"name":"abc","n":7,"x":1,"flag":true,"colour":"green","tags":["a","b"],"inner":{},
            "absent":null})");
    object_reader in(document);
    CHECK(in.required_string("name") == "abc");
    CHECK(in.required_integer("n") == 7);
    CHECK(in.required_number("x", 0, 2) == 1.0);
    CHECK(in.required_boolean("flag"));
    CHECK(in.required_choice<colour>("colour", {{"red", colour::red}, {"green", colour::green}}) ==
          colour::green);
    CHECK(*in.optional_strings("tags", 2) == std::vector<std::string>{"a", "b"});
    CHECK(in.required_object("inner") != nullptr);
    CHECK(in.has("absent"));
    CHECK(in.optional_string("absent") == std::nullopt);
    CHECK_FALSE(in.has("nowhere"));
    CHECK(in.optional_integer("nowhere") == std::nullopt);
    CHECK(in.finish());
}

TEST_CASE("the first wrong field is named", "[object_reader]") {
    CHECK(problem(R"({"name":"abc"})") == "");
    CHECK(problem(R"({})") == "name is required");
    CHECK(problem(R"({"name":null})") == "name must be a string");
    CHECK(problem(R"({"name":""})") == "name must not be empty");
    CHECK(problem(R"({"name":"abcdef"})") == "name must be at most 5 bytes");
    CHECK(problem(R"({"name":"a","n":11})") == "n must be between 0 and 10");
    CHECK(problem(R"({"name":"a","n":99999999999999999999})") == "n must be between 0 and 10");
    CHECK(problem(R"({"name":"a","n":1.5})") == "n must be an integer");
    CHECK(problem(R"({"name":"a","n":"1"})") == "n must be an integer");
    CHECK(problem(R"({"name":"a","x":2.01})") == "x must be between 0 and 2");
    CHECK(problem(R"({"name":"a","x":true})") == "x must be a number");
    CHECK(problem(R"({"name":"a","flag":1})") == "flag must be true or false");
    CHECK(problem(R"({"name":"a","colour":"blue"})") == "colour must be one of red green");
    CHECK(problem(R"({"name":"a","colour":1})") == "colour must be one of red green");
    CHECK(problem(R"({"name":"a","tags":["a","b","c"]})") == "tags must have at most 2 items");
    CHECK(problem(R"({"name":"a","tags":["a",""]})") == "tags[1] must not be empty");
    CHECK(problem(R"({"name":"a","tags":["a",1]})") == "tags[1] must be a string");
    CHECK(problem(R"({"name":"a","inner":[]})") == "inner must be an object");
    CHECK(problem(R"({"name":"a","list":{}})") == "list must be an array");
    CHECK(problem(R"({"name":1,"n":"x","odd":1})") == "name must be a string");
    CHECK(problem("[]") == "document must be an object");
}

TEST_CASE("unknown fields are refused, shortly named", "[object_reader]") {
    CHECK(problem(R"({"name":"a","odd":1,"odder":2})") == "odd is not a known field");
    CHECK(problem(R"({"name":"a","line\nbreak":1})") == "line?break is not a known field");
    const std::string longest(64, 'k');
    CHECK(problem(R"({"name":"a",")" + longest + R"(more":1})") ==
          longest + " is not a known field");
}

TEST_CASE("documents inside documents carry their path", "[object_reader]") {
    const auto document = parsed(R"({"members":[{"policy":{"retries":99}}]})");
    object_reader in(document);
    const auto* members = in.required_array("members", 5);
    REQUIRE(members != nullptr);
    object_reader member(members->front(), in.path("members", 0));
    object_reader policy(*member.required_object("policy"), member.path("policy"));
    policy.required_integer("retries", 0, 10);
    in.take(policy.finish());
    in.refuse("members", "is never reached");
    const auto read = in.finish();
    REQUIRE_FALSE(read);
    CHECK(read.error().message == "members[0].policy.retries must be between 0 and 10");
    CHECK(read.error().details.front() ==
          error_detail{"field", std::string("members[0].policy.retries")});

    const auto wrong = parsed("{\"policy\":1}");
    CHECK(object_reader(wrong.as_object()->front().value, "policy").finish().error().message ==
          "policy must be an object");
}
