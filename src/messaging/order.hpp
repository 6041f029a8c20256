// A send that has passed validation.
#pragma once

#include <conclave/reply.hpp>
#include <conclave/result.hpp>

#include "json/schema.hpp"
#include "model/send.hpp"
#include "model/tenant_scope.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conclave::messaging {

/// The operation under which plain sends claim their keys.
inline constexpr std::string_view send_operation = "messages.send";
/// And those of a council without a session.
inline constexpr std::string_view council_operation = "council.run";

/// What a send asks for, checked and with its key hashed.
struct send_order {
    tenant_scope scope;
    send_key key;
    std::string key_text;
    conclave::session_id session;
    message_role role = message_role::user;
    std::string content;
    std::string metadata;  ///< a JSON object
    send_overrides overrides;
    conclave::request_id request;
    std::shared_ptr<void> caller = {};           ///< of the host; not part of the fingerprint
    std::vector<tool_result> tool_results = {};  ///< with role `tool`; `content` is their text
    std::string output_schema = {};              ///< as text; empty: free text
    std::optional<json::schema> schema = {};     ///< the same, understood
    std::vector<content_part> parts = {};        ///< `content` is their texts
};

/// Checks every field. Errors: IDEMPOTENCY_KEY_REQUIRED, IDEMPOTENCY_KEY_INVALID,
/// PAYLOAD_TOO_LARGE, VALIDATION_ERROR; each names the field.
result<send_order> validate(tenant_scope scope, send_request request,
                            std::string_view operation = send_operation);

/// Checks and hashes an idempotency key.
result<send_key> hash_key(std::string_view operation, std::string_view key);

/// HMAC-SHA-256 under the tenant's key over everything that makes two sends the same: format
/// version, operation, session, role, content, attachment and tool-result digests,
/// overrides and metadata as canonical JSON, each with its length in front. SEMANTICS section 1.
digest fingerprint(const send_order& order, const digest& tenant_key);

}  // namespace conclave::messaging
