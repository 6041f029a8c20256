"""What the runtime needs to know of the contract. Written by script/generate-python."""

from __future__ import annotations

from typing import Final

DATA_FIELDS: Final = frozenset(
    {
        "arguments",
        "document",
        "headers",
        "metadata",
        "output_schema",
        "parameter_names",
        "parameters",
        "provider_names",
        "service_tiers",
        "settings",
    }
)
"""Fields that hold data of the user, whose keys nobody touches."""

STATUS_NUMBERS: Final = {
    "VALIDATION_ERROR": 1,
    "UNAUTHORIZED": 2,
    "API_KEY_REVOKED": 3,
    "API_KEY_EXPIRED": 4,
    "FORBIDDEN": 5,
    "TENANT_SUSPENDED": 6,
    "AGENT_NOT_FOUND": 7,
    "RESOURCE_NOT_FOUND": 8,
    "CONFLICT": 9,
    "SESSION_CLOSED": 10,
    "IDEMPOTENCY_KEY_REQUIRED": 11,
    "IDEMPOTENCY_KEY_INVALID": 12,
    "IDEMPOTENCY_KEY_REUSED": 13,
    "IDEMPOTENCY_IN_PROGRESS": 14,
    "IDEMPOTENCY_KEY_EXPIRED": 15,
    "OUTCOME_UNKNOWN": 16,
    "RATE_LIMITED": 17,
    "QUOTA_EXCEEDED": 18,
    "BUDGET_EXCEEDED": 19,
    "PAYLOAD_TOO_LARGE": 20,
    "PROVIDER_REJECTED": 21,
    "ALL_PROVIDERS_FAILED": 22,
    "COUNCIL_QUORUM_FAILED": 23,
    "TOOL_FAILED": 24,
    "DEADLINE_EXCEEDED": 25,
    "CANCELLED": 26,
    "STORE_BUSY": 27,
    "STORE_UNAVAILABLE": 28,
    "STORE_CORRUPT": 29,
    "STORE_SCHEMA_NEWER": 30,
    "ENCRYPTION_KEY_UNAVAILABLE": 31,
    "DECRYPTION_FAILED": 32,
    "HANDLE_CLOSED": 33,
    "HANDLE_FORKED": 34,
    "UNSUPPORTED": 35,
    "OUT_OF_MEMORY": 36,
    "INTERNAL_ERROR": 37,
}
"""Codes of the error table to their numbers."""
