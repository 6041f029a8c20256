// The circuit breaker at every border, time handed in.
#include "resilience/breaker.hpp"

#include <catch2/catch.hpp>

#include <chrono>

using namespace conclave;
using namespace conclave::resilience;
using namespace std::chrono_literals;

namespace {

constexpr instant start{};

void call(breaker& b, instant now, call_outcome outcome) {
    const auto permit = b.admit(now);
    REQUIRE(permit);
    b.report(*permit, outcome, now);
}

breaker opened(instant now) {
    breaker b;
    for (std::size_t i = 0; i < breaker::min_calls; ++i) call(b, now, call_outcome::failure);
    REQUIRE(b.state(now) == breaker_state::open);
    return b;
}

}  // namespace

TEST_CASE("the fifth failure opens, not the fourth", "[breaker]") {
    breaker b;
    for (int i = 0; i < 4; ++i) call(b, start, call_outcome::failure);
    CHECK(b.state(start) == breaker_state::closed);
    call(b, start, call_outcome::failure);
    CHECK(b.state(start) == breaker_state::open);
    CHECK_FALSE(b.admit(start));
    CHECK(b.opens_until() == start + 30s);
}

TEST_CASE("half of the calls must fail", "[breaker]") {
    breaker b;
    for (int i = 0; i < 4; ++i) call(b, start, call_outcome::success);
    for (int i = 0; i < 3; ++i) call(b, start, call_outcome::failure);
    CHECK(b.state(start) == breaker_state::closed);  // 3 of 7
    call(b, start, call_outcome::failure);
    CHECK(b.state(start) == breaker_state::open);  // 4 of 8
}

TEST_CASE("a success never opens", "[breaker]") {
    breaker b;
    for (int i = 0; i < 4; ++i) call(b, start, call_outcome::failure);
    call(b, start, call_outcome::success);
    CHECK(b.state(start) == breaker_state::closed);
}

TEST_CASE("abandoned calls do not count", "[breaker]") {
    breaker b;
    for (int i = 0; i < 4; ++i) call(b, start, call_outcome::failure);
    for (int i = 0; i < 20; ++i) call(b, start, call_outcome::abandoned);
    CHECK(b.state(start) == breaker_state::closed);
    call(b, start, call_outcome::failure);
    CHECK(b.state(start) == breaker_state::open);
}

TEST_CASE("outcomes leave the window after 30 seconds", "[breaker]") {
    for (const bool inside : {true, false}) {
        breaker b;
        for (int i = 0; i < 4; ++i) call(b, start, call_outcome::failure);
        const auto later = start + 30s - (inside ? 1us : 0us);
        call(b, later, call_outcome::failure);
        CHECK((b.state(later) == breaker_state::open) == inside);
    }
}

TEST_CASE("only the latest outcomes are kept", "[breaker]") {
    breaker b;
    for (std::size_t i = 0; i < breaker::max_outcomes; ++i) call(b, start, call_outcome::success);
    for (std::size_t i = 1; i < breaker::max_outcomes / 2; ++i)
        call(b, start, call_outcome::failure);
    CHECK(b.state(start) == breaker_state::closed);
    call(b, start, call_outcome::failure);
    CHECK(b.state(start) == breaker_state::open);
}

TEST_CASE("after 30 seconds one probe passes", "[breaker]") {
    auto b = opened(start);
    CHECK(b.state(start + 30s - 1us) == breaker_state::open);
    CHECK_FALSE(b.admit(start + 30s - 1us));
    CHECK(b.state(start + 30s) == breaker_state::half_open);
    CHECK(b.admit(start + 30s));
    CHECK_FALSE(b.admit(start + 30s));
    CHECK_FALSE(b.admit(start + 300s));
    CHECK(b.state(start + 300s) == breaker_state::half_open);
}

TEST_CASE("the probe's success closes with a clean window", "[breaker]") {
    auto b = opened(start);
    call(b, start + 30s, call_outcome::success);
    CHECK(b.state(start + 30s) == breaker_state::closed);
    CHECK(b.opens_until() == std::nullopt);
    for (int i = 0; i < 4; ++i) call(b, start + 30s, call_outcome::failure);
    CHECK(b.state(start + 30s) == breaker_state::closed);
}

TEST_CASE("the probe's failure opens for another 30 seconds from then", "[breaker]") {
    auto b = opened(start);
    const auto probe = b.admit(start + 30s);
    b.report(*probe, call_outcome::failure, start + 35s);
    CHECK(b.opens_until() == start + 65s);
    CHECK_FALSE(b.admit(start + 65s - 1us));
    CHECK(b.admit(start + 65s));
}

TEST_CASE("an abandoned probe gives its place back", "[breaker]") {
    auto b = opened(start);
    call(b, start + 30s, call_outcome::abandoned);
    CHECK(b.state(start + 30s) == breaker_state::half_open);
    CHECK(b.admit(start + 30s));
    CHECK_FALSE(b.admit(start + 30s));
}

TEST_CASE("calls from before a change of state say nothing", "[breaker]") {
    breaker b;
    const auto early = b.admit(start);
    for (int i = 0; i < 5; ++i) call(b, start, call_outcome::failure);
    b.report(*early, call_outcome::success, start);
    CHECK(b.state(start) == breaker_state::open);
    const auto probe = b.admit(start + 30s);
    b.report(*early, call_outcome::success, start + 30s);
    CHECK(b.state(start + 30s) == breaker_state::half_open);
    b.report(*probe, call_outcome::success, start + 30s);
    for (int i = 0; i < 10; ++i) b.report(*early, call_outcome::failure, start + 30s);
    CHECK(b.state(start + 30s) == breaker_state::closed);
}
