/* Statuses. Written by script/generate-errors from src/base/errors.def; not edited by hand. */
#ifndef CONCLAVE_STATUS_H
#define CONCLAVE_STATUS_H

/** What a function returns. Numbers are stable: they are the same in every version and every
 * language. Since 0.1. */
typedef enum conclave_status {
    CONCLAVE_OK = 0,
    /** HTTP 400. Correct the field that the details name, then call again. */
    CONCLAVE_VALIDATION_ERROR = 1,
    /** HTTP 401. Send the API key of a tenant, whole and unchanged. */
    CONCLAVE_UNAUTHORIZED = 2,
    /** HTTP 401. Use another key of the tenant, or create one. */
    CONCLAVE_API_KEY_REVOKED = 3,
    /** HTTP 401. Create a new key for the tenant and use that. */
    CONCLAVE_API_KEY_EXPIRED = 4,
    /** HTTP 403. The caller may not do this. */
    CONCLAVE_FORBIDDEN = 5,
    /** HTTP 403. Activate the tenant before calling on its behalf. */
    CONCLAVE_TENANT_SUSPENDED = 6,
    /** HTTP 404. Check the agent id, and that it belongs to this tenant. */
    CONCLAVE_AGENT_NOT_FOUND = 7,
    /** HTTP 404. Check the id, and that it belongs to this tenant. */
    CONCLAVE_RESOURCE_NOT_FOUND = 8,
    /** HTTP 409. Read the current state of the resource and decide again. */
    CONCLAVE_CONFLICT = 9,
    /** HTTP 409. Create a new session; a closed one takes no messages. */
    CONCLAVE_SESSION_CLOSED = 10,
    /** HTTP 400. Give an idempotency key, or ask the library to generate one. */
    CONCLAVE_IDEMPOTENCY_KEY_REQUIRED = 11,
    /** HTTP 400. Give a key of 1 to 255 printable ASCII characters without spaces. */
    CONCLAVE_IDEMPOTENCY_KEY_INVALID = 12,
    /** HTTP 422. Use a new key; this one stands for a call with other content. */
    CONCLAVE_IDEMPOTENCY_KEY_REUSED = 13,
    /** HTTP 409, retryable. Repeat with the same key after retry_after_ms; the first call is still
     * running. */
    CONCLAVE_IDEMPOTENCY_IN_PROGRESS = 14,
    /** HTTP 410. Use a new key for new work; the stored reply of this one was purged. */
    CONCLAVE_IDEMPOTENCY_KEY_EXPIRED = 15,
    /** HTTP 502. Resolve the call: the provider may have run it, but no answer is held. */
    CONCLAVE_OUTCOME_UNKNOWN = 16,
    /** HTTP 429, retryable. Repeat after retry_after_ms. */
    CONCLAVE_RATE_LIMITED = 17,
    /** HTTP 429. Wait for the next period or raise the tenant's quota. */
    CONCLAVE_QUOTA_EXCEEDED = 18,
    /** HTTP 402. Raise the budget, or choose a cheaper model or a shorter answer. */
    CONCLAVE_BUDGET_EXCEEDED = 19,
    /** HTTP 413. Shorten the field that the details name below its limit. */
    CONCLAVE_PAYLOAD_TOO_LARGE = 20,
    /** HTTP 502. Change the request or the provider's configuration; the provider refused for good.
     * */
    CONCLAVE_PROVIDER_REJECTED = 21,
    /** HTTP 503, retryable. Repeat later with the same key; nothing was billed. */
    CONCLAVE_ALL_PROVIDERS_FAILED = 22,
    /** HTTP 503, retryable. Repeat later with the same key, or lower the share of answers the
     * council needs. */
    CONCLAVE_COUNCIL_QUORUM_FAILED = 23,
    /** HTTP 502. Repair the tool that the details name. */
    CONCLAVE_TOOL_FAILED = 24,
    /** HTTP 504, retryable. Repeat with the same key: the call may have gone on, and then its reply
     * is replayed. */
    CONCLAVE_DEADLINE_EXCEEDED = 25,
    /** HTTP 499. Nothing; the caller ended the wait, and the same key still gives a reply that
     * came. */
    CONCLAVE_CANCELLED = 26,
    /** HTTP 503, retryable. Repeat later with the same key; other processes held the store for too
     * long. */
    CONCLAVE_STORE_BUSY = 27,
    /** HTTP 503, retryable. Repair the disk or the database, then repeat with the same key. */
    CONCLAVE_STORE_UNAVAILABLE = 28,
    /** HTTP 500. Stop using the file and restore a backup. */
    CONCLAVE_STORE_CORRUPT = 29,
    /** HTTP 500. Upgrade conclave to the version that last opened this store. */
    CONCLAVE_STORE_SCHEMA_NEWER = 30,
    /** HTTP 500. Open the gateway with the key that the stored data was encrypted with. */
    CONCLAVE_ENCRYPTION_KEY_UNAVAILABLE = 31,
    /** HTTP 500. Restore the record from a backup; it was changed, or encrypted with another key.
     * */
    CONCLAVE_DECRYPTION_FAILED = 32,
    /** HTTP 500. Open a new gateway; this one was closed. */
    CONCLAVE_HANDLE_CLOSED = 33,
    /** HTTP 500. Use, in the child of a fork, only gateways and files that were not in use before
     * it. */
    CONCLAVE_HANDLE_FORKED = 34,
    /** HTTP 501. Leave the option out, or choose a provider or build that has it. */
    CONCLAVE_UNSUPPORTED = 35,
    /** HTTP 503, retryable. Free memory or send less at a time, then repeat with the same key. */
    CONCLAVE_OUT_OF_MEMORY = 36,
    /** HTTP 500. Report the request id and the version as a defect of conclave. */
    CONCLAVE_INTERNAL_ERROR = 37
} conclave_status;

#endif
