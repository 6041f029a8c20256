// Bytes as text and back.
#include "crypto/text_forms.hpp"

#include "unit/test_seed.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

using namespace conclave::crypto;

namespace {

std::vector<std::byte> repeated(std::size_t size, int byte) {
    return std::vector<std::byte>(size, static_cast<std::byte>(byte));
}

}  // namespace

TEST_CASE("base 62 has a fixed width for a number of bytes", "[base62]") {
    CHECK(base62_encode({}).empty());
    CHECK(base62_encode(repeated(1, 0)) == "00");
    CHECK(base62_encode(repeated(1, 61)) == "0z");
    CHECK(base62_encode(repeated(1, 62)) == "10");
    CHECK(base62_encode(repeated(1, 255)) == "47");
    CHECK(base62_encode(repeated(4, 255)) == "4gfFC3");
    CHECK(base62_encode(repeated(32, 0)) == std::string(43, '0'));
    CHECK(base62_encode(repeated(32, 255)).size() == 43);
}

TEST_CASE("base 62 refuses what it does not give", "[base62]") {
    std::array<std::byte, 4> out{};
    CHECK(base62_decode("4gfFC3", out));
    CHECK(std::all_of(out.begin(), out.end(), [](std::byte b) { return b == std::byte{255}; }));
    for (const auto* text : {"4gfFC4", "zzzzzz", "4gfFC", "4gfFC30", "", "4gf-C3", "4gfFC "}) {
        CAPTURE(text);
        CHECK_FALSE(base62_decode(text, out));
    }
}

TEST_CASE("random bytes survive base 62", "[base62]") {
    const auto seed = conclave::test::test_seed();
    CAPTURE(seed);
    std::mt19937 random(seed);
    for (int i = 0; i < 5'000; ++i) {
        std::vector<std::byte> data(random() % 65);
        for (auto& byte : data) byte = static_cast<std::byte>(random());
        if (!data.empty() && i % 3 == 0) data.front() = std::byte{0};
        std::vector<std::byte> back(data.size());
        REQUIRE(base62_decode(base62_encode(data), back));
        REQUIRE(back == data);
    }
}

TEST_CASE("hexadecimal", "[hex]") {
    const std::byte data[] = {std::byte{0}, std::byte{0x7F}, std::byte{0xA0}, std::byte{0xFF}};
    CHECK(hex(data) == "007fa0ff");
    CHECK(hex({}).empty());
}
