// One error class for each code. Written by script/generate-node from
// src/base/errors.def; not edited by hand.

import type { ErrorCode } from './error-table'
import { ConclaveError, type ErrorFacts } from './errors'

/** VALIDATION_ERROR, HTTP 400. Correct the field that the details name, then call again. */
export class ValidationError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('VALIDATION_ERROR', message, facts)
  }
}

/** UNAUTHORIZED, HTTP 401. Send the API key of a tenant, whole and unchanged. */
export class UnauthorizedError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('UNAUTHORIZED', message, facts)
  }
}

/** API_KEY_REVOKED, HTTP 401. Use another key of the tenant, or create one. */
export class ApiKeyRevokedError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('API_KEY_REVOKED', message, facts)
  }
}

/** API_KEY_EXPIRED, HTTP 401. Create a new key for the tenant and use that. */
export class ApiKeyExpiredError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('API_KEY_EXPIRED', message, facts)
  }
}

/** FORBIDDEN, HTTP 403. The caller may not do this. */
export class ForbiddenError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('FORBIDDEN', message, facts)
  }
}

/** TENANT_SUSPENDED, HTTP 403. Activate the tenant before calling on its behalf. */
export class TenantSuspendedError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('TENANT_SUSPENDED', message, facts)
  }
}

/** AGENT_NOT_FOUND, HTTP 404. Check the agent id, and that it belongs to this tenant. */
export class AgentNotFoundError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('AGENT_NOT_FOUND', message, facts)
  }
}

/** RESOURCE_NOT_FOUND, HTTP 404. Check the id, and that it belongs to this tenant. */
export class ResourceNotFoundError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('RESOURCE_NOT_FOUND', message, facts)
  }
}

/** CONFLICT, HTTP 409. Read the current state of the resource and decide again. */
export class ConflictError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('CONFLICT', message, facts)
  }
}

/** SESSION_CLOSED, HTTP 409. Create a new session; a closed one takes no messages. */
export class SessionClosedError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('SESSION_CLOSED', message, facts)
  }
}

/**
 * IDEMPOTENCY_KEY_REQUIRED, HTTP 400. Give an idempotency key, or ask the library to generate one.
 */
export class IdempotencyKeyRequiredError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('IDEMPOTENCY_KEY_REQUIRED', message, facts)
  }
}

/**
 * IDEMPOTENCY_KEY_INVALID, HTTP 400. Give a key of 1 to 255 printable ASCII characters without
 * spaces.
 */
export class IdempotencyKeyInvalidError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('IDEMPOTENCY_KEY_INVALID', message, facts)
  }
}

/**
 * IDEMPOTENCY_KEY_REUSED, HTTP 422. Use a new key; this one stands for a call with other content.
 */
export class IdempotencyKeyReusedError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('IDEMPOTENCY_KEY_REUSED', message, facts)
  }
}

/**
 * IDEMPOTENCY_IN_PROGRESS, HTTP 409, retryable. Repeat with the same key after retry_after_ms; the
 * first call is still running.
 */
export class IdempotencyInProgressError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('IDEMPOTENCY_IN_PROGRESS', message, facts)
  }
}

/**
 * IDEMPOTENCY_KEY_EXPIRED, HTTP 410. Use a new key for new work; the stored reply of this one was
 * purged.
 */
export class IdempotencyKeyExpiredError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('IDEMPOTENCY_KEY_EXPIRED', message, facts)
  }
}

/**
 * OUTCOME_UNKNOWN, HTTP 502. Resolve the call: the provider may have run it, but no answer is held.
 */
export class OutcomeUnknownError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('OUTCOME_UNKNOWN', message, facts)
  }
}

/** RATE_LIMITED, HTTP 429, retryable. Repeat after retry_after_ms. */
export class RateLimitedError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('RATE_LIMITED', message, facts)
  }
}

/** QUOTA_EXCEEDED, HTTP 429. Wait for the next period or raise the tenant's quota. */
export class QuotaExceededError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('QUOTA_EXCEEDED', message, facts)
  }
}

/** BUDGET_EXCEEDED, HTTP 402. Raise the budget, or choose a cheaper model or a shorter answer. */
export class BudgetExceededError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('BUDGET_EXCEEDED', message, facts)
  }
}

/** PAYLOAD_TOO_LARGE, HTTP 413. Shorten the field that the details name below its limit. */
export class PayloadTooLargeError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('PAYLOAD_TOO_LARGE', message, facts)
  }
}

/**
 * PROVIDER_REJECTED, HTTP 502. Change the request or the provider's configuration; the provider
 * refused for good.
 */
export class ProviderRejectedError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('PROVIDER_REJECTED', message, facts)
  }
}

/**
 * ALL_PROVIDERS_FAILED, HTTP 503, retryable. Repeat later with the same key; nothing was billed.
 */
export class AllProvidersFailedError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('ALL_PROVIDERS_FAILED', message, facts)
  }
}

/**
 * COUNCIL_QUORUM_FAILED, HTTP 503, retryable. Repeat later with the same key, or lower the share of
 * answers the council needs.
 */
export class CouncilQuorumFailedError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('COUNCIL_QUORUM_FAILED', message, facts)
  }
}

/** TOOL_FAILED, HTTP 502. Repair the tool that the details name. */
export class ToolFailedError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('TOOL_FAILED', message, facts)
  }
}

/**
 * DEADLINE_EXCEEDED, HTTP 504, retryable. Repeat with the same key: the call may have gone on, and
 * then its reply is replayed.
 */
export class DeadlineExceededError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('DEADLINE_EXCEEDED', message, facts)
  }
}

