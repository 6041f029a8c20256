// Digests against published vectors.
#include "crypto/crc32.hpp"
#include "crypto/sha256.hpp"
#include "crypto/text_forms.hpp"

#include <catch2/catch.hpp>

#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace conclave::crypto;

namespace {

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

}  // namespace

TEST_CASE("SHA-256 gives the values of FIPS 180-4", "[sha256]") {
    CHECK(hex(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(hex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")) ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    CHECK(hex(sha256(std::string(1'000'000, 'a'))) ==
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("HMAC-SHA-256 gives the values of RFC 4231", "[sha256]") {
    CHECK(hex(hmac_sha256(bytes(std::string(20, '\x0b')), "Hi There")) ==
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    CHECK(hex(hmac_sha256(bytes("Jefe"), "what do ya want for nothing?")) ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK(hex(hmac_sha256(bytes(std::string(131, '\xaa')),
                          "Test Using Larger Than Block-Size Key - Hash Key First")) ==
          "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("an empty key is a key, not the one before", "[sha256]") {
    (void)hmac_sha256(bytes("Jefe"), "data");
    CHECK(hex(hmac_sha256({}, "")) ==
          "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST_CASE("threads digest at once", "[sha256]") {
    const auto expected = sha256("abc");
    const auto expected_mac = hmac_sha256(bytes("key"), "abc");
    std::vector<int> wrong(4);
    {
        std::vector<std::jthread> threads;
        for (auto& mine : wrong)
            threads.emplace_back([&mine, &expected, &expected_mac] {
                for (int i = 0; i < 1'000; ++i)
                    if (sha256("abc") != expected ||
                        hmac_sha256(bytes("key"), "abc") != expected_mac)
                        ++mine;
            });
    }
    CHECK(wrong == std::vector<int>(4, 0));
}

TEST_CASE("comparison looks at every byte and at the size", "[sha256]") {
    const auto a = sha256("a");
    auto b = a;
    CHECK(constant_time_equal(a, b));
    for (auto& byte : b) {
        byte ^= std::byte{1};
        CHECK_FALSE(constant_time_equal(a, b));
        byte ^= std::byte{1};
    }
    CHECK_FALSE(constant_time_equal(a, std::span(b).first(31)));
    CHECK(constant_time_equal({}, {}));
}

TEST_CASE("CRC-32 gives the check value of its catalogue", "[crc32]") {
    CHECK(crc32("123456789") == 0xCBF43926);
    CHECK(crc32("") == 0);
    CHECK(crc32("a") == 0xE8B7BE43);
}
