// Printing: stable texts, exact round trips, one text for equal documents.
#include "json/print.hpp"

#include "json/parse.hpp"
#include "json/writer.hpp"
#include "unit/test_seed.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>

using namespace conclave;
using namespace std::string_literals;

namespace {

std::string reprinted(std::string_view text) { return json::print(*json::parse(text, "d")); }
std::string canonical(std::string_view text) { return json::canonical(*json::parse(text, "d")); }

json::value random_value(std::mt19937_64& random, int depth) {
    switch (random() % (depth > 0 ? 8 : 6)) {
        case 0: return nullptr;
        case 1: return random() % 2 == 0;
        case 2: return static_cast<std::int64_t>(random()) >> (random() % 64);
        case 3: {
            double number = 0;
            const auto bits = random();
            std::memcpy(&number, &bits, sizeof number);
            return std::isfinite(number) ? number : 0.5;
        }
        case 4: return json::big_integer{"1" + std::to_string(random() | (1ULL << 63))};
        case 5: {
            std::string text;
            for (auto n = random() % 20; n > 0; --n) text += static_cast<char>(random() % 128);
            return text;
        }
        case 6: {
            json::array items;
            for (auto n = random() % 4; n > 0; --n)
                items.push_back(random_value(random, depth - 1));
            return items;
        }
        default: {
            json::object members;
            for (std::size_t n = random() % 4; n > 0; --n)
                members.push_back({std::to_string(n), random_value(random, depth - 1)});
            return members;
        }
    }
}

}  // namespace

TEST_CASE("documents print compactly in their own order", "[json]") {
    CHECK(reprinted(R"( { "b" : [ 1 , 2.50, true ,null] , "a" : { } , "c":[ ] } )") ==
          R"({"b":[1,2.5,true,null],"a":{},"c":[]})");
    CHECK(reprinted("1.0") == "1.0");
    CHECK(reprinted("-0.0") == "-0.0");
    CHECK(reprinted("1e22") == "1e+22");
    CHECK(reprinted("0.1") == "0.1");
    CHECK(json::print(std::nan("")) == "null");
    CHECK(json::print(std::numeric_limits<double>::infinity()) == "null");
}

TEST_CASE("strings are escaped as little as JSON allows", "[json]") {
    CHECK(json::print("a\"b\\c/d\b\f\n\r\t\x01\x1F\x7F\xC3\xA9"s) ==
          "\"a\\\"b\\\\c/d\\b\\f\\n\\r\\t\\u0001\\u001f\x7F\xC3\xA9\"");
    CHECK(json::print("\0x"s) == "\"\\u0000x\"");
    CHECK(json::print("") == "\"\"");
}

TEST_CASE("random documents survive printing and parsing", "[json]") {
    const auto seed = conclave::test::test_seed();
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    for (int i = 0; i < 2'000; ++i) {
        const auto v = random_value(random, 4);
        const auto text = json::print(v);
        CAPTURE(text);
        const auto back = json::parse(text, "d");
        REQUIRE(back);
        REQUIRE(*back == v);
    }
}

TEST_CASE("equal documents have one canonical text", "[json]") {
    CHECK(canonical(R"({"b":1.0,"a":{"d":[3,1],"c":-0.0},"B":"x"})") ==
          R"({"B":"x","a":{"c":0,"d":[3,1]},"b":1})");
    CHECK(canonical("1e2") == canonical("100"));
    CHECK(canonical("0.70") == "0.7");
    CHECK(canonical("9007199254740991.0") == "9007199254740991");
    CHECK(canonical("9007199254740992.0") == "9007199254740992.0");
    CHECK(canonical("[1,2]") != canonical("[2,1]"));
}

TEST_CASE("the writer places the commas", "[json]") {
    json::writer w;
    w.begin_object();
    w.key("id").string("a\"b").key("n").integer(-5).key("list").begin_array();
    w.integer(1).begin_object().end_object().begin_array().end_array().null();
    w.end_array().key("raw").raw("{}").key("d").number(0.5).key("b").boolean(false);
    w.key("v").value(json::array{json::value("s"), json::value(2)}).end_object();
    CHECK(std::move(w).text() ==
          R"({"id":"a\"b","n":-5,"list":[1,{},[],null],"raw":{},"d":0.5,"b":false,"v":["s",2]})");
}

TEST_CASE("escapes are found at every place of a text", "[json]") {
    for (std::size_t length = 1; length <= 40; ++length)
        for (std::size_t place = 0; place < length; ++place)
            for (const int code : {0x00, 0x1f, 0x20, 0x21, 0x22, 0x23, 0x5b, 0x5c, 0x5d, 0x7f}) {
                std::string text(length, 'x');
                text[place] = static_cast<char>(code);
                std::string quoted;
                conclave::json::append_quoted(quoted, text);
                const auto parsed = conclave::json::parse(quoted, "text");
                INFO(length << " " << place << " " << code << ": " << quoted);
                REQUIRE(parsed);
                CHECK(*parsed->as_string() == text);
                const bool escaped = code < 0x20 || code == '"' || code == '\\';
                CHECK((quoted.size() > length + 2) == escaped);
            }
    const std::string letters = "\u00e4\u20ac\U0001f600\u00e4\u20ac";
    std::string quoted;
    conclave::json::append_quoted(quoted, letters);
    CHECK(quoted == '"' + letters + '"');
}
