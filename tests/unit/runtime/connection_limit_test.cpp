// Connections take half of the descriptors, up to their own limit.
#include "runtime/connection_limit.hpp"

#include "base/limits.hpp"

#include <catch2/catch.hpp>

#include <limits>

using namespace conclave;
using runtime::connections_for;

TEST_CASE("connections leave half of the descriptors to others") {
    constexpr auto most = limits::connections_per_host;
    CHECK(connections_for(0) == 1);
    CHECK(connections_for(3) == 1);
    CHECK(connections_for(1'024) == 512);
    CHECK(connections_for(2 * most - 1) == most - 1);
    CHECK(connections_for(2 * most) == most);
    CHECK(connections_for(2 * most + 2) == most);
    CHECK(connections_for(std::numeric_limits<std::uint64_t>::max()) == most);
    CHECK(runtime::connection_limit() >= 1);
    CHECK(runtime::connection_limit() <= most);
}
