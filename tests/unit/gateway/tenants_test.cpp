// Tenants and their API keys, through the public API.
#include "house.hpp"

using namespace house;

TEST_CASE("a tenant is created, read, changed and listed newest first") {
    auto gw = open_in_memory();
    const auto acme =
        gw.tenants().create({.name = "Acme", .metadata = R"({"plan": "gold"})"}).value();
    CHECK(acme.id.str().starts_with("tnt_"));
    CHECK(acme.status == tenant_status::active);
    CHECK(to_iso8601(acme.created_at) == "2026-01-01T00:00:00.000Z");

    gw.advance(1).value();
    const auto globex = gw.tenants().create({.name = "Globex"}).value();
    CHECK(globex.metadata == "{}");

    const auto read = gw.tenants().get(acme.id).value();
    CHECK(read.name == "Acme");
    CHECK(read.metadata == R"({"plan": "gold"})");  // byte for byte
    CHECK(gw.tenant(acme.id).get().value().name == "Acme");

    const auto changed = gw.tenants().update(acme.id, {.name = "Acme Corporation"}).value();
    CHECK(changed.name == "Acme Corporation");
    CHECK(changed.metadata == R"({"plan": "gold"})");

    const auto newest = gw.tenants().list({.limit = 1}).value();
    REQUIRE(newest.items.size() == 1);
    CHECK(newest.items[0].id == globex.id);
    REQUIRE(newest.next_cursor);
    const auto rest = gw.tenants().list({.limit = 1, .cursor = newest.next_cursor}).value();
    REQUIRE(rest.items.size() == 1);
    CHECK(rest.items[0].id == acme.id);
    CHECK_FALSE(rest.next_cursor);
    require_sound(gw);
}

TEST_CASE("a tenant's settings are kept beside its metadata") {
    auto gw = open_in_memory();
    const auto acme = gw.tenants().create({.name = "Acme", .settings = R"({"seats": 5})"}).value();
    CHECK(acme.settings == R"({"seats": 5})");  // byte for byte
    CHECK(acme.metadata == "{}");
    CHECK(gw.tenants().create({.name = "Bolt"}).value().settings == "{}");

    gw.tenants().update(acme.id, {.metadata = R"({"plan":1})"}).value();
    CHECK(gw.tenants().get(acme.id).value().settings == R"({"seats": 5})");
    const auto changed = gw.tenants().update(acme.id, {.settings = R"({"seats":6})"}).value();
    CHECK(changed.settings == R"({"seats":6})");
    CHECK(changed.metadata == R"({"plan":1})");
    CHECK(gw.tenants().list().value().items[1].settings == R"({"seats":6})");
    require_sound(gw);
}

TEST_CASE("a suspended tenant keeps its data and sends nothing until it is activated") {
    auto gw = open_in_memory();
    const auto acme = settle_in(gw);
    const auto key = acme.tenant.api_keys().create({}).value();
    acme.send("before").value();
    CHECK(gw.tenants().suspend(acme.tenant.id()).value().status == tenant_status::suspended);
    CHECK(code_of(acme.send("during")) == errc::tenant_suspended);
    CHECK(code_of(gw.authenticate(key.secret)) == errc::tenant_suspended);
    CHECK(code_of(gw.authenticate(key.secret + "x")) == errc::unauthorized);
    gw.tenants().activate(acme.tenant.id()).value();
    CHECK(acme.send("during"));
    CHECK(gw.authenticate(key.secret));
    CHECK(acme.bill().totals.messages == 2);
    require_sound(gw);
}

