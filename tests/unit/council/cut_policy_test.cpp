// Who is waited for, and until when.
#include "council/cut_policy.hpp"

#include "council/latency_book.hpp"
#include "unit/test_seed.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <random>

using namespace conclave;
using namespace conclave::council;

namespace {

const stage_limits own{straggler_mode::own_quantile, 54'000};

pending_seat silent(std::size_t seat, std::optional<std::int64_t> usual_ms) {
    return {seat, 0, usual_ms, {}};
}

}  // namespace

TEST_CASE("a stage with its quorum waits until every seat is past its own cut, then cuts all") {
    const std::vector<pending_seat> pending{silent(1, 12'000), silent(4, 20'000)};
    CHECK(decide_cuts(own, true, pending, 0) == cut_decision{{}, 20'000});
    CHECK(decide_cuts(own, true, pending, 19'999) == cut_decision{{}, 20'000});
    CHECK(decide_cuts(own, true, pending, 20'000).cuts ==
          std::vector<seat_cut>{{1, cut_reason::own_quantile}, {4, cut_reason::own_quantile}});
}

TEST_CASE("without a quorum nobody is cut before the deadline") {
    const std::vector<pending_seat> pending{silent(0, 6'000)};
    CHECK(decide_cuts(own, false, pending, 53'999) == cut_decision{{}, 54'000});
    CHECK(decide_cuts(own, false, pending, 54'000).cuts ==
          std::vector<seat_cut>{{0, cut_reason::deadline}});
}

TEST_CASE("a seat is given five seconds even if it is usually faster, counted from its own start") {
    CHECK(decide_cuts(own, true, {silent(0, 10)}, 4'999).cuts.empty());
    CHECK(decide_cuts(own, true, {silent(0, 10)}, 5'000).cuts.size() == 1);
    const pending_seat asked_late{0, 10'000, 6'000, {}};
    CHECK(decide_cuts(own, true, {asked_late}, 15'999).cuts.empty());
    CHECK(decide_cuts(own, true, {asked_late}, 16'000).cuts.size() == 1);
}

TEST_CASE("a seat of which too little is known is waited for until the deadline") {
    CHECK(decide_cuts(own, true, {silent(0, {})}, 53'999).cuts.empty());
    CHECK(decide_cuts(own, true, {silent(0, {})}, 54'000).cuts.size() == 1);
}

TEST_CASE("a seat that speaks is cut at the deadline, or thirty seconds after it fell silent") {
    const pending_seat speaking{2, 0, 6'000, 10'000};
    CHECK(decide_cuts(own, true, {speaking}, 39'999) == cut_decision{{}, 40'000});
    CHECK(decide_cuts(own, true, {speaking}, 40'000).cuts ==
          std::vector<seat_cut>{{2, cut_reason::stall}});
    CHECK(decide_cuts(own, false, {speaking}, 40'000).cuts.size() == 1);
}

TEST_CASE("a seat that never begins to speak fails after a minute, quorum or not") {
    const stage_limits long_stage{straggler_mode::wait_all, 300'000};
    CHECK(decide_cuts(long_stage, false, {silent(0, {})}, 59'999) == cut_decision{{}, 60'000});
    CHECK(decide_cuts(long_stage, false, {silent(0, {})}, 60'000).cuts ==
          std::vector<seat_cut>{{0, cut_reason::stall}});
}

TEST_CASE("the other modes know no own cut") {
    for (const auto mode : {straggler_mode::wait_all, straggler_mode::deadline})
        CHECK(decide_cuts({mode, 54'000}, true, {silent(0, 6'000)}, 53'999).cuts.empty());
}

TEST_CASE("quantiles need twenty samples and forget the oldest after 256") {
    latency_book book;
    const route r{"vendorA", "m1"};
    for (std::int64_t i = 1; i < 20; ++i) book.note(r, "generate", {i * 100}, 54'000);
    CHECK_FALSE(book.quantile(r, "generate", 0.99));
    book.note(r, "generate", {9'000}, 54'000);
    CHECK(book.quantile(r, "generate", 0.99) == 9'000);
    CHECK(book.quantile(r, "generate", 0.5) == 1'000);
    CHECK_FALSE(book.quantile(r, "critique", 0.5));
    CHECK_FALSE(book.quantile({"vendorA", "m2"}, "generate", 0.5));
    for (std::size_t i = 0; i < latency_samples; ++i) book.note(r, "generate", {7}, 54'000);
    CHECK(book.quantile(r, "generate", 1.0) == 7);
}

TEST_CASE("a call that was cut counts as a quarter longer") {
    latency_book book;
    const route r{"vendorA", "m1"};
    for (int i = 0; i < 19; ++i) book.note(r, "generate", {1'000}, 54'000);
    book.note(r, "generate", {1'000, true}, 54'000);
    CHECK(book.quantile(r, "generate", 0.95) == 1'000);
    CHECK(book.quantile(r, "generate", 1.0) == 1'250);
}

// Taken at their word, cuts would bring the 99th percentile down to about the 95th.
TEST_CASE("cutting by a quantile leaves the quantile where it was") {
    const auto seed = test::test_seed();
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    std::lognormal_distribution<double> usual(std::log(9'000.0), 0.4);
    std::uniform_real_distribution<double> chance(0, 1);
    latency_book book;
    const route r{"vendorA", "m1"};
    constexpr int calls = 40'000;
    int cut = 0;
    for (int i = 0; i < calls; ++i) {
        const double tail = chance(random) < 0.03 ? 2 / std::pow(1 - chance(random), 1 / 1.2) : 1;
        const auto ms = static_cast<std::int64_t>(std::min(usual(random) * tail, 54'000.0));
        const auto until = book.quantile(r, "generate", 0.99).value_or(54'000);
        if (i > calls / 4 && ms > until) ++cut;
        book.note(r, "generate", {std::min(ms, until), ms > until}, 54'000);
    }
    CHECK(cut < calls * 3 / 4 * 0.02);
    CHECK(cut > calls * 3 / 4 * 0.007);
}

TEST_CASE("models that take longer than their last council gave them are told") {
    latency_book book;
    const route fast{"vendorA", "m1"};
    const route slow{"vendorB", "m2"};
    for (int i = 0; i < 19; ++i) book.note(slow, "generate", {54'001}, 54'000);
    for (int i = 0; i < 20; ++i) book.note(fast, "generate", {54'000}, 54'000);
    CHECK(book.slow_routes().empty());
    book.note(slow, "generate", {1}, 54'000);
    REQUIRE(book.slow_routes().size() == 1);
    CHECK(book.slow_routes()[0].target == slow);
    CHECK(book.slow_routes()[0].stage == "generate");
    CHECK(book.slow_routes()[0].p95_ms == 54'001);
    CHECK(book.slow_routes()[0].share_ms == 54'000);
    book.note(slow, "generate", {1}, 54'001);
    CHECK(book.slow_routes().empty());
}
