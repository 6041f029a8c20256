// Decisions about tenants and keys, at every limit and one past it.
#include "tenancy/tenants.hpp"

#include "base/limits.hpp"
#include "tenancy/api_key_text.hpp"
#include "unit/base/seeded_ids.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <string>

using namespace conclave;
using namespace conclave::tenancy;
using namespace std::chrono_literals;

namespace {

const tenant_scope scope("tnt_1");

struct office {
    result<store::create_tenant> create(new_tenant input) {
        return plan_create(std::move(input), given.ids, given.random, given.time.wall);
    }
    result<planned_key> key(new_api_key input) {
        return plan_key(scope, std::move(input), default_key_prefix, given.ids, given.random,
                        given.time.wall);
    }

    conclave::test::seeded_ids given;
};

template <class T>
std::string problem(const result<T>& checked) {
    return checked ? "" : checked.error().message;
}

errc code(const result<tenant_scope>& judged) {
    REQUIRE_FALSE(judged);
    return judged.error().code;
}

/// A key as stored, and its text.
struct stored_key : office {
    stored_key() {
        auto planned = key({}).value();
        text = planned.created.secret;
        answer.match = {scope, planned.command.key, planned.command.text_digest,
                        tenant_status::active};
    }
    result<tenant_scope> judge() { return judge_key(text, answer, given.time.wall); }

    std::string text;
    store::find_api_key::answer answer;
};

}  // namespace

TEST_CASE("a new tenant has an id, a key for fingerprints and its metadata", "[tenants]") {
    office o;
    const auto c = o.create({"Acme", R"({ "a": 1 })"}).value();
    CHECK(c.record.id.str().starts_with("tnt_"));
    CHECK(c.record.name == "Acme");
    CHECK(c.record.status == tenant_status::active);
    CHECK(c.record.metadata == R"({ "a": 1 })");
    CHECK(c.record.created_at == o.given.time.wall);
    CHECK(c.fingerprint_key != digest{});
    const auto other = o.create({"Acme"}).value();
    CHECK(other.record.id > c.record.id);
    CHECK(other.fingerprint_key != c.fingerprint_key);
    CHECK(other.record.metadata == "{}");
}

TEST_CASE("a tenant's name has 1 to 255 bytes without control characters", "[tenants]") {
    office o;
    const auto with = [&](std::string name) { return problem(o.create({std::move(name)})); };
    CHECK(with("x") == "");
    CHECK(with(std::string(limits::name_bytes, 'x')) == "");
    CHECK(with("") == "name must not be empty");
    CHECK(with(std::string(limits::name_bytes + 1, 'x')) == "name must be at most 255 bytes");
    CHECK(with("a\nb") == "name must not contain control characters");
    CHECK(with("\xff") == "name must be valid UTF-8");
}

TEST_CASE("changes of a tenant are checked like its creation", "[tenants]") {
    CHECK(check_update({}));
    CHECK(check_update({.name = "x", .metadata = "{}"}));
    CHECK(problem(check_update({.name = ""})) == "name must not be empty");
    CHECK(problem(check_update({.metadata = "[]"})) == "metadata must be a JSON object");
    const auto too_long = R"({"a":")" + std::string(limits::metadata_bytes, 'x') + R"("})";
    CHECK(check_update({.metadata = too_long}).error().code == errc::payload_too_large);
    office o;
    CHECK(o.create({"Acme", too_long}).error().code == errc::payload_too_large);
}

TEST_CASE("a new key's text is shown and only its digest stored", "[tenants]") {
    office o;
    const auto expiry = o.given.time.wall + 1h;
    const auto p = o.key({"ci", {"send", "read"}, expiry}).value();
    CHECK(read_key_text(p.created.secret) == p.command.key.id);
    CHECK(p.command.text_digest == key_digest(p.created.secret));
    CHECK(p.command.scope.id() == "tnt_1");
    CHECK(p.command.key.name == "ci");
    CHECK(p.command.key.scopes == std::vector<std::string>{"send", "read"});
    CHECK(p.command.key.expires_at == expiry);
    CHECK(p.command.key.last4 == p.created.secret.substr(p.created.secret.size() - 4));
    CHECK(p.created.api_key.id == p.command.key.id);
}

