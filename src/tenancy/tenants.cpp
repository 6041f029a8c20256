// Validates tenants and judges keys.
#include "tenancy/tenants.hpp"

#include "base/field.hpp"
#include "base/limits.hpp"
#include "crypto/sha256.hpp"
#include "json/object_text.hpp"
#include "tenancy/api_key_text.hpp"

namespace conclave::tenancy {

namespace {

constexpr text_rule name_rule{.min_bytes = 1, .max_bytes = limits::name_bytes};
constexpr std::chrono::minutes touch_every{1};

error unauthorized() { return fail(errc::unauthorized, "the API key is missing or wrong"); }

result<void> check_key(const new_api_key& input, timestamp now) {
    if (auto ok = check_text("name", input.name, {.max_bytes = limits::name_bytes}); !ok) return ok;
    if (input.scopes.size() > limits::scopes) return invalid("scopes", "has more than 32 entries");
    for (const auto& scope : input.scopes)
        if (auto ok = check_text("scopes", scope, name_rule); !ok) return ok;
    if (input.expires_at && *input.expires_at <= now)
        return invalid("expires_at", "must lie in the future");
    return {};
}

}  // namespace

result<store::create_tenant> plan_create(new_tenant input, id_source& ids, random_source& random,
                                         timestamp now) {
    if (auto ok = check_text("name", input.name, name_rule); !ok) return ok.error();
    auto metadata = json::object_text(input.metadata, "metadata");
    if (!metadata) return std::move(metadata).error();
    auto settings = json::object_text(input.settings, "settings");
    if (!settings) return std::move(settings).error();
    store::create_tenant command;
    command.record = {ids.tenant(),         std::move(input.name), tenant_status::active,
                      *std::move(metadata), *std::move(settings),  now};
    random.fill(command.fingerprint_key);
    return command;
}

result<void> check_update(const tenant_update& change) {
    if (change.name)
        if (auto ok = check_text("name", *change.name, name_rule); !ok) return ok;
    if (change.metadata)
        if (auto ok = json::object_text(change.metadata, "metadata"); !ok) return ok.error();
    if (change.settings)
        if (auto ok = json::object_text(change.settings, "settings"); !ok) return ok.error();
    return {};
}

result<planned_key> plan_key(tenant_scope scope, new_api_key input, std::string_view prefix,
                             id_source& ids, random_source& random, timestamp now) {
    if (auto ok = check_key(input, now); !ok) return ok.error();
    api_key key;
    key.id = ids.api_key();
    key.name = std::move(input.name);
    key.scopes = std::move(input.scopes);
    key.created_at = now;
    key.expires_at = input.expires_at;
    auto text = make_key_text(prefix, key.id, random);
    key.last4 = text.substr(text.size() - 4);
    return planned_key{{std::move(scope), key, key_digest(text)}, {key, std::move(text)}};
}

result<tenant_scope> judge_key(std::string_view text, const store::find_api_key::answer& stored,
                               timestamp now) {
    static constexpr digest dummy{};
    const auto given = key_digest(text);
    const auto& expected = stored.match ? stored.match->text_digest : dummy;
    if (!crypto::constant_time_equal(given, expected) || !stored.match) return unauthorized();
    const auto& key = stored.match->key;
    if (stored.match->tenant == tenant_status::deleted) return unauthorized();
    if (key.revoked_at) return fail(errc::api_key_revoked, "the API key was revoked");
    if (key.expires_at && *key.expires_at <= now)
        return fail(errc::api_key_expired, "the API key has expired");
    if (stored.match->tenant == tenant_status::suspended)
        return fail(errc::tenant_suspended, "the tenant is suspended");
    return stored.match->scope;
}

bool should_touch(const api_key& key, timestamp now) {
    return !key.last_used_at || now - *key.last_used_at >= touch_every;
}

}  // namespace conclave::tenancy
