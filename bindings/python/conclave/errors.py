"""One exception per code of the error table. Written by script/generate-python."""

from __future__ import annotations

from ._errors import Error

__all__ = [
    "AgentNotFoundError",
    "AllProvidersFailedError",
    "ApiKeyExpiredError",
    "ApiKeyRevokedError",
    "BudgetExceededError",
    "CancelledError",
    "ConflictError",
    "CouncilQuorumFailedError",
    "DeadlineExceededError",
    "DecryptionFailedError",
    "EncryptionKeyUnavailableError",
    "Error",
    "ForbiddenError",
    "HandleClosedError",
    "HandleForkedError",
    "IdempotencyInProgressError",
    "IdempotencyKeyExpiredError",
    "IdempotencyKeyInvalidError",
    "IdempotencyKeyRequiredError",
    "IdempotencyKeyReusedError",
    "InternalError",
    "OutOfMemoryError",
    "OutcomeUnknownError",
    "PayloadTooLargeError",
    "ProviderRejectedError",
    "QuotaExceededError",
    "RateLimitedError",
    "ResourceNotFoundError",
    "SessionClosedError",
    "StoreBusyError",
    "StoreCorruptError",
    "StoreSchemaNewerError",
    "StoreUnavailableError",
    "TenantSuspendedError",
    "ToolFailedError",
    "UnauthorizedError",
    "UnsupportedError",
    "ValidationError",
]


class ValidationError(Error, ValueError):
    """Correct the field that the details name, then call again. Since 0.1."""

    code = "VALIDATION_ERROR"
    http_status = 400


class UnauthorizedError(Error):
    """Send the API key of a tenant, whole and unchanged. Since 0.1."""

    code = "UNAUTHORIZED"
    http_status = 401


class ApiKeyRevokedError(Error):
    """Use another key of the tenant, or create one. Since 0.1."""

    code = "API_KEY_REVOKED"
    http_status = 401


class ApiKeyExpiredError(Error):
    """Create a new key for the tenant and use that. Since 0.1."""

    code = "API_KEY_EXPIRED"
    http_status = 401


class ForbiddenError(Error):
    """The caller may not do this. Since 0.1."""

    code = "FORBIDDEN"
    http_status = 403


class TenantSuspendedError(Error):
    """Activate the tenant before calling on its behalf. Since 0.1."""

    code = "TENANT_SUSPENDED"
    http_status = 403


class AgentNotFoundError(Error, LookupError):
    """Check the agent id, and that it belongs to this tenant. Since 0.1."""

    code = "AGENT_NOT_FOUND"
    http_status = 404


class ResourceNotFoundError(Error, LookupError):
    """Check the id, and that it belongs to this tenant. Since 0.1."""

    code = "RESOURCE_NOT_FOUND"
    http_status = 404


class ConflictError(Error):
    """Read the current state of the resource and decide again. Since 0.1."""

    code = "CONFLICT"
    http_status = 409


class SessionClosedError(Error):
    """Create a new session; a closed one takes no messages. Since 0.1."""

    code = "SESSION_CLOSED"
    http_status = 409


class IdempotencyKeyRequiredError(Error):
    """Give an idempotency key, or ask the library to generate one. Since 0.1."""

    code = "IDEMPOTENCY_KEY_REQUIRED"
    http_status = 400


class IdempotencyKeyInvalidError(Error):
    """Give a key of 1 to 255 printable ASCII characters without spaces. Since 0.1."""

    code = "IDEMPOTENCY_KEY_INVALID"
    http_status = 400


class IdempotencyKeyReusedError(Error):
    """Use a new key; this one stands for a call with other content. Since 0.1."""

    code = "IDEMPOTENCY_KEY_REUSED"
    http_status = 422


class IdempotencyInProgressError(Error):
    """Repeat with the same key after retry_after_ms; the first call is still running. Since 0.1."""

    code = "IDEMPOTENCY_IN_PROGRESS"
    retryable = True
    http_status = 409


class IdempotencyKeyExpiredError(Error):
    """Use a new key for new work; the stored reply of this one was purged. Since 0.1."""

    code = "IDEMPOTENCY_KEY_EXPIRED"
    http_status = 410


