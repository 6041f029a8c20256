// Errors and results.
#include <conclave/result.hpp>

#include <catch2/catch.hpp>

#include <memory>
#include <string>

using namespace conclave;

TEST_CASE("invalid names the field in the message and in the details", "[error]") {
    const auto e = invalid("name", "must not be empty");
    CHECK(e.code == errc::validation_error);
    CHECK(e.message == "name must not be empty");
    CHECK(e.details == std::vector<error_detail>{{"field", std::string("name")}});
    CHECK(e.http_status() == 400);
    CHECK_FALSE(e.retryable());
}

TEST_CASE("a result holds a value or an error", "[error]") {
    result<int> good = 7;
    REQUIRE(good);
    CHECK(*good == 7);
    CHECK(good.value() == 7);

    result<int> bad = fail(errc::conflict, "taken").with("attempts", std::int64_t{2});
    REQUIRE_FALSE(bad);
    CHECK(bad.error().code == errc::conflict);
    CHECK(bad.error().details.size() == 1);

    result<void> fine;
    CHECK(fine);
    fine.value();
    CHECK_FALSE(result<void>(fail(errc::cancelled, "gone")));
}

TEST_CASE("value() of an error throws it whole", "[error]") {
    const auto expected = fail(errc::store_busy, "the store is busy");
    try {
        (void)result<int>(expected).value();
        FAIL("nothing was thrown");
    } catch (const exception& e) {
        CHECK(e.error() == expected);
        CHECK(std::string(e.what()) == "STORE_BUSY: the store is busy");
    }
    CHECK_THROWS_AS(result<void>(expected).value(), exception);
}

TEST_CASE("a result moves what cannot be copied", "[error]") {
    result<std::unique_ptr<int>> r = std::make_unique<int>(3);
    const auto taken = std::move(r).value();
    CHECK(*taken == 3);
}
