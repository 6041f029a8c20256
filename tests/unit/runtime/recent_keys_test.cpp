// Keys are remembered until others take their places.
#include "runtime/recent_keys.hpp"

#include <catch2/catch.hpp>

using conclave::runtime::recent_keys;

namespace {

using hash = std::array<std::byte, 32>;

hash hash_of(std::uint64_t place, std::uint64_t mark) {
    hash h{};
    std::memcpy(h.data(), &place, sizeof place);
    std::memcpy(h.data() + sizeof place, &mark, sizeof mark);
    return h;
}

}  // namespace

TEST_CASE("a key is new once, and again after another took its place") {
    recent_keys keys;
    CHECK_FALSE(keys.note(hash_of(1, 7)));
    CHECK(keys.note(hash_of(1, 7)));
    CHECK_FALSE(keys.note(hash_of(2, 7)));
    CHECK(keys.note(hash_of(1, 7)));
    CHECK_FALSE(keys.note(hash_of(1 + recent_keys::places, 8)));
    CHECK_FALSE(keys.note(hash_of(1, 7)));
    CHECK(keys.note(hash_of(2, 7)));
}
