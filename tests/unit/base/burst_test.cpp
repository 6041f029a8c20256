// What tasks that run together leave for their end.
#include "base/burst.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <thread>

using namespace conclave;

TEST_CASE("what is left for the end of a burst runs there, in order", "[burst]") {
    std::string order;
    CHECK_FALSE(burst::runs_here());
    {
        const burst together;
        CHECK(burst::runs_here());
        burst::at_end([&] { order += burst::runs_here() ? "wrong" : "3"; });
        burst::at_end([&] { order += "4"; });
        order += "12";
    }
    CHECK(order == "1234");
    CHECK_FALSE(burst::runs_here());
}

TEST_CASE("a burst is one thread's own", "[burst]") {
    const burst together;
    bool elsewhere = true;
    std::thread([&] { elsewhere = burst::runs_here(); }).join();
    CHECK_FALSE(elsewhere);
}
