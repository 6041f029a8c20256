// Blocks that are given out again.
#include "base/recycled_blocks.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>

using namespace conclave;

TEST_CASE("a block that was given back is given out again", "[recycled_blocks]") {
    recycled_blocks blocks(100, 2);
    void* const first = blocks.take();
    void* const second = blocks.take();
    CHECK(first != second);
    blocks.give_back(first);
    CHECK(blocks.kept() == 1);
    CHECK(blocks.take() == first);
    CHECK(blocks.kept() == 0);
    blocks.give_back(first);
    blocks.give_back(second);
}

TEST_CASE("no more blocks are kept than the limit", "[recycled_blocks]") {
    recycled_blocks blocks(100, 2);
    std::array<void*, 3> all{};
    for (auto& block : all) block = blocks.take();
    for (std::size_t i = 0; i < all.size(); ++i) {
        blocks.give_back(all[i]);
        CHECK(blocks.kept() == std::min<std::size_t>(i + 1, 2));
    }
}

TEST_CASE("a shared object lives in a recycled block and outlives the source",
          "[recycled_blocks]") {
    struct large {
        std::array<char, 5'000> bytes{};
        int number = 0;
    };
    auto blocks = std::make_shared<recycled_blocks>(sizeof(large) + 64, 1);
    auto one = std::allocate_shared<large>(recycling_allocator<large>(blocks));
    const auto* const place = one.get();
    one.reset();
    CHECK(blocks->kept() == 1);
    one = std::allocate_shared<large>(recycling_allocator<large>(blocks));
    CHECK(one.get() == place);
    CHECK(one->number == 0);
    blocks.reset();
    one->number = 1;
}

TEST_CASE("an object larger than the blocks comes from elsewhere", "[recycled_blocks]") {
    auto blocks = std::make_shared<recycled_blocks>(8, 1);
    std::allocate_shared<std::array<char, 100>>(recycling_allocator<std::array<char, 100>>(blocks))
        .reset();
    CHECK(blocks->kept() == 0);
}