TEST_CASE("a deleted tenant is gone, its usage stays in the ledger") {
    auto gw = open_in_memory();
    const auto acme = settle_in(gw);
    const auto key = acme.tenant.api_keys().create({}).value();
    acme.send("k").value();
    gw.tenants().delete_tenant(acme.tenant.id()).value();

    const auto gone = gw.tenants().get(acme.tenant.id());
    CHECK(code_of(gone) == errc::resource_not_found);
    CHECK(detail(gone.error(), "tenant_id") == acme.tenant.id().str());
    CHECK(gw.tenants().list().value().items.empty());
    CHECK(code_of(gw.authenticate(key.secret)) == errc::unauthorized);
    CHECK(code_of(acme.send("k2")) == errc::resource_not_found);
    CHECK(code_of(acme.tenant.sessions().get(acme.session.id)) == errc::resource_not_found);
    CHECK(code_of(gw.tenants().delete_tenant(acme.tenant.id())) == errc::resource_not_found);
    require_sound(gw);
}

TEST_CASE("an API key is shown once, opens its tenant and remembers its use by the minute") {
    auto gw = open_in_memory();
    const auto acme = settle_in(gw);
    const auto made =
        acme.tenant.api_keys().create({.name = "server", .scopes = {"messages", "usage"}}).value();
    CHECK(made.secret.starts_with("cnv_live_"));
    CHECK(made.api_key.last4 == made.secret.substr(made.secret.size() - 4));

    const auto opened = gw.authenticate(made.secret).value();
    CHECK(opened.id() == acme.tenant.id());
    const auto only = [&] { return acme.tenant.api_keys().list().value().items.at(0); };
    CHECK(only().name == "server");
    CHECK(only().scopes == std::vector<std::string>{"messages", "usage"});
    const auto used = only().last_used_at;
    REQUIRE(used);

    gw.advance(59'999).value();
    gw.authenticate(made.secret).value();
    CHECK(only().last_used_at == used);
    gw.advance(1).value();
    gw.authenticate(made.secret).value();
    CHECK(*only().last_used_at - *used == std::chrono::minutes(1));
}

TEST_CASE("a wrong key is unauthorized, however wrong it is") {
    auto gw = open_in_memory();
    const auto acme = settle_in(gw);
    const auto secret = acme.tenant.api_keys().create({}).value().secret;
    auto flipped = secret;
    flipped[flipped.size() / 2] = flipped[flipped.size() / 2] == 'a' ? 'b' : 'a';
    const auto missing = words_of(gw.authenticate("").error());
    for (const auto& wrong : {std::string("nonsense"), flipped, secret.substr(1), secret + "0",
                              std::string(100'000, 'x'), std::string("cnv_live_\0\xff", 11)}) {
        const auto refused = gw.authenticate(wrong);
        CHECK(code_of(refused) == errc::unauthorized);
        CHECK(words_of(refused.error()) == missing);
    }
}

TEST_CASE("a key expires and is revoked; what was said first stays") {
    auto gw = open_in_memory();
    const auto acme = settle_in(gw);
    const auto start = acme.session.created_at;
    auto keys = acme.tenant.api_keys();
    const auto brief = keys.create({.expires_at = start + std::chrono::seconds(1)}).value();
    gw.advance(999).value();
    CHECK(gw.authenticate(brief.secret));
    gw.advance(1).value();
    CHECK(code_of(gw.authenticate(brief.secret)) == errc::api_key_expired);

    const auto leaked = keys.create({}).value();
    const auto revoked = keys.revoke(leaked.api_key.id, "leaked").value();
    REQUIRE(revoked.revoked_at);
    CHECK(revoked.revoke_reason == "leaked");
    gw.advance(1'000).value();
    const auto again = keys.revoke(leaked.api_key.id, "another reason").value();
    CHECK(again.revoked_at == revoked.revoked_at);
    CHECK(again.revoke_reason == "leaked");
    CHECK(code_of(gw.authenticate(leaked.secret)) == errc::api_key_revoked);

    CHECK(code_of(keys.revoke("key_00000000000000000000000000")) == errc::resource_not_found);
    const auto page = keys.list({.limit = 1}).value();
    CHECK(page.items.at(0).id == leaked.api_key.id);
    CHECK(keys.list({.limit = 1, .cursor = page.next_cursor}).value().items.at(0).id ==
          brief.api_key.id);
}
