// The retry schedule, at every border of every jitter.
#include "resilience/retry.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <random>

using namespace conclave;
using namespace conclave::resilience;

namespace {

resolved_policy schedule(std::int64_t base, double factor, std::int64_t cap, jitter_mode jitter) {
    resolved_policy p;
    p.base_delay_ms = base;
    p.factor = factor;
    p.max_delay_ms = cap;
    p.jitter = jitter;
    return p;
}

}  // namespace

TEST_CASE("without jitter the delay grows by the factor up to the cap", "[retry]") {
    const auto p = schedule(200, 2, 8'000, jitter_mode::none);
    CHECK(retry_delay_ms(p, 1, 123) == 200);
    CHECK(retry_delay_ms(p, 2, 456) == 400);
    CHECK(retry_delay_ms(p, 3, 789) == 800);
    CHECK(retry_delay_ms(p, 6, 0) == 6'400);
    CHECK(retry_delay_ms(p, 7, 0) == 8'000);
    CHECK(retry_delay_ms(p, 1'000'000, 0) == 8'000);
    CHECK(retry_delay_ms(schedule(100, 1.5, 1'000, jitter_mode::none), 3, 0) == 225);
    CHECK(retry_delay_ms(schedule(300, 1, 1'000, jitter_mode::none), 9, 0) == 300);
    CHECK(retry_delay_ms(schedule(500, 2, 100, jitter_mode::none), 1, 0) == 100);
    CHECK(retry_delay_ms(schedule(0, 2, 100, jitter_mode::none), 5, 0) == 0);
    CHECK(retry_delay_ms(schedule(86'400'000, 100, 86'400'000, jitter_mode::none), 10, 0) ==
          86'400'000);
}

TEST_CASE("jitter reaches both ends of its range and nothing beyond", "[retry]") {
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    struct range {
        std::int64_t delay;
        jitter_mode jitter;
        std::int64_t low;
    };
    for (const auto& [delay, jitter, low] : {
             range{500, jitter_mode::full, 100},    // the floor of 100 ms
             range{1'000, jitter_mode::full, 100},  // both floors meet
             range{1'010, jitter_mode::full, 101},  // a tenth
             range{100, jitter_mode::full, 100},
             range{60, jitter_mode::full, 60},  // never more than the delay itself
             range{0, jitter_mode::full, 0},
             range{500, jitter_mode::equal, 250},
             range{5, jitter_mode::equal, 3},
             range{0, jitter_mode::equal, 0},
         }) {
        CAPTURE(delay, low);
        const auto p = schedule(delay, 2, 8'000, jitter);
        const auto choices = static_cast<std::uint64_t>(delay - low) + 1;
        CHECK(retry_delay_ms(p, 1, 0) == low);
        CHECK(retry_delay_ms(p, 1, choices - 1) == delay);
        for (int i = 0; i < 1'000; ++i) {
            const auto ms = retry_delay_ms(p, 1, random());
            REQUIRE(ms >= low);
            REQUIRE(ms <= delay);
        }
    }
}

TEST_CASE("a wait that the provider asks for replaces our own delay", "[retry]") {
    const auto p = schedule(200, 2, 8'000, jitter_mode::none);
    CHECK(retry_wait_ms(p, 1, std::nullopt, 0) == 200);
    CHECK(retry_wait_ms(p, 1, 0, 0) == 200);
    CHECK(retry_wait_ms(p, 1, -5, 0) == 200);
    CHECK(retry_wait_ms(p, 1, 700, 0) == 700);
    CHECK(retry_wait_ms(p, 3, 700, 0) == 700);
    CHECK(retry_wait_ms(p, 1, p.max_retry_after_ms, 0) == 10'000);
    CHECK(retry_wait_ms(p, 1, p.max_retry_after_ms + 1, 0) == std::nullopt);
}
