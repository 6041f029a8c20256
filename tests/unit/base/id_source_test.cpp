// Time-ordered identifiers.
#include "base/id_source.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace conclave;
using namespace std::chrono_literals;

namespace {

struct set_clock : conclave::clock {
    timestamp wall{};
    timestamp now() const override { return wall; }
    instant elapsed() const override { return {}; }
};

// Fills with one byte.
struct constant_source : random_source {
    explicit constant_source(int b) : byte(static_cast<std::byte>(b)) {}
    std::byte byte;
    int calls = 0;
    void fill(std::span<std::byte> out) override {
        ++calls;
        std::fill(out.begin(), out.end(), byte);
    }
};

}  // namespace

TEST_CASE("an id is a prefix and 26 digits of time and randomness", "[id]") {
    set_clock clock;
    constant_source random(0);
    id_source ids(clock, random);
    // The example of the ULID specification: this time is 01ARYZ6S41.
    clock.wall = timestamp{1'469'918'176'385ms};
    CHECK(ids.session().str() == "ses_01aryz6s410000000000000000");
    CHECK(ids.message().str() == "msg_01aryz6s410000000000000001");
    CHECK(random.calls == 1);
}

TEST_CASE("ids grow within a millisecond and when the clock steps back", "[id]") {
    set_clock clock;
    constant_source random(0x7F);
    id_source ids(clock, random);
    std::string last;
    for (const auto at : {5ms, 5ms, 5ms, 3ms, 0ms, -7ms, 6ms, 6ms}) {
        clock.wall = timestamp{at};
        const auto next = ids.request().str();
        CHECK(next > last);
        last = next;
    }
}

TEST_CASE("a used up millisecond carries into the next", "[id]") {
    set_clock clock;
    constant_source random(0xFF);
    id_source ids(clock, random);
    const auto first = ids.send().str();
    const auto second = ids.send().str();
    CHECK(first == "snd_0000000000zzzzzzzzzzzzzzzz");
    CHECK(second == "snd_0000000001zzzzzzzzzzzzzzzz");
}

TEST_CASE("threads never get the same id", "[id]") {
    set_clock clock;
    constant_source random(1);
    id_source ids(clock, random);
    std::vector<std::vector<std::string>> given(4);
    {
        std::vector<std::jthread> threads;
        for (auto& mine : given)
            threads.emplace_back([&ids, &mine] {
                for (int i = 0; i < 1'000; ++i) mine.push_back(ids.usage().str());
            });
    }
    std::set<std::string> all;
    for (const auto& mine : given) {
        CHECK(std::is_sorted(mine.begin(), mine.end()));
        all.insert(mine.begin(), mine.end());
    }
    CHECK(all.size() == 4'000);
}
