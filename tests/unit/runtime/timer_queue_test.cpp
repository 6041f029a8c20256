// The order of timers.
#include "runtime/timer_queue.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <string>

using namespace conclave;
using namespace conclave::runtime;
using namespace std::chrono_literals;

namespace {

constexpr instant start{1h};

struct written_down {
    executor::timer_id add(instant at, char name) {
        return queue.add(at, [this, name] { ran += name; });
    }
    void run_due(instant now) {
        while (auto task = queue.take_due(now)) (*task)();
    }

    std::string ran;
    timer_queue queue;
};

}  // namespace

TEST_CASE("timers run by time, then in the order they were set", "[timer_queue]") {
    written_down w;
    w.add(start + 2ms, 'c');
    w.add(start + 1ms, 'a');
    w.add(start + 2ms, 'd');
    w.add(start + 1ms, 'b');
    CHECK(w.queue.next() == start + 1ms);
    w.run_due(start + 2ms);
    CHECK(w.ran == "abcd");
    CHECK(w.queue.empty());
    CHECK_FALSE(w.queue.next());
}

TEST_CASE("a timer is due at its time, not a microsecond before", "[timer_queue]") {
    written_down w;
    w.add(start, 'a');
    CHECK_FALSE(w.queue.take_due(start - 1us));
    CHECK(w.queue.take_due(start));
    CHECK_FALSE(w.queue.take_due(start + 1h));
}

TEST_CASE("a removed timer does not run, and its neighbours do", "[timer_queue]") {
    written_down w;
    w.add(start, 'a');
    const auto removed = w.add(start, 'b');
    w.add(start, 'c');
    w.queue.remove(removed);
    w.queue.remove(removed);
    w.run_due(start);
    CHECK(w.ran == "ac");
}

TEST_CASE("ids are never 0 and never given twice; unknown ones are ignored", "[timer_queue]") {
    written_down w;
    const auto first = w.add(start, 'a');
    w.run_due(start);
    const auto second = w.add(start, 'b');
    CHECK(first != 0);
    CHECK(second != first);
    w.queue.remove(first);  // has run
    w.queue.remove(0);
    w.queue.remove(second + 1);
    w.run_due(start);
    CHECK(w.ran == "ab");
}

TEST_CASE("a timer may set and remove others while it runs", "[timer_queue]") {
    written_down w;
    executor::timer_id doomed = 0;
    w.queue.add(start, [&] {
        w.queue.remove(doomed);
        w.add(start, 'n');
    });
    doomed = w.add(start, 'x');
    w.run_due(start);
    CHECK(w.ran == "n");
}
