// Tenants and API keys.
#include "ledger_fixture.hpp"

using namespace conclave;
using namespace conclave::store;
using namespace conclave::store::test;

namespace {

api_key add_key(ledger& l, const tenant_world& t) {
    api_key k;
    k.id = l.id("key");
    k.name = "server";
    k.last4 = "wxyz";
    k.scopes = {"messages.send", "usage \"all\""};
    k.created_at = l.now;
    k.expires_at = on_day(9);
    REQUIRE(l.run(create_api_key{t.scope, k, digest_of(5)}).tenant_found);
    return k;
}

}  // namespace

TEST_CASE("a tenant is changed in what is given", "[store]") {
    ledger l;
    const auto t = l.add_tenant("Acme");
    CHECK(l.run(update_tenant{t.scope, {.name = "Acme 2"}, {}, l.now}).record->name == "Acme 2");
    l.run(update_tenant{t.scope, {.metadata = "{\"a\":1}"}, tenant_status::suspended, l.now});
    const auto record = *l.ask(find_tenant{t.scope}).record;
    CHECK(record.name == "Acme 2");
    CHECK(record.metadata == "{\"a\":1}");
    CHECK(record.status == tenant_status::suspended);
    CHECK(record.created_at == l.now);
}

TEST_CASE("a deleted tenant leaves its bill and nothing to read", "[store]") {
    ledger l;
    const auto t = l.add_tenant("Canary");
    const auto other = l.add_tenant("Other");
    const auto key = l.send(t);
    l.send(other);
    const auto api = add_key(l, t);
    const auto untouched = l.dump(other.scope.id().str());
    CHECK(l.run(update_tenant{t.scope, {}, tenant_status::deleted, l.now}).record->status ==
          tenant_status::deleted);

    CHECK_FALSE(l.ask(find_tenant{t.scope}).record);
    CHECK_FALSE(l.run(update_tenant{t.scope, {.name = "x"}, {}, l.now}).record);
    CHECK_FALSE(l.ask(find_api_key{api.id}).match);
    CHECK_FALSE(l.ask(list_api_keys{t.scope, {}}).tenant_found);
    CHECK_FALSE(l.ask(list_agents{t.scope, {}}).tenant_found);
    CHECK_FALSE(l.ask(read_rollup{t.scope, day_number(0), day_number(0)}).tenant_found);
    CHECK(l.ask(list_tenants{}).tenants.items.size() == 1);
    CHECK(l.state_of(t, key) == send_state::closed);
    CHECK(l.spent(t) == cost_nano);
    const auto rest = l.dump(t.scope.id().str());
    for (const auto* text : {"Canary", "question", "finish_reason", "wxyz", "customer of"}) {
        INFO(text);
        CHECK(rest.find(text) == std::string::npos);
    }
    CHECK(l.dump(other.scope.id().str()) == untouched);
    CHECK(l.violations().empty());
}

TEST_CASE("tenants are listed newest first, by pages", "[store]") {
    ledger l;
    std::vector<tenant_id> made;
    for (int i = 0; i < 5; ++i) made.push_back(l.add_tenant().scope.id());
    auto page = l.ask(list_tenants{{3, {}}}).tenants;
    REQUIRE(page.items.size() == 3);
    CHECK(page.items[0].id == made[4]);
    CHECK(page.items[2].id == made[2]);
    page = l.ask(list_tenants{{3, page.next_cursor}}).tenants;
    REQUIRE(page.items.size() == 2);
    CHECK(page.items[1].id == made[0]);
    CHECK_FALSE(page.next_cursor);
}

TEST_CASE("an API key is found by its id alone and keeps its first revocation", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    const auto key = add_key(l, t);
    auto found = *l.ask(find_api_key{key.id}).match;
    CHECK(found.scope.id() == t.scope.id());
    CHECK(found.text_digest == digest_of(5));
    CHECK(found.tenant == tenant_status::active);
    CHECK(found.key.scopes == key.scopes);
    CHECK(found.key.expires_at == on_day(9));
    CHECK_FALSE(found.key.last_used_at);

    l.run(touch_api_key{t.scope, key.id, on_day(2)});
    l.run(touch_api_key{t.scope, key.id, on_day(1)});
    CHECK(l.ask(find_api_key{key.id}).match->key.last_used_at == on_day(2));

    CHECK(l.run(revoke_api_key{t.scope, key.id, "leaked", on_day(3)}).key->revoked_at == on_day(3));
    const auto again = *l.run(revoke_api_key{t.scope, key.id, "again", on_day(4)}).key;
    CHECK(again.revoked_at == on_day(3));
    CHECK(again.revoke_reason == "leaked");
    CHECK(l.ask(list_api_keys{t.scope, {}}).keys.items.size() == 1);
    CHECK_FALSE(l.ask(find_api_key{"key_none"}).match);
    CHECK_FALSE(l.run(create_api_key{tenant_scope(tenant_id("tnt_none")), key, {}}).tenant_found);
}
