// From the engine's error document to an error whose stack names the caller.

import type { ErrorDocument } from './documents'
import { errorClasses } from './error-classes'
import type { ErrorCode } from './error-table'
import type { ConclaveError } from './errors'
import { parse } from './json'

/** Where a call was made: an object with a captured stack. */
export interface Origin {
  stack?: string
}

/** The place of the call that runs now; frames from `entry` inwards are left out. */
export function captureOrigin(entry: (...given: never[]) => unknown): Origin {
  const origin: Origin = {}
  Error.captureStackTrace(origin, entry)
  return origin
}

/** Gives an error the stack of the call that failed, not of the event that told of it. */
export function placed(error: ConclaveError, origin: Origin): ConclaveError {
  const stack = origin.stack ?? ''
  const frames = stack.indexOf('\n    at ')
  const head = `${error.name}: ${error.message}`
  Object.defineProperty(error, 'stack', {
    value: frames < 0 ? head : head + stack.slice(frames),
    writable: true,
    configurable: true,
  })
  return error
}

interface Fields {
  code: ErrorCode
  message: string
  details: Record<string, unknown>
  request_id: string
  retry_after_ms: number | null
}

/** The error that the last event of a stream tells of. */
export function errorOf(document: ErrorDocument): ConclaveError {
  const { message, details, requestId, retryAfterMs } = document
  return new errorClasses[document.code as ErrorCode](message, { details, requestId, retryAfterMs })
}

/** The error that a document of the engine describes. */
export function errorFromDocument(text: string): ConclaveError {
  const document = parse(text) as Fields
  return new errorClasses[document.code](document.message, {
    details: document.details,
    requestId: document.request_id,
    retryAfterMs: document.retry_after_ms,
  })
}
