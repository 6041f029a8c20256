// The text of API keys: made, read back, and told from anything else.
#include "tenancy/api_key_text.hpp"

#include "crypto/sha256.hpp"
#include "simulation/dice.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>

using namespace conclave;
using namespace conclave::tenancy;

namespace {

const api_key_id key_id("key_01jd0000000000000000000000");

std::string a_key(std::string_view prefix = default_key_prefix, std::uint64_t seed = 1) {
    simulation::seeded_random random(seed);
    return make_key_text(prefix, key_id, random);
}

}  // namespace

TEST_CASE("a key text is prefix, id, secret and checksum", "[api_key]") {
    const auto text = a_key();
    CHECK(text.starts_with("cnv_live_01jd0000000000000000000000_"));
    CHECK(text.size() == 8 + 1 + 26 + 1 + 43 + 6);
    CHECK(std::all_of(text.begin() + 36, text.end(), [](unsigned char c) { return c < 0x7f; }));
    CHECK(a_key(default_key_prefix, 2) != text);
    CHECK(a_key(default_key_prefix, 1) == text);
}

TEST_CASE("the id is read back from any prefix", "[api_key]") {
    for (const auto& prefix :
         {std::string("x"), std::string("cnv_live"), std::string("_"), std::string(32, 'p')})
        CHECK(read_key_text(a_key(prefix)) == key_id);
}

TEST_CASE("a prefix is 1 to 32 of a-z, 0-9 and _", "[api_key]") {
    for (const auto& good : {std::string("a"), std::string("cnv_live_2"), std::string(32, 'z')})
        CHECK(check_key_prefix(good));
    for (const auto& bad : {std::string(), std::string(33, 'z'), std::string("Cnv"),
                            std::string("a-b"), std::string("a b"), std::string("\xc3\xa9")}) {
        const auto checked = check_key_prefix(bad);
        REQUIRE_FALSE(checked);
        CHECK(checked.error().details == std::vector<error_detail>{{"field", "api_key_prefix"}});
    }
}

TEST_CASE("no mistyped character and no missing one is let through", "[api_key]") {
    const auto text = a_key();
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto changed = text;
        changed[i] = changed[i] == 'a' ? 'b' : 'a';
        REQUIRE_FALSE(read_key_text(changed));
        auto shorter = text;
        shorter.erase(i, 1);
        REQUIRE_FALSE(read_key_text(shorter));
    }
    CHECK_FALSE(read_key_text(text + "0"));
    CHECK_FALSE(read_key_text(" " + text));
}

TEST_CASE("other texts are no keys", "[api_key]") {
    for (const auto& text : {std::string(), std::string("cnv_live_"), std::string(85, 'a'),
                             std::string(85, '\0'), std::string(1 << 20, 'a')})
        CHECK_FALSE(read_key_text(text));
    CHECK_FALSE(read_key_text(a_key("")));                    // no prefix at all
    CHECK_FALSE(read_key_text(a_key(std::string(33, 'p'))));  // one past its limit
}

TEST_CASE("the digest is of the whole text", "[api_key]") {
    const auto text = a_key();
    CHECK(key_digest(text) == crypto::sha256(text));
    CHECK(key_digest(text) != key_digest(text.substr(1)));
}
