// Price versions.
#include "ledger_fixture.hpp"

using namespace conclave;
using namespace conclave::store;
using namespace conclave::store::test;

namespace {

price_version blended(ledger& l, const std::string& usd, int day) {
    return {price_id(l.id("prc")), "vendorB", "*", usd, {}, on_day(day), l.now};
}

}  // namespace

TEST_CASE("unchanged values make no new version", "[store]") {
    ledger l;
    const auto first = blended(l, "0.002", 0);
    CHECK(l.run(set_price{first}).version.id == first.id);
    CHECK(l.run(set_price{blended(l, "0.0020", 1)}).version.id == first.id);
    const auto dearer = blended(l, "0.003", 5);
    CHECK(l.run(set_price{dearer}).version.id == dearer.id);
    // Before the dearer one is in force the first still is, so this changes nothing ...
    CHECK(l.run(set_price{blended(l, "0.002", 2)}).version.id == first.id);
    // ... and this does.
    const auto soon = blended(l, "0.003", 2);
    CHECK(l.run(set_price{soon}).version.id == soon.id);
    CHECK(l.ask(list_prices{"vendorB"}).versions.size() == 3);
}

TEST_CASE("the generation moves with every new version and with no other", "[store]") {
    ledger l;
    const auto generation = l.ask(list_prices{}).generation;
    l.run(set_price{blended(l, "1", 0)});
    CHECK(l.ask(list_prices{}).generation == generation + 1);
    l.run(set_price{blended(l, "1", 0)});
    CHECK(l.ask(list_prices{}).generation == generation + 1);
}

TEST_CASE("a price per million comes back as it was set", "[store]") {
    ledger l;
    auto v = blended(l, "", 0);
    v.usd_per_1k_tokens.reset();
    v.usd_per_million = new_price::per_million{"0.15", "0.6", "0.075", {}, "0.7", "0.000000001"};
    l.run(set_price{v});
    const auto stored = l.ask(list_prices{"vendorB"}).versions.at(0);
    REQUIRE(stored.usd_per_million);
    CHECK(stored.usd_per_million->input == "0.15");
    CHECK(stored.usd_per_million->output == "0.6");
    CHECK(stored.usd_per_million->cached_input == "0.075");
    CHECK_FALSE(stored.usd_per_million->cache_write);
    CHECK(stored.usd_per_million->reasoning == "0.7");
    CHECK(stored.usd_per_million->request == "0.000000001");
    CHECK_FALSE(stored.usd_per_1k_tokens);
    CHECK(stored.effective_from == on_day(0));
}

TEST_CASE("tiers come back as they were set, and unchanged ones make no version", "[store]") {
    ledger l;
    auto v = blended(l, "", 0);
    v.usd_per_1k_tokens.reset();
    auto& p = v.usd_per_million.emplace(new_price::per_million{"2", "10"});
    p.cache_write_1h = "4";
    p.tiers = {{.above_tokens = 100, .input = "4", .output = "20", .cache_write_1h = "8"},
               {.above_tokens = 200, .input = "1000000", .output = "0", .cached_input = "0"}};
    p.service_tiers = {{"batch \"x\"", "0"}, {"flex", "0.5"}};
    l.run(set_price{v});
    const auto stored = l.ask(list_prices{"vendorB"}).versions.at(0);
    REQUIRE(stored.usd_per_million);
    const auto& back = *stored.usd_per_million;
    CHECK(back.cache_write_1h == "4");
    REQUIRE(back.tiers.size() == 2);
    CHECK(back.tiers[0].above_tokens == 100);
    CHECK(back.tiers[0].cache_write_1h == "8");
    CHECK_FALSE(back.tiers[0].cached_input);
    CHECK(back.tiers[1].input == "1000000");
    CHECK(back.tiers[1].cached_input == "0");
    CHECK(back.service_tiers == p.service_tiers);
    auto again = v;
    again.id = price_id(l.id("prc"));
    CHECK(l.run(set_price{again}).version.id == v.id);
    again.usd_per_million->service_tiers[1].second = "0.501";
    CHECK(l.run(set_price{again}).version.id == again.id);
}

TEST_CASE("many prices are set in their order", "[store]") {
    ledger l;
    const auto first = blended(l, "0.002", 0);
    const auto second = blended(l, "0.002", 1);
    const auto third = blended(l, "0.003", 2);
    const auto versions = l.run(load_prices{{first, second, third}}).versions;
    REQUIRE(versions.size() == 3);
    CHECK(versions[0].id == first.id);
    CHECK(versions[1].id == first.id);
    CHECK(versions[2].id == third.id);
}
