// How a method becomes a request: arguments to a document, a document to a result or an error.

import { checkSignal, checkToken, gather, takeOut } from './arguments'
import type { Channel } from './channel'
import { decode } from './decode'
import { encode } from './encode'
import { CancelledError } from './error-classes'
import { errorFromDocument } from './error-document'
import { ConclaveError } from './errors'
import { parse, print } from './json'
import { operations, type Operation, type Results } from './operations'
import { Wait } from './wait'

/** What may stand in the last object of every call, beside the fields of the contract. */
export interface CallOptions {
  /**
   * Ends the wait: the promise rejects at once with CancelledError, whose name is AbortError and
   * whose cause is the signal's reason. A provider that was called is let finish and billed once;
   * the same idempotency key finds its answer.
   */
  readonly signal?: AbortSignal | undefined
  /** Taken over into replies, errors and logs. */
  readonly requestId?: string | undefined
}

/** A call ready to go. */
export interface Call {
  readonly operation: Operation
  readonly document: string
  readonly tenantId: string | undefined
  readonly requestId: string | undefined
  readonly signal: AbortSignal | undefined
}

/** The error of a wait that `signal` ended. */
export function cancelled(signal: AbortSignal, call: Call): ConclaveError {
  const facts = { cause: signal.reason as unknown, requestId: call.requestId }
  return new CancelledError('the wait was ended by its signal', facts)
}

/** Everything of one gateway, or of one tenant of it. */
export class Scope {
  constructor(
    readonly channel: Channel,
    readonly tenantId?: string,
    /** Of calls that bring none. */
    readonly requestId?: string,
  ) {}

  /** Never throws: errors come as the rejection, whose stack names who awaits it. */
  async call<Name extends Operation>(
    name: Name,
    given: readonly unknown[],
  ): Promise<Results[Name]> {
    try {
      return resultOf(name, await this.#answer(this.prepare(name, given))) as Results[Name]
    } catch (error) {
      // eslint-disable-next-line @typescript-eslint/unbound-method -- names the frame to leave out
      if (error instanceof ConclaveError) Error.captureStackTrace(error, this.call)
      throw error
    }
  }

  /** The document of a call. Throws what is wrong with it. */
  prepare(operation: Operation, given: readonly unknown[]): Call {
    let requestId = this.requestId
    try {
      const fields = gather(operations[operation].positional, given)
      const signal = takeOut(fields, 'signal')
      const ownId = takeOut(fields, 'requestId')
      if (ownId !== undefined) requestId = checkToken(ownId, 'request_id')
      return {
        operation,
        document: print(encode(fields, operations[operation].in)),
        tenantId: this.tenantId,
        requestId,
        signal: checkSignal(signal),
      }
    } catch (error) {
      if (error instanceof ConclaveError && error.requestId === '' && requestId !== undefined) {
        Object.assign(error, { requestId })
      }
      throw error
    }
  }

  /** The document of the result. */
  #answer(call: Call): Promise<string> {
    const { signal } = call
    if (signal?.aborted === true) return Promise.reject(cancelled(signal, call))
    const wait = new Wait(this.channel)
    return new Promise((resolve, reject) => {
      const completed = (document: string, failed: boolean): void => {
        if (!wait.end()) return
        if (failed) reject(errorFromDocument(document))
        else resolve(document)
      }
      const request = this.channel.submit(call, { completed })
      wait.begin(signal, (ended) => {
        this.channel.cancel(request)
        reject(cancelled(ended, call))
      })
    })
  }
}

/** What an operation gives, from its document. */
export function resultOf(operation: Operation, document: string): unknown {
  const { out, gives } = operations[operation]
  if (gives === 'nothing') return undefined
  const value = decode(parse(document), out) as Record<string, unknown>
  if (gives === 'items') return value['items']
  return gives === 'text' ? value['text'] : value
}
