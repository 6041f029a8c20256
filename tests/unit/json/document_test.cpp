// Documents: what their elements tell, and that nothing of an earlier text is left.
#include "json/document.hpp"

#include "json/parse.hpp"
#include "json/print.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <vector>

using namespace conclave;

namespace {

std::string printed(std::string_view text) {
    json::document document;
    REQUIRE(document.read(text, "text"));
    // What is kept of it prints the same.
    CHECK(json::print(json::to_value(document.root())) == json::print(document.root()));
    return json::print(document.root());
}

}  // namespace

TEST_CASE("every kind of element is read", "[json]") {
    json::document document;
    REQUIRE(document.read(R"( {"n": null, "t": true, "f": false, "i": -7, "d": 1.50, "u": "plain",
                               "s": "a\u00e9\ud83d\ude00\n\u0000b", "b": 9223372036854775808,
                               "a": [1, [], {}, [2, 3]], "o": {"z": 1, "a": {"k\u0061": 2}}} )",
                          "document"));
    const auto& root = document.root();
    const auto at = [&](std::string_view key) -> const json::element& {
        return *json::find(root, key);
    };
    CHECK(root.is_object());
    CHECK(at("n").is_null());
    CHECK(*at("t").as_boolean());
    CHECK_FALSE(*at("f").as_boolean());
    CHECK(*at("i").as_integer() == -7);
    CHECK(at("i").as_number() == -7.0);
    CHECK(*at("d").as_decimal() == "1.50");
    CHECK(at("d").as_number() == 1.5);
    CHECK(*at("b").as_big_integer() == "9223372036854775808");
    CHECK(at("b").as_number() == 9223372036854775808.0);
    CHECK(*at("u").as_string() == "plain");
    CHECK(*at("s").as_string() == std::string_view("a\xC3\xA9\xF0\x9F\x98\x80\n\0b", 10));

    CHECK(at("i").as_string() == nullptr);
    CHECK(at("i").as_boolean() == nullptr);
    CHECK(at("u").as_integer() == nullptr);
    CHECK_FALSE(at("u").as_number());
    CHECK(at("u").children().empty());
    CHECK(json::find(at("u"), "u") == nullptr);
    CHECK(json::find(root, "missing") == nullptr);
}

TEST_CASE("children are those of one level", "[json]") {
    json::document document;
    REQUIRE(document.read(R"({"a":[1,[2,{"x":3}],{"y":[]},4],"b":{},"c":[[]]})", "document"));
    std::vector<std::string> keys;
    for (const auto& m : document.root().children()) keys.emplace_back(m.key());
    CHECK(keys == std::vector<std::string>{"a", "b", "c"});
    const auto items = json::find(document.root(), "a")->children();
    CHECK(items.size() == 4);
    CHECK(*items.front().as_integer() == 1);
    std::vector<std::string> texts;
    for (const auto& item : items) {
        CHECK(item.key().empty());
        texts.push_back(json::print(item));
    }
    CHECK(texts == std::vector<std::string>{"1", R"([2,{"x":3}])", R"({"y":[]})", "4"});
    CHECK(json::find(document.root(), "b")->children().empty());
    CHECK(json::find(document.root(), "c")->children().size() == 1);
}

TEST_CASE("keys of one length and the same ends are told apart", "[json]") {
    const auto twice = [](std::string_view text) {
        json::document document;
        const auto read = document.read(text, "text");
        return !read && read.error().message == "text must not have a key twice in one object";
    };
    json::document document;
    REQUIRE(document.read(R"({"abc":1,"adc":{"abc":3,"":4},"":2})", "text"));
    const auto& root = document.root();
    CHECK(*json::find(root, "abc")->as_integer() == 1);
    CHECK(*json::find(root, "")->as_integer() == 2);
    CHECK(json::find(root, "aec") == nullptr);
    const auto& inner = *json::find(root, "adc");
    CHECK(*json::find(inner, "abc")->as_integer() == 3);
    CHECK(*json::find(inner, "")->as_integer() == 4);
    CHECK(json::find(inner, "adc") == nullptr);
    CHECK(twice(R"({"abc":1,"adc":2,"abc":3})"));
    CHECK(twice(R"({"abc":1,"adc":{"abc":2},"abc":3})"));
    CHECK(twice(R"([{"":1,"":2}])"));

    // Two that vendors use, of one mark all the same.
    REQUIRE(document.read(R"({"type":1,"message":2})", "text"));
    CHECK(*json::find(document.root(), "type")->as_integer() == 1);
    CHECK(*json::find(document.root(), "message")->as_integer() == 2);

    // More keys than there are marks.
    std::string many = "{";
    for (int i = 100; i < 300; ++i)
        many += "\"" + std::to_string(i) + "\":" + std::to_string(i) + ",";
    REQUIRE(document.read(many + R"("x":0})", "text"));
    for (int i = 100; i < 300; ++i)
        CHECK(*json::find(document.root(), std::to_string(i))->as_integer() == i);
    CHECK(json::find(document.root(), "300") == nullptr);
    CHECK(twice(many + R"("299":0})"));
}

