// JSON pointers, in values and in documents.
#include "json/pointer.hpp"

#include "json/parse.hpp"

#include <catch2/catch.hpp>

#include <string_view>
#include <utility>

using namespace conclave;

namespace {

// The example of the RFC, section 5.
constexpr std::string_view example =
    R"({"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5,
        "k\"l": 6, " ": 7, "m~n": 8})";

template <class Node>
void check_example(const Node& v) {
    CHECK(json::at_pointer(v, "") == &v);
    CHECK(*json::at_pointer(v, "/foo/0")->as_string() == "bar");
    CHECK(*json::at_pointer(v, "/foo/1")->as_string() == "baz");
    const std::pair<std::string_view, int> members[] = {{"/", 0},     {"/a~1b", 1}, {"/c%d", 2},
                                                        {"/e^f", 3},  {"/g|h", 4},  {"/i\\j", 5},
                                                        {"/k\"l", 6}, {"/ ", 7},    {"/m~0n", 8}};
    for (const auto& [pointer, expected] : members) {
        CAPTURE(pointer);
        REQUIRE(json::at_pointer(v, pointer) != nullptr);
        CHECK(*json::at_pointer(v, pointer)->as_integer() == expected);
    }
    for (const auto* pointer : {"foo", "/foo/2", "/foo/-", "/foo/00", "/foo/+1", "/foo/",
                                "/foo/0/x", "/nothing", "/m~n", "/m~2n", "/m~"})
        CHECK(json::at_pointer(v, pointer) == nullptr);
}

}  // namespace

TEST_CASE("pointers of RFC 6901", "[json]") {
    json::document document;
    REQUIRE(document.read(example, "document"));
    check_example(document.root());
    check_example(*json::parse(example, "document"));
    CHECK(json::is_pointer("/a~0~1/b"));
    CHECK_FALSE(json::is_pointer("a"));
    CHECK_FALSE(json::is_pointer("/a~"));
}
