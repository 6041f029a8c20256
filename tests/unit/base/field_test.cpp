// Checks of texts and numbers that users give, each at its border.
#include "base/field.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

using namespace conclave;
using namespace std::string_view_literals;

namespace {

std::string problem(std::string_view value, const text_rule& rule) {
    const auto checked = check_text("name", value, rule);
    return checked ? "" : checked.error().message;
}

}  // namespace

TEST_CASE("the size of a text is checked at both ends", "[field]") {
    CHECK(problem("", {}) == "");
    CHECK(problem("", {.min_bytes = 1}) == "name must not be empty");
    CHECK(problem("abc", {.min_bytes = 4}) == "name must be at least 4 bytes");
    CHECK(problem("abcd", {.min_bytes = 4, .max_bytes = 4}) == "");
    CHECK(problem("abcde", {.max_bytes = 4}) == "name must be at most 4 bytes");
    CHECK(problem(std::string(limits::label_bytes, 'x'), {}) == "");
    CHECK(problem(std::string(limits::label_bytes + 1, 'x'), {}) != "");
}

TEST_CASE("too long is VALIDATION_ERROR unless the rule says otherwise", "[field]") {
    CHECK(check_text("name", "ab", {.max_bytes = 1}).error().code == errc::validation_error);
    const auto e =
        check_text("content", "ab", {.max_bytes = 1, .too_long = errc::payload_too_large}).error();
    CHECK(e == too_large("content", 1));
    CHECK(e.code == errc::payload_too_large);
    CHECK(e.message == "content must be at most 1 byte");
    CHECK(e.details.front() == error_detail{"field", std::string("content")});
}

TEST_CASE("control characters are refused as far as the rule says", "[field]") {
    using enum control_characters;
    CHECK(problem("caf\xC3\xA9 \xF0\x9F\x98\x80", {}) == "");
    CHECK(problem("a\nb", {}) == "name must not contain control characters");
    CHECK(problem("a\x7F", {}) != "");
    CHECK(problem("a\t\r\nb", {.controls = line_breaks}) == "");
    CHECK(problem("a\x1B[0m", {.controls = line_breaks}) != "");
    CHECK(problem("a\x1B[0m\x7F", {.controls = all_but_nul}) == "");
    CHECK(problem("a\0b"sv, {.controls = all_but_nul}) != "");
    CHECK(problem("\xC3", {.controls = all_but_nul}) == "name must be valid UTF-8");
}

TEST_CASE("numbers are checked at both ends", "[field]") {
    CHECK(check_range("limit", 1, 1, 1'000));
    CHECK(check_range("limit", 1'000, 1, 1'000));
    CHECK_FALSE(check_range("limit", 0, 1, 1'000));
    CHECK(check_range("limit", 1'001, 1, 1'000).error().message ==
          "limit must be between 1 and 1000");
}

TEST_CASE("an error of a field is placed in its document; one of no field stays", "[field]") {
    const auto placed = inside("providers[1]", invalid("base_url", "must not be empty"));
    CHECK(placed == invalid("providers[1].base_url", "must not be empty"));
    const auto other = fail(errc::conflict, "the name is taken").with("name", "p");
    CHECK(inside("providers[1]", other) == other);
}
