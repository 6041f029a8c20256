// The error table. Written by script/generate-node from
// src/base/errors.def; not edited by hand.

/** By code. */
export const errorTable = {
  VALIDATION_ERROR: { number: 1, httpStatus: 400, retryable: false },
  UNAUTHORIZED: { number: 2, httpStatus: 401, retryable: false },
  API_KEY_REVOKED: { number: 3, httpStatus: 401, retryable: false },
  API_KEY_EXPIRED: { number: 4, httpStatus: 401, retryable: false },
  FORBIDDEN: { number: 5, httpStatus: 403, retryable: false },
  TENANT_SUSPENDED: { number: 6, httpStatus: 403, retryable: false },
  AGENT_NOT_FOUND: { number: 7, httpStatus: 404, retryable: false },
  RESOURCE_NOT_FOUND: { number: 8, httpStatus: 404, retryable: false },
  CONFLICT: { number: 9, httpStatus: 409, retryable: false },
  SESSION_CLOSED: { number: 10, httpStatus: 409, retryable: false },
  IDEMPOTENCY_KEY_REQUIRED: { number: 11, httpStatus: 400, retryable: false },
  IDEMPOTENCY_KEY_INVALID: { number: 12, httpStatus: 400, retryable: false },
  IDEMPOTENCY_KEY_REUSED: { number: 13, httpStatus: 422, retryable: false },
  IDEMPOTENCY_IN_PROGRESS: { number: 14, httpStatus: 409, retryable: true },
  IDEMPOTENCY_KEY_EXPIRED: { number: 15, httpStatus: 410, retryable: false },
  OUTCOME_UNKNOWN: { number: 16, httpStatus: 502, retryable: false },
  RATE_LIMITED: { number: 17, httpStatus: 429, retryable: true },
  QUOTA_EXCEEDED: { number: 18, httpStatus: 429, retryable: false },
  BUDGET_EXCEEDED: { number: 19, httpStatus: 402, retryable: false },
  PAYLOAD_TOO_LARGE: { number: 20, httpStatus: 413, retryable: false },
  PROVIDER_REJECTED: { number: 21, httpStatus: 502, retryable: false },
  ALL_PROVIDERS_FAILED: { number: 22, httpStatus: 503, retryable: true },
  COUNCIL_QUORUM_FAILED: { number: 23, httpStatus: 503, retryable: true },
  TOOL_FAILED: { number: 24, httpStatus: 502, retryable: false },
  DEADLINE_EXCEEDED: { number: 25, httpStatus: 504, retryable: true },
  CANCELLED: { number: 26, httpStatus: 499, retryable: false },
  STORE_BUSY: { number: 27, httpStatus: 503, retryable: true },
  STORE_UNAVAILABLE: { number: 28, httpStatus: 503, retryable: true },
  STORE_CORRUPT: { number: 29, httpStatus: 500, retryable: false },
  STORE_SCHEMA_NEWER: { number: 30, httpStatus: 500, retryable: false },
  ENCRYPTION_KEY_UNAVAILABLE: { number: 31, httpStatus: 500, retryable: false },
  DECRYPTION_FAILED: { number: 32, httpStatus: 500, retryable: false },
  HANDLE_CLOSED: { number: 33, httpStatus: 500, retryable: false },
  HANDLE_FORKED: { number: 34, httpStatus: 500, retryable: false },
  UNSUPPORTED: { number: 35, httpStatus: 501, retryable: false },
  OUT_OF_MEMORY: { number: 36, httpStatus: 503, retryable: true },
  INTERNAL_ERROR: { number: 37, httpStatus: 500, retryable: false },
} as const

/** The code of an error. */
export type ErrorCode = keyof typeof errorTable