class OutcomeUnknownError(Error):
    """Resolve the call: the provider may have run it, but no answer is held. Since 0.1."""

    code = "OUTCOME_UNKNOWN"
    http_status = 502


class RateLimitedError(Error):
    """Repeat after retry_after_ms. Since 0.1."""

    code = "RATE_LIMITED"
    retryable = True
    http_status = 429


class QuotaExceededError(Error):
    """Wait for the next period or raise the tenant's quota. Since 0.1."""

    code = "QUOTA_EXCEEDED"
    http_status = 429


class BudgetExceededError(Error):
    """Raise the budget, or choose a cheaper model or a shorter answer. Since 0.1."""

    code = "BUDGET_EXCEEDED"
    http_status = 402


class PayloadTooLargeError(Error):
    """Shorten the field that the details name below its limit. Since 0.1."""

    code = "PAYLOAD_TOO_LARGE"
    http_status = 413


class ProviderRejectedError(Error):
    """Change the request or the provider's configuration; the provider refused for good. Since
    0.1.
    """

    code = "PROVIDER_REJECTED"
    http_status = 502


class AllProvidersFailedError(Error):
    """Repeat later with the same key; nothing was billed. Since 0.1."""

    code = "ALL_PROVIDERS_FAILED"
    retryable = True
    http_status = 503


class CouncilQuorumFailedError(Error):
    """Repeat later with the same key, or lower the share of answers the council needs. Since
    0.1.
    """

    code = "COUNCIL_QUORUM_FAILED"
    retryable = True
    http_status = 503


class ToolFailedError(Error):
    """Repair the tool that the details name. Since 0.1."""

    code = "TOOL_FAILED"
    http_status = 502


class DeadlineExceededError(Error):
    """Repeat with the same key: the call may have gone on, and then its reply is replayed. Since
    0.1.
    """

    code = "DEADLINE_EXCEEDED"
    retryable = True
    http_status = 504


class CancelledError(Error):
    """Nothing; the caller ended the wait, and the same key still gives a reply that came. Since
    0.1.
    """

    code = "CANCELLED"
    http_status = 499


class StoreBusyError(Error):
    """Repeat later with the same key; other processes held the store for too long. Since 0.1."""

    code = "STORE_BUSY"
    retryable = True
    http_status = 503


class StoreUnavailableError(Error):
    """Repair the disk or the database, then repeat with the same key. Since 0.1."""

    code = "STORE_UNAVAILABLE"
    retryable = True
    http_status = 503


class StoreCorruptError(Error):
    """Stop using the file and restore a backup. Since 0.1."""

    code = "STORE_CORRUPT"


class StoreSchemaNewerError(Error):
    """Upgrade conclave to the version that last opened this store. Since 0.1."""

    code = "STORE_SCHEMA_NEWER"


class EncryptionKeyUnavailableError(Error):
    """Open the gateway with the key that the stored data was encrypted with. Since 0.1."""

    code = "ENCRYPTION_KEY_UNAVAILABLE"


class DecryptionFailedError(Error):
    """Restore the record from a backup; it was changed, or encrypted with another key. Since
    0.1.
    """

    code = "DECRYPTION_FAILED"


class HandleClosedError(Error):
    """Open a new gateway; this one was closed. Since 0.1."""

    code = "HANDLE_CLOSED"


class HandleForkedError(Error):
    """Use, in the child of a fork, only gateways and files that were not in use before it. Since
    0.1.
    """

    code = "HANDLE_FORKED"


class UnsupportedError(Error):
    """Leave the option out, or choose a provider or build that has it. Since 0.1."""

    code = "UNSUPPORTED"
    http_status = 501


class OutOfMemoryError(Error):
    """Free memory or send less at a time, then repeat with the same key. Since 0.1."""

    code = "OUT_OF_MEMORY"
    retryable = True
    http_status = 503


class InternalError(Error):
    """Report the request id and the version as a defect of conclave. Since 0.1."""

    code = "INTERNAL_ERROR"