TEST_CASE("a document reads one text after another", "[json]") {
    json::document document;
    CHECK(document.root().is_null());
    REQUIRE(document.read(R"({"a":"first","b":[1,2,3]})", "document"));
    REQUIRE(document.read(R"(["second"])", "document"));
    CHECK(json::print(document.root()) == R"(["second"])");
    for (const auto* wrong : {"[1,", "", "[1] x", R"({"a":1,"a":2})", "[1e999]"}) {
        CHECK_FALSE(document.read(wrong, "document"));
        CHECK(document.root().is_null());
    }
    REQUIRE(document.read("7", "document"));
    CHECK(*document.root().as_integer() == 7);
}

TEST_CASE("documents print as they were written", "[json]") {
    for (const auto* text :
         {"null", "[]", "{}", "\"\"", "-0.0", "1E5", "1e-400", "0.10000000000000000000001",
          "-9223372036854775808", "-9223372036854775809", R"({"":{"":[{}]}})",
          R"({"k\\":"\"\n\u0001"})", "[true,false,null]"})
        CHECK(printed(text) == text);
    CHECK(printed(R"("\u007f")") == "\"\x7f\"");  // an escape that need not be
}

TEST_CASE("numbers too near zero are read, those beyond all doubles refused", "[json]") {
    json::document document;
    const std::string zeros(400, '0');
    for (const auto& small :
         {std::string("1e-400"), std::string("-4.9e-400"), "0." + zeros + "1",
          "0." + zeros + "1e+5", std::string("1e-99999999999999999999"),
          std::string("0.1e-9223372036854775808"), std::string("0.01e-9223372036854775807"),
          std::string("0.0"), std::string("0e-5")}) {
        CAPTURE(small);
        REQUIRE(document.read(small, "n"));
        CHECK(document.root().as_number() == 0.0);
    }
    for (const auto& fits : {std::string("1.7976931348623157e308"), "0." + zeros + "1e+401"}) {
        CAPTURE(fits);
        CHECK(document.read(fits, "n"));
        CHECK(document.root().as_number() > 0.0);
    }
    for (const auto& beyond :
         {std::string("1.8e308"), std::string("-1.8e308"), "1" + zeros, "1" + zeros + ".5",
          std::string("1e99999999999999999999"), "1" + zeros + "e-5",
          // Not beyond, but refused with them: see the header.
          "1" + zeros + "e-200", std::string("0e400")}) {
        CAPTURE(beyond);
        CHECK_FALSE(document.read(beyond, "n"));
    }
}

TEST_CASE("a text that ends within a character is refused", "[json]") {
    json::document document;
    for (const std::string_view wrong :
         {"\"\xF4", "\"a\xE2\x82", "\"\xC3", "[1,\xF0\x9F\x98", "\x80"}) {
        // Where it ends the memory ends, for the sanitizer to see.
        const std::vector<char> exact(wrong.begin(), wrong.end());
        const auto read = document.read({exact.data(), exact.size()}, "text");
        REQUIRE_FALSE(read);
        CHECK(
            read.error().message.starts_with("text must be valid JSON, which it is not at byte "));
    }
    const auto inside = document.read("[\"abc\xC3\"]", "text");
    CHECK(inside.error().message == "text must be valid JSON, which it is not at byte 6");
}

TEST_CASE("half a pair of surrogates is refused wherever it stands", "[json]") {
    json::document document;
    for (const auto* wrong :
         {R"("\udc00")", R"("\ud800")", R"("\ud800x")", R"("\ud800\ud800")", R"("\uDBFF\u0041")",
          R"(["ok","x\uDFFFy"])", R"({"\udfff":1})", R"("\ude00\ud83d")"}) {
        CAPTURE(wrong);
        CHECK_FALSE(document.read(wrong, "text"));
    }
    REQUIRE(document.read(R"("\ud83d\ude00\ud7ff\ue000\uffff")", "text"));
    // Neighbours of those that are refused, escaped and raw.
    REQUIRE(document.read("\"\\n\xED\x9F\xBF\xEE\x80\x80\"", "text"));
    CHECK(*document.root().as_string() == "\n\xED\x9F\xBF\xEE\x80\x80");
}
