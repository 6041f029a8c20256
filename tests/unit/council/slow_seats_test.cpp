// Which seats a council is warned of.
#include "council/slow_seats.hpp"

#include <catch2/catch.hpp>

using namespace conclave;
using namespace conclave::council;

namespace {

terms terms_of(council_options o) {
    terms t;
    t.options = std::move(o);
    t.table = set_table(t.options);
    return t;
}

council_options four_seats() {
    return {.members = {{"v1/m"}, {"v2/m"}}, .critics = {.extra = {"v3/m"}}, .synthesizer = "v4/m"};
}

/// One model that takes so long in a stage.
latency_book knowing(const route& r, std::string_view stage, std::int64_t ms) {
    latency_book book;
    for (std::size_t i = 0; i < latency_samples_min; ++i) book.note(r, stage, {ms}, 1);
    return book;
}

std::vector<std::size_t> slow_in(const council_options& o, const latency_book& book) {
    std::vector<std::size_t> seats;
    for (const auto& s : find_slow_seats(terms_of(o), book)) seats.push_back(s.seat);
    return seats;
}

}  // namespace

TEST_CASE("a seat is slow beyond the share of its stage, and not at it") {
    CHECK(slow_in(four_seats(), knowing({"v2", "m"}, "generate", 54'000)).empty());
    CHECK(slow_in(four_seats(), knowing({"v2", "m"}, "generate", 54'001)) ==
          std::vector<std::size_t>{1});
    CHECK(slow_in(four_seats(), knowing({"v3", "m"}, "critique", 30'000)).empty());
    const auto book = knowing({"v3", "m"}, "critique", 30'001);
    const auto slow = find_slow_seats(terms_of(four_seats()), book);
    REQUIRE(slow.size() == 1);
    CHECK(slow[0].seat == 2);
    CHECK(slow[0].stage == stage::critique);
    CHECK(slow[0].p95_ms == 30'001);
    CHECK(slow[0].share_ms == 30'000);
    CHECK(slow_in(four_seats(), knowing({"v4", "m"}, "synthesis", 36'000)).empty());
    CHECK(slow_in(four_seats(), knowing({"v4", "m"}, "synthesis", 36'001)) ==
          std::vector<std::size_t>{3});
}

TEST_CASE("only what a seat is asked for counts") {
    CHECK(slow_in(four_seats(), knowing({"v3", "m"}, "generate", 90'000)).empty());
    CHECK(slow_in(four_seats(), knowing({"v1", "m"}, "synthesis", 90'000)).empty());
    auto o = four_seats();
    o.critics.members = false;
    CHECK(slow_in(o, knowing({"v1", "m"}, "critique", 90'000)).empty());
    o.synthesizer = "auto";
    CHECK(slow_in(o, knowing({"v1", "m"}, "synthesis", 90'000)) == std::vector<std::size_t>{0});
    o.mode = council_mode::select;
    CHECK(slow_in(o, knowing({"v1", "m"}, "synthesis", 90'000)).empty());
}

TEST_CASE("who waits for all gives the answers the time of the scores too") {
    auto o = four_seats();
    o.straggler.mode = straggler_mode::wait_all;
    CHECK(slow_in(o, knowing({"v1", "m"}, "generate", 84'000)).empty());
    CHECK(slow_in(o, knowing({"v1", "m"}, "generate", 84'001)) == std::vector<std::size_t>{0});
}
