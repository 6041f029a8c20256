// Times and days as text.
#include <conclave/time.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <random>

using namespace conclave;
using namespace std::chrono_literals;

TEST_CASE("times are written in ISO 8601 with milliseconds", "[time]") {
    CHECK(to_iso8601(timestamp{}) == "1970-01-01T00:00:00.000Z");
    CHECK(to_iso8601(timestamp{1'795'249'800'123ms}) == "2026-11-21T08:30:00.123Z");
    CHECK(to_iso8601(timestamp{-1ms}) == "1969-12-31T23:59:59.999Z");
    CHECK(to_iso8601(date{2026y / 2 / 28} + std::chrono::days{1}) == "2026-03-01");
    CHECK(to_iso8601(timestamp::max()) == "9999-12-31T23:59:59.999Z");
    CHECK(to_iso8601(timestamp::min()) == "0000-01-01T00:00:00.000Z");
}

TEST_CASE("times are read back", "[time]") {
    CHECK(*parse_timestamp("2026-11-21T08:30:00.123Z", "at") == timestamp{1'795'249'800'123ms});
    CHECK(*parse_timestamp("2026-11-21T08:30:00Z", "at") == timestamp{1'795'249'800'000ms});
    CHECK(*parse_timestamp("2026-11-21T08:30:00.5Z", "at") == timestamp{1'795'249'800'500ms});
    CHECK(*parse_timestamp("2026-11-21T08:30:00.123999Z", "at") == timestamp{1'795'249'800'123ms});
    CHECK(*parse_date("2024-02-29", "day") == date{2024y / 2 / 29});
}

TEST_CASE("what is not a time or a day is refused", "[time]") {
    for (const auto* text :
         {"", "2026-11-21", "2026-11-21T08:30:00", "2026-11-21t08:30:00z", "2026-11-21 08:30:00Z",
          "2026-11-21T24:00:00Z", "2026-11-21T23:60:00Z", "2026-11-21T23:59:60Z",
          "2026-02-29T00:00:00Z", "2026-11-21T08:30:00.Z", "2026-11-21T08:30:00.1234567890Z",
          "2026-11-21T08:30:00+01:00", "2026-11-21T08:30:00ZZ", "2026-11-21T8:30:00Z"}) {
        CAPTURE(text);
        const auto read = parse_timestamp(text, "expires_at");
        REQUIRE_FALSE(read);
        CHECK(read.error().code == errc::validation_error);
        CHECK(read.error().message.starts_with("expires_at "));
    }
    for (const auto* text : {"", "2026-13-01", "2026-00-01", "2026-01-00", "2026-04-31",
                             "2025-02-29", "2026-1-01", "20260101", "2026-01-01 ", "abcd-01-01"}) {
        CAPTURE(text);
        const auto read = parse_date(text, "from");
        REQUIRE_FALSE(read);
        CHECK(read.error().message.starts_with("from "));
    }
}

TEST_CASE("random times survive text", "[time]") {
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    for (int i = 0; i < 10'000; ++i) {
        const timestamp at{std::chrono::milliseconds{random() % 253'402'300'800'000}};
        REQUIRE(*parse_timestamp(to_iso8601(at), "at") == at);
    }
}
