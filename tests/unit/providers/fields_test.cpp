// What vendors say that a call cost, to the nano.
#include "providers/fields.hpp"

#include "json/document.hpp"

#include <catch2/catch.hpp>

using namespace conclave;

namespace {

std::optional<std::int64_t> cost(const std::string& usage) {
    json::document document;
    REQUIRE(document.read(usage, "usage"));
    return providers::told_cost_nano_usd(document.root());
}

}  // namespace

TEST_CASE("a cost in dollars is exact and rounded half up") {
    const auto dollars = [](const std::string& n) { return cost(R"({"cost":)" + n + "}"); };
    CHECK(dollars("0.000224") == 224'000);
    CHECK(dollars("3.6e-6") == 3'600);
    CHECK(dollars("6E-08") == 60);
    CHECK(dollars("0.1") == 100'000'000);
    CHECK(dollars("0.30000000000000004") == 300'000'000);
    CHECK(dollars("1") == 1'000'000'000);
    CHECK(dollars("12e+1") == 120'000'000'000);
    CHECK(dollars("0.0000000005") == 1);
    CHECK(dollars("0.00000000049999999999999999999") == 0);
    CHECK(dollars("1e-400") == 0);
    CHECK(dollars("0.0") == 0);
    CHECK(dollars("0") == 0);
    CHECK(dollars("1000000") == 1'000'000'000'000'000);
}

TEST_CASE("a cost that cannot be is none") {
    for (const auto* n :
         {"-1", "-0.5", "1e10", "1000000.000000001", "1000001", "9223372036.9", "1e300", "\"0.1\"",
          "null", "true", "[0.1]", "{}", "99999999999999999999"})
        CHECK_FALSE(cost(R"({"cost":)" + std::string(n) + "}"));
    CHECK_FALSE(cost("{}"));
    CHECK_FALSE(cost("[]"));
}

TEST_CASE("a cost is found where each vendor has it") {
    CHECK(cost(R"({"cost":{"input_tokens_cost":0.1,"total_cost":0.00512}})") == 5'120'000);
    CHECK(cost(R"({"cost_in_usd_ticks":8431000})") == 843'100);
    CHECK(cost(R"({"cost_in_usd_ticks":15})") == 2);
    CHECK(cost(R"({"cost_in_usd_ticks":14})") == 1);
}

TEST_CASE("counts that cannot be are not told") {
    const auto read = [](const std::string& n) {
        json::document document;
        REQUIRE(document.read(n, "n"));
        return providers::token_count(document.root());
    };
    CHECK(read("7") == 7);
    CHECK(read("1000000000000") == providers::tokens_max);
    for (const auto* n : {"1000000000001", "-1", "1.5", "\"7\"", "null", "99999999999999999999"})
        CHECK_FALSE(read(n));
}
