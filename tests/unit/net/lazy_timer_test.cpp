// A deadline that moves costs the executor nothing.
#include "net/lazy_timer.hpp"

#include "unit/net/manual_executor.hpp"

#include <catch2/catch.hpp>

#include <memory>

using namespace conclave;
using namespace conclave::net;

namespace {

struct timed {
    void advance(std::int64_t ms) {
        time.advance(ms);
        while (tasks.run_ready()) {
        }
    }
    instant in(std::int64_t ms) const { return time.elapsed() + std::chrono::milliseconds(ms); }

    manual_clock time;
    manual_executor tasks{time};
    int fired = 0;
    lazy_timer timer{tasks, time, [this] { ++fired; }};
};

}  // namespace

TEST_CASE("a deadline fires once, when it has passed") {
    timed t;
    t.timer.set(t.in(100));
    t.advance(99);
    CHECK(t.fired == 0);
    t.advance(1);
    CHECK(t.fired == 1);
    t.advance(1'000);
    CHECK(t.fired == 1);
}

TEST_CASE("a deadline that moves away does not touch the executor") {
    timed t;
    t.timer.set(t.in(100));
    for (int i = 0; i < 90; ++i) {
        t.advance(1);
        t.timer.set(t.in(100));
    }
    CHECK(t.tasks.timers_set == 1);
    t.advance(99);
    CHECK(t.fired == 0);
    CHECK(t.tasks.timers_set == 2);
    t.advance(1);
    CHECK(t.fired == 1);
}

TEST_CASE("an earlier deadline counts at once") {
    timed t;
    t.timer.set(t.in(100));
    t.timer.set(t.in(10));
    CHECK(t.tasks.timers_waiting() == 1);
    t.advance(10);
    CHECK(t.fired == 1);
}

TEST_CASE("a lifted deadline does not fire") {
    timed t;
    t.timer.set(t.in(10));
    t.timer.set(lazy_timer::never);
    t.advance(1'000);
    CHECK(t.fired == 0);
    t.timer.set(t.in(10));
    t.timer.cancel();
    CHECK(t.tasks.timers_waiting() == 0);
    t.advance(1'000);
    CHECK(t.fired == 0);
}

TEST_CASE("the call may end its timer") {
    manual_clock time;
    manual_executor tasks{time};
    std::unique_ptr<lazy_timer> timer;
    bool fired = false;
    timer = std::make_unique<lazy_timer>(tasks, time, [&] {
        timer.reset();
        fired = true;
    });
    timer->set(time.elapsed());
    CHECK(tasks.run_ready());
    CHECK(fired);
}
