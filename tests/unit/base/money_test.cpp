// Money as decimal text.
#include <conclave/money.hpp>

#include <catch2/catch.hpp>

#include <limits>
#include <optional>
#include <random>
#include <string>

using conclave::errc;
using conclave::money;
using conclave::optional_money;

namespace {

std::string text_of(std::int64_t nano) { return money::from_nano_usd(nano).to_usd_string(); }

}  // namespace

TEST_CASE("money is written as the shortest exact decimal", "[money]") {
    CHECK(text_of(0) == "0");
    CHECK(text_of(224'000) == "0.000224");
    CHECK(text_of(1) == "0.000000001");
    CHECK(text_of(1'000'000'000) == "1");
    CHECK(text_of(-1'500'000'000) == "-1.5");
    CHECK(text_of(-1) == "-0.000000001");
    CHECK(text_of(std::numeric_limits<std::int64_t>::max()) == "9223372036.854775807");
    CHECK(text_of(std::numeric_limits<std::int64_t>::min()) == "-9223372036.854775808");
}

TEST_CASE("money is read exactly", "[money]") {
    CHECK(money::parse_usd("0.000224")->nano_usd() == 224'000);
    CHECK(money::parse_usd("-0")->nano_usd() == 0);
    CHECK(money::parse_usd("2.50")->nano_usd() == 2'500'000'000);
    CHECK(money::parse_usd("9223372036.854775807")->nano_usd() ==
          std::numeric_limits<std::int64_t>::max());
    CHECK(money::parse_usd("-9223372036.854775808")->nano_usd() ==
          std::numeric_limits<std::int64_t>::min());
}

TEST_CASE("anything but a decimal in range is refused and names the field", "[money]") {
    for (const auto* text : {"", "-", ".", ".5", "1.", "1.2.3", "+1", " 1", "1 ", "1e3", "0x1",
                             "1,5", "--1", "NaN", "0.0000000001", "9223372036.854775808",
                             "-9223372036.854775809", "99999999999999999999"}) {
        CAPTURE(text);
        const auto read = money::parse_usd(text, "price");
        REQUIRE_FALSE(read);
        CHECK(read.error().code == errc::validation_error);
        CHECK(read.error().message.starts_with("price "));
    }
}

TEST_CASE("random amounts survive text", "[money]") {
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    for (int i = 0; i < 10'000; ++i) {
        const auto nano = static_cast<std::int64_t>(random()) >> (random() % 64);
        CAPTURE(nano);
        REQUIRE(money::parse_usd(text_of(nano))->nano_usd() == nano);
    }
}

TEST_CASE("an unknown amount is equal to nothing but itself, and prints as nothing") {
    const optional_money unknown;
    const optional_money one = money::from_nano_usd(1);
    const std::optional<money> nothing;
    CHECK(unknown == optional_money());
    CHECK(unknown == nothing);
    CHECK(nothing == unknown);
    CHECK(unknown == std::nullopt);
    CHECK_FALSE(unknown == money());
    CHECK_FALSE(unknown == one);
    CHECK(one == money::from_nano_usd(1));
    CHECK(one == std::optional(money::from_nano_usd(1)));
    CHECK_FALSE(nothing == one);
    CHECK(unknown.to_usd_string().empty());
    CHECK(one.to_usd_string() == "0.000000001");
    CHECK(unknown.value_or(money::from_nano_usd(2)) == money::from_nano_usd(2));
}