/**
 * CANCELLED, HTTP 499. Nothing; the caller ended the wait, and the same key still gives a reply
 * that came.
 */
export class CancelledError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('CANCELLED', message, facts)
  }
}

/**
 * STORE_BUSY, HTTP 503, retryable. Repeat later with the same key; other processes held the store
 * for too long.
 */
export class StoreBusyError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('STORE_BUSY', message, facts)
  }
}

/**
 * STORE_UNAVAILABLE, HTTP 503, retryable. Repair the disk or the database, then repeat with the
 * same key.
 */
export class StoreUnavailableError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('STORE_UNAVAILABLE', message, facts)
  }
}

/** STORE_CORRUPT, HTTP 500. Stop using the file and restore a backup. */
export class StoreCorruptError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('STORE_CORRUPT', message, facts)
  }
}

/** STORE_SCHEMA_NEWER, HTTP 500. Upgrade conclave to the version that last opened this store. */
export class StoreSchemaNewerError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('STORE_SCHEMA_NEWER', message, facts)
  }
}

/**
 * ENCRYPTION_KEY_UNAVAILABLE, HTTP 500. Open the gateway with the key that the stored data was
 * encrypted with.
 */
export class EncryptionKeyUnavailableError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('ENCRYPTION_KEY_UNAVAILABLE', message, facts)
  }
}

/**
 * DECRYPTION_FAILED, HTTP 500. Restore the record from a backup; it was changed, or encrypted with
 * another key.
 */
export class DecryptionFailedError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('DECRYPTION_FAILED', message, facts)
  }
}

/** HANDLE_CLOSED, HTTP 500. Open a new gateway; this one was closed. */
export class HandleClosedError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('HANDLE_CLOSED', message, facts)
  }
}

/**
 * HANDLE_FORKED, HTTP 500. Use, in the child of a fork, only gateways and files that were not in
 * use before it.
 */
export class HandleForkedError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('HANDLE_FORKED', message, facts)
  }
}

/** UNSUPPORTED, HTTP 501. Leave the option out, or choose a provider or build that has it. */
export class UnsupportedError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('UNSUPPORTED', message, facts)
  }
}

/**
 * OUT_OF_MEMORY, HTTP 503, retryable. Free memory or send less at a time, then repeat with the same
 * key.
 */
export class OutOfMemoryError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('OUT_OF_MEMORY', message, facts)
  }
}

/** INTERNAL_ERROR, HTTP 500. Report the request id and the version as a defect of conclave. */
export class InternalError extends ConclaveError {
  constructor(message: string, facts?: ErrorFacts) {
    super('INTERNAL_ERROR', message, facts)
  }
}

/** A class of one code. */
export interface ErrorClass {
  readonly name: string
  readonly prototype: ConclaveError
  new (message: string, facts?: ErrorFacts): ConclaveError
}

/** By code. */
export const errorClasses: Readonly<Record<ErrorCode, ErrorClass>> = {
  VALIDATION_ERROR: ValidationError,
  UNAUTHORIZED: UnauthorizedError,
  API_KEY_REVOKED: ApiKeyRevokedError,
  API_KEY_EXPIRED: ApiKeyExpiredError,
  FORBIDDEN: ForbiddenError,
  TENANT_SUSPENDED: TenantSuspendedError,
  AGENT_NOT_FOUND: AgentNotFoundError,
  RESOURCE_NOT_FOUND: ResourceNotFoundError,
  CONFLICT: ConflictError,
  SESSION_CLOSED: SessionClosedError,
  IDEMPOTENCY_KEY_REQUIRED: IdempotencyKeyRequiredError,
  IDEMPOTENCY_KEY_INVALID: IdempotencyKeyInvalidError,
  IDEMPOTENCY_KEY_REUSED: IdempotencyKeyReusedError,
  IDEMPOTENCY_IN_PROGRESS: IdempotencyInProgressError,
  IDEMPOTENCY_KEY_EXPIRED: IdempotencyKeyExpiredError,
  OUTCOME_UNKNOWN: OutcomeUnknownError,
  RATE_LIMITED: RateLimitedError,
  QUOTA_EXCEEDED: QuotaExceededError,
  BUDGET_EXCEEDED: BudgetExceededError,
  PAYLOAD_TOO_LARGE: PayloadTooLargeError,
  PROVIDER_REJECTED: ProviderRejectedError,
  ALL_PROVIDERS_FAILED: AllProvidersFailedError,
  COUNCIL_QUORUM_FAILED: CouncilQuorumFailedError,
  TOOL_FAILED: ToolFailedError,
  DEADLINE_EXCEEDED: DeadlineExceededError,
  CANCELLED: CancelledError,
  STORE_BUSY: StoreBusyError,
  STORE_UNAVAILABLE: StoreUnavailableError,
  STORE_CORRUPT: StoreCorruptError,
  STORE_SCHEMA_NEWER: StoreSchemaNewerError,
  ENCRYPTION_KEY_UNAVAILABLE: EncryptionKeyUnavailableError,
  DECRYPTION_FAILED: DecryptionFailedError,
  HANDLE_CLOSED: HandleClosedError,
  HANDLE_FORKED: HandleForkedError,
  UNSUPPORTED: UnsupportedError,
  OUT_OF_MEMORY: OutOfMemoryError,
  INTERNAL_ERROR: InternalError,
}

// On the prototypes, as of the built-in errors. An ended wait is told by the name that
// Node and the web give it.
for (const [code, { name, prototype }] of Object.entries(errorClasses)) {
  const value = code === 'CANCELLED' ? 'AbortError' : name
  Object.defineProperty(prototype, 'name', { value, configurable: true, writable: true })
}
