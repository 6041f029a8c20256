// Tasks that waited together, and whom they wake.
#include "runtime/io_loop.hpp"

#include "base/burst.hpp"

#include <asio/post.hpp>
#include <catch2/catch.hpp>

#include <functional>
#include <future>
#include <string>

using namespace conclave;
using namespace conclave::runtime;

namespace {

/// 't' for each of so many tasks that waited together, 'e' for what each left for the end.
std::string run_together(int tasks) {
    const system_clock clock;
    activity work;
    io_loop loop(clock, nullptr, work);
    std::string order;
    std::promise<void> over;
    for (int i = 1; i <= tasks; ++i)
        loop.post([&, last = i == tasks] {
            order += burst::runs_here() ? 't' : '-';
            burst::at_end([&, last] {
                order += 'e';
                if (last) over.set_value();
            });
        });
    loop.start();
    over.get_future().wait();
    loop.stop();
    return order;
}

}  // namespace

TEST_CASE("tasks that waited together leave what they can for their end", "[io_loop]") {
    CHECK(run_together(1) == "te");
    CHECK(run_together(5) == "ttttteeeee");
}

TEST_CASE("nobody is told later than after 32 tasks", "[io_loop]") {
    const auto all = [](char c) { return std::string(32, c); };
    CHECK(run_together(32) == all('t') + all('e'));
    CHECK(run_together(33) == all('t') + all('e') + "te");
}

TEST_CASE("what a task posts runs before sockets are looked at, 32 tasks long", "[io_loop]") {
    constexpr int tasks = 100;
    const system_clock clock;
    activity work;
    io_loop loop(clock, nullptr, work);
    int ran = 0;
    int before_sockets = 0;
    std::promise<void> over;
    const std::function<void()> next = [&] {
        if (++ran == 1) asio::post(loop.context(), [&] { before_sockets = ran; });
        if (ran < tasks)
            loop.post([&] { next(); });
        else
            over.set_value();
    };
    loop.post([&] { next(); });
    loop.start();
    over.get_future().wait();
    loop.stop();
    CHECK(before_sockets == 32);
}
