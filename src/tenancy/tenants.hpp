// Decisions about tenants and their keys: input in, transaction out.
#pragma once

#include <conclave/result.hpp>
#include <conclave/tenant_record.hpp>

#include "base/id_source.hpp"
#include "base/random_source.hpp"
#include "store/tenants.hpp"

#include <string_view>

namespace conclave::tenancy {

// VALIDATION_ERROR naming the field, or PAYLOAD_TOO_LARGE for metadata or settings over
// their limit.

result<store::create_tenant> plan_create(new_tenant input, id_source& ids, random_source& random,
                                         timestamp now);
result<void> check_update(const tenant_update& change);

/// A key and its text, with the transaction that stores the digest.
struct planned_key {
    store::create_api_key command;
    created_api_key created;
};
result<planned_key> plan_key(tenant_scope scope, new_api_key input, std::string_view prefix,
                             id_source& ids, random_source& random, timestamp now);

/// Whether a key text opens the tenant it names. UNAUTHORIZED for a missing, malformed or wrong key
/// alike; API_KEY_REVOKED, API_KEY_EXPIRED, TENANT_SUSPENDED only after the secret matched. Takes
/// the same time whether the id exists or not.
result<tenant_scope> judge_key(std::string_view text, const store::find_api_key::answer& stored,
                               timestamp now);

/// True if last_used_at should be written: at most once a minute.
bool should_touch(const api_key& key, timestamp now);

}  // namespace conclave::tenancy
