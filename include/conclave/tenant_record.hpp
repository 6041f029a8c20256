// Tenants and their API keys, as records.
#pragma once

#include <conclave/id.hpp>
#include <conclave/time.hpp>

#include <optional>
#include <string>
#include <vector>

namespace conclave {

enum class tenant_status { active, suspended, deleted };

/// A business whose data no other tenant can reach. Since 0.1.
struct tenant_record {
    tenant_id id;
    std::string name;
    tenant_status status = tenant_status::active;
    std::string metadata = "{}";  ///< a JSON object, kept byte for byte
    std::string settings = "{}";  ///< the same; what the host itself goes by
    timestamp created_at{};
};

struct new_tenant {
    std::string name;                          ///< 1 to 255 bytes
    std::optional<std::string> metadata = {};  ///< a JSON object, at most 16 KiB
    /// The host's own settings for this tenant, such as its plan's limits: a JSON object, at most
    /// 16 KiB, kept and given back, without a meaning here.
    std::optional<std::string> settings = {};
};

/// What is absent stays; an object takes the whole place of the one before.
struct tenant_update {
    std::optional<std::string> name = {};
    std::optional<std::string> metadata = {};
    std::optional<std::string> settings = {};
};

/// What is kept of an API key: never its text. Since 0.1.
struct api_key {
    api_key_id id;
    std::string name;
    std::string last4;
    std::vector<std::string> scopes;
    timestamp created_at{};
    std::optional<timestamp> expires_at;
    std::optional<timestamp> last_used_at;  ///< written at most once a minute
    std::optional<timestamp> revoked_at;
    std::optional<std::string> revoke_reason;
};

struct new_api_key {
    std::string name = {};
    std::vector<std::string> scopes = {};      ///< the host's own words, kept for it to judge by
    std::optional<timestamp> expires_at = {};  ///< must lie in the future
};

/// A fresh key with its text, which is shown this once and cannot be read again.
struct created_api_key {
    conclave::api_key api_key;
    std::string secret;  ///< `cnv_live_<id>_<secret><crc>`
};

}  // namespace conclave
