// Error codes. Written by script/generate-errors from src/base/errors.def; not edited by hand.
#pragma once

#include <conclave/export.hpp>

#include <string_view>

namespace conclave {

/// What went wrong, chosen by what the caller should do about it. Numbers are stable: they are the
/// same in every version and every language. Since 0.1.
enum class errc : int {
    /// VALIDATION_ERROR, HTTP 400. Correct the field that the details name, then call again.
    validation_error = 1,
    /// UNAUTHORIZED, HTTP 401. Send the API key of a tenant, whole and unchanged.
    unauthorized = 2,
    /// API_KEY_REVOKED, HTTP 401. Use another key of the tenant, or create one.
    api_key_revoked = 3,
    /// API_KEY_EXPIRED, HTTP 401. Create a new key for the tenant and use that.
    api_key_expired = 4,
    /// FORBIDDEN, HTTP 403. The caller may not do this.
    forbidden = 5,
    /// TENANT_SUSPENDED, HTTP 403. Activate the tenant before calling on its behalf.
    tenant_suspended = 6,
    /// AGENT_NOT_FOUND, HTTP 404. Check the agent id, and that it belongs to this tenant.
    agent_not_found = 7,
    /// RESOURCE_NOT_FOUND, HTTP 404. Check the id, and that it belongs to this tenant.
    resource_not_found = 8,
    /// CONFLICT, HTTP 409. Read the current state of the resource and decide again.
    conflict = 9,
    /// SESSION_CLOSED, HTTP 409. Create a new session; a closed one takes no messages.
    session_closed = 10,
    /// IDEMPOTENCY_KEY_REQUIRED, HTTP 400. Give an idempotency key, or ask the library to generate
    /// one.
    idempotency_key_required = 11,
    /// IDEMPOTENCY_KEY_INVALID, HTTP 400. Give a key of 1 to 255 printable ASCII characters without
    /// spaces.
    idempotency_key_invalid = 12,
    /// IDEMPOTENCY_KEY_REUSED, HTTP 422. Use a new key; this one stands for a call with other
    /// content.
    idempotency_key_reused = 13,
    /// IDEMPOTENCY_IN_PROGRESS, HTTP 409, retryable. Repeat with the same key after retry_after_ms;
    /// the first call is still running.
    idempotency_in_progress = 14,
    /// IDEMPOTENCY_KEY_EXPIRED, HTTP 410. Use a new key for new work; the stored reply of this one
    /// was purged.
    idempotency_key_expired = 15,
    /// OUTCOME_UNKNOWN, HTTP 502. Resolve the call: the provider may have run it, but no answer is
    /// held.
    outcome_unknown = 16,
    /// RATE_LIMITED, HTTP 429, retryable. Repeat after retry_after_ms.
    rate_limited = 17,
    /// QUOTA_EXCEEDED, HTTP 429. Wait for the next period or raise the tenant's quota.
    quota_exceeded = 18,
    /// BUDGET_EXCEEDED, HTTP 402. Raise the budget, or choose a cheaper model or a shorter answer.
    budget_exceeded = 19,
    /// PAYLOAD_TOO_LARGE, HTTP 413. Shorten the field that the details name below its limit.
    payload_too_large = 20,
    /// PROVIDER_REJECTED, HTTP 502. Change the request or the provider's configuration; the
    /// provider refused for good.
    provider_rejected = 21,
    /// ALL_PROVIDERS_FAILED, HTTP 503, retryable. Repeat later with the same key; nothing was
    /// billed.
    all_providers_failed = 22,
    /// COUNCIL_QUORUM_FAILED, HTTP 503, retryable. Repeat later with the same key, or lower the
    /// share of answers the council needs.
    council_quorum_failed = 23,
    /// TOOL_FAILED, HTTP 502. Repair the tool that the details name.
    tool_failed = 24,
    /// DEADLINE_EXCEEDED, HTTP 504, retryable. Repeat with the same key: the call may have gone on,
    /// and then its reply is replayed.
    deadline_exceeded = 25,
    /// CANCELLED, HTTP 499. Nothing; the caller ended the wait, and the same key still gives a
    /// reply that came.
    cancelled = 26,
    /// STORE_BUSY, HTTP 503, retryable. Repeat later with the same key; other processes held the
    /// store for too long.
    store_busy = 27,
    /// STORE_UNAVAILABLE, HTTP 503, retryable. Repair the disk or the database, then repeat with
    /// the same key.
    store_unavailable = 28,
    /// STORE_CORRUPT, HTTP 500. Stop using the file and restore a backup.
    store_corrupt = 29,
    /// STORE_SCHEMA_NEWER, HTTP 500. Upgrade conclave to the version that last opened this store.
    store_schema_newer = 30,
    /// ENCRYPTION_KEY_UNAVAILABLE, HTTP 500. Open the gateway with the key that the stored data was
    /// encrypted with.
    encryption_key_unavailable = 31,
    /// DECRYPTION_FAILED, HTTP 500. Restore the record from a backup; it was changed, or encrypted
    /// with another key.
    decryption_failed = 32,
    /// HANDLE_CLOSED, HTTP 500. Open a new gateway; this one was closed.
    handle_closed = 33,
    /// HANDLE_FORKED, HTTP 500. Use, in the child of a fork, only gateways and files that were not
    /// in use before it.
    handle_forked = 34,
    /// UNSUPPORTED, HTTP 501. Leave the option out, or choose a provider or build that has it.
    unsupported = 35,
    /// OUT_OF_MEMORY, HTTP 503, retryable. Free memory or send less at a time, then repeat with the
    /// same key.
    out_of_memory = 36,
    /// INTERNAL_ERROR, HTTP 500. Report the request id and the version as a defect of conclave.
    internal_error = 37,
};

// The functions below never block and may be called from any thread; texts live as long as the
// process. A number outside the table is read as INTERNAL_ERROR.

/// The name as it travels in documents: "VALIDATION_ERROR". Since 0.1.
CONCLAVE_API std::string_view to_string(errc code) noexcept;

/// The HTTP status a web backend should answer with. Since 0.1.
CONCLAVE_API int http_status(errc code) noexcept;

/// True when the same call with the same idempotency key may succeed later. Since 0.1.
CONCLAVE_API bool retryable(errc code) noexcept;

/// One sentence that says what the caller should do. Since 0.1.
CONCLAVE_API std::string_view sentence(errc code) noexcept;

}  // namespace conclave