TEST_CASE("a key's name, scopes and expiry have their limits", "[tenants]") {
    office o;
    const auto now = o.given.time.wall;
    const auto with = [&](new_api_key input) { return problem(o.key(std::move(input))); };
    CHECK(with({std::string(limits::name_bytes, 'x')}) == "");
    CHECK(with({std::string(limits::name_bytes + 1, 'x')}) == "name must be at most 255 bytes");
    const std::vector<std::string> scopes(limits::scopes, "send");
    CHECK(with({"", scopes}) == "");
    auto more = scopes;
    more.push_back("send");
    CHECK(with({"", more}) == "scopes has more than 32 entries");
    CHECK(with({"", {""}}) == "scopes must not be empty");
    CHECK(with({"", {std::string(limits::name_bytes + 1, 's')}}) ==
          "scopes must be at most 255 bytes");
    CHECK(with({"", {}, now + 1ms}) == "");
    CHECK(with({"", {}, now}) == "expires_at must lie in the future");
}

TEST_CASE("the right text opens its tenant", "[tenants][judge_key]") {
    stored_key k;
    CHECK(k.judge()->id() == "tnt_1");
}

TEST_CASE("missing, malformed and wrong keys are told alike", "[tenants][judge_key]") {
    stored_key k;
    const auto right = k.text;
    std::vector<error> told;
    for (const auto& text :
         {std::string(), std::string("nonsense"), right + "x", k.key({})->created.secret}) {
        k.text = text;
        told.push_back(k.judge().error());
    }
    k.answer.match.reset();
    k.text = right;
    told.push_back(k.judge().error());
    CHECK(told.front().code == errc::unauthorized);
    for (const auto& e : told) CHECK(e == told.front());
}

TEST_CASE("no text matches the stand-in of an unknown id", "[tenants][judge_key]") {
    stored_key k;
    k.answer.match->text_digest = {};
    CHECK(code(k.judge()) == errc::unauthorized);
}

TEST_CASE("what is wrong with a key is told to its holder alone", "[tenants][judge_key]") {
    stored_key k;
    auto& stored = *k.answer.match;
    errc expected{};
    SECTION("revoked, whatever else") {
        stored.key.revoked_at = k.given.time.wall;
        stored.key.expires_at = k.given.time.wall;
        stored.tenant = tenant_status::suspended;
        expected = errc::api_key_revoked;
    }
    SECTION("expired") {
        stored.key.expires_at = k.given.time.wall;
        expected = errc::api_key_expired;
    }
    SECTION("of a suspended tenant") {
        stored.tenant = tenant_status::suspended;
        expected = errc::tenant_suspended;
    }
    SECTION("of a deleted tenant: as if it had never been") {
        stored.tenant = tenant_status::deleted;
        stored.key.revoked_at = k.given.time.wall;
        expected = errc::unauthorized;
    }
    CHECK(code(k.judge()) == expected);
    k.text.back() = k.text.back() == 'a' ? 'b' : 'a';
    CHECK(code(k.judge()) == errc::unauthorized);
}

TEST_CASE("a key is good until the millisecond of its expiry", "[tenants][judge_key]") {
    stored_key k;
    k.answer.match->key.expires_at = k.given.time.wall + 1ms;
    CHECK(k.judge());
}

TEST_CASE("the last use is written at most once a minute", "[tenants]") {
    const timestamp now(1h);
    api_key key;
    CHECK(should_touch(key, now));
    key.last_used_at = now - 1min;
    CHECK(should_touch(key, now));
    key.last_used_at = now - 1min + 1ms;
    CHECK_FALSE(should_touch(key, now));
    key.last_used_at = now + 1h;  // the clock stepped back
    CHECK_FALSE(should_touch(key, now));
}
