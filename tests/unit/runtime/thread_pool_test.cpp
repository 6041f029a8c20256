// Threads that take tasks, clocks that are moved and work that is counted.
#include "runtime/thread_pool.hpp"

#include "runtime/clocks.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <future>
#include <string>
#include <thread>

using namespace conclave;
using namespace conclave::runtime;

TEST_CASE("one thread runs its tasks in order", "[thread_pool]") {
    std::string ran;
    thread_pool pool(1, nullptr);
    for (const char name : {'a', 'b', 'c'}) pool.run([&ran, name] { ran += name; });
    pool.stop();
    CHECK(ran == "abc");
}

TEST_CASE("stopping runs what is queued first", "[thread_pool]") {
    std::atomic<int> ran = 0;
    std::promise<void> gate;
    const auto opened = gate.get_future().share();
    thread_pool pool(2, nullptr);
    for (int i = 0; i < 2; ++i)
        pool.run([&ran, opened] {
            opened.wait();
            ++ran;
        });
    for (int i = 0; i < 100; ++i) pool.run([&] { ++ran; });
    CHECK(ran == 0);
    gate.set_value();
    pool.stop();
    CHECK(ran == 102);
}

TEST_CASE("a task is never run inside the call, also from a task", "[thread_pool]") {
    std::string order;
    thread_pool pool(1, nullptr);
    pool.run([&] {
        pool.run([&] { order += 'b'; });
        order += 'a';
    });
    pool.stop();
    CHECK(order == "ab");
}

TEST_CASE("several threads work at the same time", "[thread_pool]") {
    thread_pool pool(2, nullptr);
    std::promise<void> first;
    std::promise<void> second;
    // Each waits for the other: one thread alone would never end.
    pool.run([&] {
        first.set_value();
        second.get_future().wait();
    });
    pool.run([&] {
        first.get_future().wait();
        second.set_value();
    });
    pool.stop();
    SUCCEED();
}

TEST_CASE("a pool knows its own threads", "[thread_pool]") {
    bool inside = false;
    thread_pool pool(1, nullptr);
    CHECK_FALSE(pool.on_thread());
    pool.run([&] { inside = pool.on_thread(); });
    pool.stop();
    CHECK(inside);
}

TEST_CASE("queued tasks count as work until they have ended", "[thread_pool]") {
    activity work;
    std::atomic<int> ran = 0;
    thread_pool pool(1, &work);
    for (int i = 0; i < 10; ++i) pool.run([&] { ++ran; });
    work.wait_until_idle();
    CHECK(ran == 10);
}

TEST_CASE("work that begins inside other work keeps the count up", "[activity]") {
    activity work;
    work.begin();
    work.begin();
    work.end();
    std::atomic<bool> idle = false;
    std::promise<void> waiting;
    std::thread waiter([&] {
        waiting.set_value();
        work.wait_until_idle();
        idle = true;
    });
    waiting.get_future().wait();
    CHECK_FALSE(idle);
    work.end();
    waiter.join();
    CHECK(idle);
}

TEST_CASE("a virtual clock moves when told, never back", "[clock]") {
    using namespace std::chrono_literals;
    virtual_clock clock(timestamp(1h));
    CHECK(clock.now() == timestamp(1h));
    const auto start = clock.elapsed();
    clock.move_to(start + 1'500us);
    CHECK(clock.elapsed() == start + 1'500us);
    CHECK(clock.now() == timestamp(1h + 1ms));
    clock.move_to(start);
    CHECK(clock.elapsed() == start + 1'500us);
}

TEST_CASE("the machine's clocks go forward and agree with the standard library", "[clock]") {
    system_clock clock;
    const auto wall = std::chrono::system_clock::now();
    const auto elapsed = clock.elapsed();
    CHECK(clock.now() >= std::chrono::floor<std::chrono::milliseconds>(wall));
    CHECK(clock.elapsed() >= elapsed);
}
