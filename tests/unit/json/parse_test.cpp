// Strict parsing: what is taken, what is refused, and the limits.
#include "json/parse.hpp"

#include "json/print.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

using namespace conclave;
using namespace std::string_view_literals;

namespace {

std::string problem(std::string_view text, const json::parse_limits& limits = {}) {
    const auto parsed = json::parse(text, "metadata", limits);
    if (parsed) return "";
    CHECK(parsed.error().details.front() == error_detail{"field", std::string("metadata")});
    return parsed.error().message;
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

}  // namespace

TEST_CASE("every kind of value is read", "[json]") {
    const auto v = *json::parse(
        R"( {"n": null, "t": true, "i": -7, "d": 1.5, "s": "a\u00e9\ud83d\ude00\n", "a": [1, []],
             "o": {"z": 1, "a": 2}} )",
        "document");
    CHECK(json::find(v, "n")->is_null());
    CHECK(*json::find(v, "t")->as_boolean());
    CHECK(*json::find(v, "i")->as_integer() == -7);
    CHECK(*json::find(v, "d")->as_number() == 1.5);
    CHECK(*json::find(v, "s")->as_string() == "a\xC3\xA9\xF0\x9F\x98\x80\n");
    CHECK(json::find(v, "a")->as_array()->size() == 2);
    CHECK(json::find(v, "o")->as_object()->front().key == "z");
    CHECK(json::find(v, "missing") == nullptr);
    CHECK(json::find(json::value(1), "n") == nullptr);
}

TEST_CASE("integers stay exact, beyond int64 as text", "[json]") {
    CHECK(*json::parse("9223372036854775807", "n")->as_integer() == INT64_MAX);
    CHECK(*json::parse("-9223372036854775808", "n")->as_integer() == INT64_MIN);
    for (const auto* text : {"9223372036854775808", "18446744073709551615", "18446744073709551616",
                             "-9223372036854775809", "123456789012345678901234567890"}) {
        CAPTURE(text);
        const auto v = *json::parse(text, "n");
        REQUIRE(v.as_big_integer() != nullptr);
        CHECK(json::print(v) == text);
    }
    CHECK(*json::parse("18446744073709551616", "n")->as_number() == 18446744073709551616.0);
    CHECK(json::parse("1.0", "n")->kind() == json::kind::number);
    CHECK(json::parse("1e2", "n")->kind() == json::kind::number);
}

TEST_CASE("decimals keep their text where that is asked for", "[json]") {
    for (const auto* text : {"0.1", "3.6e-6", "-0.0", "1E5", "0.10000000000000000000001"}) {
        CAPTURE(text);
        const auto v = *json::parse(text, "n", {}, json::decimals::exact);
        REQUIRE(v.as_decimal() != nullptr);
        CHECK(v.as_decimal()->text == text);
        CHECK(json::print(v) == text);
        CHECK(v.as_number() == json::parse(text, "n")->as_number());
    }
    CHECK(json::parse("7", "n", {}, json::decimals::exact)->as_integer() != nullptr);
    CHECK_FALSE(json::parse("1e999", "n", {}, json::decimals::exact));
}

TEST_CASE("what is not strict JSON is refused", "[json]") {
    for (const auto text : {""sv,
                            " "sv,
                            "{"sv,
                            "{}x"sv,
                            "{} {}"sv,
                            "[1,]"sv,
                            "{\"a\":1,}"sv,
                            "{a:1}"sv,
                            "'a'"sv,
                            "01"sv,
                            "+1"sv,
                            ".5"sv,
                            "1."sv,
                            "NaN"sv,
                            "Infinity"sv,
                            "-"sv,
                            "1e400"sv,
                            "-1e400"sv,
                            "\"\\ud800\""sv,
                            "\"\\udc00\""sv,
                            "\"\\x\""sv,
                            "\"a\nb\""sv,
                            "\"\xC3\""sv,
                            "\"\xED\xA0\x80\""sv,
                            "\"\xC0\x80\""sv,
                            "// c\n1"sv,
                            "[1] \0"sv,
                            "[1]\0x"sv,
                            "\xEF\xBB\xBF[1]"sv,
                            "tru"sv,
                            "\"open"sv}) {
        CAPTURE(text);
        CHECK(problem(text).starts_with("metadata must be valid JSON"));
    }
    CHECK(problem("[1, secret]") == "metadata must be valid JSON, which it is not at byte 5");
}

TEST_CASE("duplicate keys are refused in small and in large objects", "[json]") {
    CHECK(problem(R"({"a":1,"b":{"a":2}})") == "");
    CHECK(problem(R"({"a":1,"\u0061":2})") == "metadata must not have a key twice in one object");
    for (const int last : {15, 16, 17, 40}) {
        std::string text = "{";
        for (int i = 0; i <= last; ++i) text += "\"k" + std::to_string(i) + "\":0,";
        CHECK(problem(text + "\"x\":0}") == "");
        CHECK(problem(text + "\"k0\":0}") != "");
        CHECK(problem(text + "\"k" + std::to_string(last) + "\":0}") != "");
    }
}

TEST_CASE("depth, size and number of values are limited", "[json]") {
    CHECK(problem(nested(limits::json_depth)) == "");
    CHECK(problem(nested(limits::json_depth + 1)) == "metadata must not be nested deeper than 64");
    CHECK(problem(R"({"a":{"b":1}})", {.depth = 2}) == "");
    CHECK(problem(R"({"a":{"b":1}})", {.depth = 1}) != "");
    CHECK(problem(std::string(1'000'000, '[')) != "");

    CHECK(problem("[1,2]", {.bytes = 5}) == "");
    const auto large = json::parse("[1,2]", "metadata", {.bytes = 4});
    CHECK(large.error().code == errc::payload_too_large);
    CHECK(large.error().message == "metadata must be at most 4 bytes");

    CHECK(problem("[1,{\"a\":2}]", {.values = 4}) == "");
    CHECK(problem("[1,{\"a\":2}]", {.values = 3}) == "metadata must have at most 3 values");
}
