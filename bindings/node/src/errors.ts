// What went wrong, as an Error.

import { errorTable, type ErrorCode } from './error-table'

/** What may be known about an error beside its code and message. */
export interface ErrorFacts {
  readonly details?: Record<string, unknown> | undefined
  readonly requestId?: string | undefined
  /** After how many milliseconds the same call may succeed. */
  readonly retryAfterMs?: number | null | undefined
  readonly cause?: unknown
}

/**
 * Every error of conclave. `instanceof` one of its subclasses, or `code`, says which;
 * docs/errors.md says what to do. On failure nothing changed, unless `details.executed` is true.
 * Since 0.1.
 */
export class ConclaveError extends Error {
  readonly code: ErrorCode
  /** What a web backend should answer with. */
  readonly httpStatus: number
  /** The same call with the same idempotency key may succeed later. */
  readonly retryable: boolean
  /** When waiting helps: for how many milliseconds. */
  readonly retryAfterMs: number | null
  /** Empty for a call that never reached the engine. */
  readonly requestId: string
  /** Facts of the contract, such as `field`, whose names are the contract's own. */
  readonly details: Record<string, unknown>

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause })
    const row = errorTable[code]
    this.code = code
    this.httpStatus = row.httpStatus
    this.retryable = row.retryable
    this.retryAfterMs = facts.retryAfterMs ?? null
    this.requestId = facts.requestId ?? ''
    this.details = facts.details ?? {}
  }

  /** The error document of the contract; safe to show, has no stack. */
  toJSON(): Record<string, unknown> {
    return {
      code: this.code,
      message: this.message,
      details: this.details,
      requestId: this.requestId,
      retryable: this.retryable,
      retryAfterMs: this.retryAfterMs,
      httpStatus: this.httpStatus,
    }
  }
}
