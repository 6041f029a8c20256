// Breakers by route, and what they hear of attempts.
#include "calls/breaker_board.hpp"

#include <catch2/catch.hpp>

#include <chrono>

using namespace conclave;
using namespace conclave::calls;
using namespace std::chrono_literals;
using resilience::call_outcome;

namespace {

constexpr instant start{};

void fail_route(breaker_board& b, const route& r) {
    for (std::size_t i = 0; i < resilience::breaker::min_calls; ++i)
        b.report(*b.admit(r, start), call_outcome::failure, start);
}

}  // namespace

TEST_CASE("each route has a circuit of its own", "[breaker_board]") {
    breaker_board b;
    fail_route(b, {"a", "m"});
    CHECK_FALSE(b.admit({"a", "m"}, start));
    CHECK(b.admit({"a", "n"}, start));
    CHECK(b.admit({"a", ""}, start));
    CHECK(b.admit({"b", "m"}, start));
}

TEST_CASE("a provider is as bad as its worst route", "[breaker_board]") {
    breaker_board b;
    CHECK(b.state_of("a", start) == breaker_state::closed);
    b.admit({"a", "n"}, start);
    fail_route(b, {"a", "m"});
    CHECK(b.state_of("a", start) == breaker_state::open);
    CHECK(b.state_of("a", start + 30s) == breaker_state::half_open);
    const auto probe = b.admit({"a", "m"}, start + 30s);
    REQUIRE(probe);
    b.report(*probe, call_outcome::success, start + 30s);
    CHECK(b.state_of("a", start + 30s) == breaker_state::closed);
}

TEST_CASE("a provider whose name begins alike is another one", "[breaker_board]") {
    breaker_board b;
    fail_route(b, {"ab", "m"});
    fail_route(b, {"ab", ""});
    CHECK(b.state_of("a", start) == breaker_state::closed);
    CHECK(b.state_of("ab", start) == breaker_state::open);
}

TEST_CASE("a definite answer is success, a refusal says nothing, the rest is failure",
          "[breaker_board]") {
    const auto verdict = [](call_class outcome) {
        call_result r;
        r.outcome = outcome;
        return breaker_verdict(r);
    };
    CHECK(verdict(call_class::ok) == call_outcome::success);
    CHECK(verdict(call_class::final) == call_outcome::success);
    CHECK(verdict(call_class::refused) == call_outcome::abandoned);
    for (const auto c : {call_class::not_sent, call_class::server_error, call_class::ambiguous,
                         call_class::partial})
        CHECK(verdict(c) == call_outcome::failure);
}
