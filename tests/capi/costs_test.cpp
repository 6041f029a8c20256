// Money is exact: random costs sum to the roll-up's last digit.
#include "capi/c_host.hpp"
#include "unit/test_seed.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <random>
#include <string>

using namespace conclave::test;

namespace {

constexpr int turns_per_session = 8;

std::string random_provider(std::mt19937_64& random) {
    std::uniform_int_distribution<int> tokens(0, 99'999);
    std::string replies;
    for (int i = 0; i < 997; ++i) {
        if (i > 0) replies += ',';
        replies += R"({"text":"x","tokens_in":)" + std::to_string(tokens(random)) +
                   R"(,"tokens_out":)" + std::to_string(tokens(random)) + "}";
    }
    return R"([{"name":"random","kind":"scripted","replies":[)" + replies + "]}]";
}

std::int64_t nano_usd(const c_answer& answer, std::string_view pointer) {
    const auto parsed = answer.json();
    const auto* cost = conclave::json::at_pointer(parsed, pointer);
    REQUIRE(cost);
    // Beyond 2^53 it is a string.
    if (const auto* text = cost->as_string()) return std::stoll(*text);
    REQUIRE(cost->as_integer());
    return *cost->as_integer();
}

void check_sum(std::int64_t sends) {
    const auto seed = test_seed();
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    c_host host(random_provider(random), R"(,"clock":"virtual")");
    host.call("prices.set", R"({"provider":"random","model":"*",
        "usd_per_million":{"input":"0.150001","output":"0.600007"}})");
    host.settle_in("random");
    const auto new_session = R"({"agent_id":")" + host.agent + R"("})";

    std::int64_t sum = 0;
    for (std::int64_t n = 0; n < sends; ++n) {
        if (n % turns_per_session == 0)
            host.session = host.call("sessions.create", new_session).text("/id");
        const auto reply =
            host.call("messages.send", host.send_document("key-" + std::to_string(n)));
        REQUIRE(reply.status == CONCLAVE_OK);
        sum += nano_usd(reply, "/metadata/usage/cost_nano_usd");
    }
    const auto bill = host.call("usage.rollup", R"({"from":"2026-01-01","to":"2026-12-31"})");
    REQUIRE(bill.status == CONCLAVE_OK);
    CHECK(nano_usd(bill, "/totals/cost_nano_usd") == sum);
    CHECK(nano_usd(bill, "/totals/messages") == sends);
}

}  // namespace

TEST_CASE("random costs sum to the last digit") { check_sum(1'000); }

TEST_CASE("a million random costs sum to the last digit", "[.][million]") { check_sum(1'000'000); }
