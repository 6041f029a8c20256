// Tenants and API keys in the store.
#pragma once

#include <conclave/page.hpp>
#include <conclave/tenant_record.hpp>

#include "model/send.hpp"
#include "model/tenant_scope.hpp"

#include <optional>
#include <string>
#include <vector>

namespace conclave::store {

struct create_tenant {
    tenant_record record;
    digest fingerprint_key{};  ///< of all the tenant's sends; never rotates
    struct outcome {};
};

/// Changes what is present. `status` deleted erases content (messages, sessions' and agents' texts,
/// keys) and keeps usage events and key hashes.
struct update_tenant {
    tenant_scope scope;
    tenant_update change;
    std::optional<tenant_status> status;
    timestamp now{};
    struct outcome {
        std::optional<tenant_record> record;  ///< absent: not found
    };
};

struct find_tenant {
    tenant_scope scope;
    struct answer {
        std::optional<tenant_record> record;  ///< absent also when deleted
    };
};

struct list_tenants {
    page_request page;
    struct answer {
        conclave::page<tenant_record> tenants;
    };
};

struct create_api_key {
    tenant_scope scope;
    api_key key;
    digest text_digest{};  ///< SHA-256 of the whole key text
    struct outcome {
        bool tenant_found = false;
    };
};

struct revoke_api_key {
    tenant_scope scope;
    api_key_id key;
    std::string reason;
    timestamp now{};
    struct outcome {
        std::optional<api_key> key;  ///< absent: not found; revoking twice keeps the first time
    };
};

/// Writes last_used_at.
struct touch_api_key {
    tenant_scope scope;
    api_key_id key;
    timestamp now{};
    struct outcome {};
};

struct list_api_keys {
    tenant_scope scope;
    page_request page;
    struct answer {
        bool tenant_found = false;
        conclave::page<api_key> keys;
    };
};

/// By the public id inside the key's text; the tenant is not known yet.
struct find_api_key {
    api_key_id key;
    struct answer {
        struct found {
            tenant_scope scope;
            api_key key;
            digest text_digest{};
            tenant_status tenant = tenant_status::active;
        };
        std::optional<found> match;
    };
};

}  // namespace conclave::store
