// One gateway as this environment sees it: requests out, events in, and the process kept alive
// only while somebody waits.

import { AsyncResource } from 'node:async_hooks'

import { errorFromDocument } from './error-document'
import type { ConclaveError } from './errors'
import { EventKind, factsOfEvent, native, type Handle } from './native'

/** Who hears of a request. */
export interface Listener {
  /** Called once, as the last of all. The document is the result or the error. */
  completed(document: string, failed: boolean): void
  /** Of streams: called for each event. */
  streamed?(document: string): void
}

/** What a request is made of. */
export interface Request {
  readonly operation: string
  readonly document: string
  readonly tenantId: string | undefined
  readonly requestId: string | undefined
}

/** A request under way. */
interface Waiting {
  readonly listener: Listener
  /** The asynchronous context of the caller, in which handlers run. */
  readonly context: AsyncResource
}

/** A call of a handler of this process. */
export interface HostCall {
  readonly call: bigint
  readonly document: string
  /** Runs a function in the asynchronous context of the call that caused this one. */
  readonly run: (handler: () => void) => void
}

export interface HostCallListener {
  called(hostCall: HostCall): void
  ended(call: bigint): void
}

/** So many events are taken before other work of the event loop gets its turn. */
const batchMax = 64

// Node's cleanup hooks do not run in process.exit() of the main thread, and there the engine's
// threads must not outlive JavaScript.
const live = new Set<Channel>()

function releaseAll(): void {
  for (const channel of live) channel.release()
}

export class Channel {
  readonly #handle: Handle
  readonly #waiting = new Map<number, Waiting>()
  // Of the events that were taken last.
  readonly #facts = new Float64Array(batchMax * factsOfEvent)
  readonly #calls = new BigUint64Array(this.#facts.buffer)
  #hostCalls: HostCallListener | undefined
  #holds = 0
  #draining = false
  #closed = false
  #released = false

  private constructor(open: (ready: () => void) => Handle) {
    this.#handle = open(() => {
      this.#drain()
    })
    if (live.size === 0) process.on('exit', releaseAll)
    live.add(this)
  }

  /** Throws what is wrong with the configuration. */
  static open(config: string): Channel {
    return new Channel((ready) => {
      const handle = native.open(config, ready)
      if (typeof handle === 'string') throw errorFromDocument(handle)
      return handle
    })
  }

  set hostCalls(listener: HostCallListener) {
    this.#hostCalls = listener
  }

  /** Gives the number of the request, or throws. */
  submit(request: Request, listener: Listener): number {
    const { operation, document, tenantId, requestId } = request
    const number = native.submit(this.#handle, operation, document, tenantId, requestId)
    if (typeof number === 'string') throw errorFromDocument(number)
    this.#waiting.set(number, { listener, context: new AsyncResource('conclave') })
    return number
  }

  cancel(request: number): void {
    if (this.#waiting.has(request)) native.cancel(this.#handle, request)
  }

  pull(request: number, count: number): void {
    if (this.#waiting.has(request)) native.pull(this.#handle, request, count)
  }

  /** Gives what is wrong with the answer; the call then still waits for one. */
  reply(call: bigint, status: number, document: string): ConclaveError | undefined {
    if (this.#released) return undefined
    const failure = native.reply(this.#handle, call, status, document)
    return failure === undefined ? undefined : errorFromDocument(failure)
  }

  replyText(call: bigint, text: string): void {
    if (!this.#released) native.replyText(this.#handle, call, text)
  }

  /** Keeps the process alive until `letGo`. */
  hold(): void {
    this.#holds += 1
    if (this.#holds === 1 && !this.#released) native.keepAlive(this.#handle, true)
  }

  letGo(): void {
    this.#holds -= 1
    if (this.#holds === 0 && !this.#released) native.keepAlive(this.#handle, false)
  }

  /** After the operation gateway.close. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    native.close(this.#handle)
    this.#releaseWhenIdle()
  }

  /** Ends everything at once; who still waits hears nothing more. */
  release(): void {
    if (this.#released) return
    this.#released = true
    live.delete(this)
    if (live.size === 0) process.off('exit', releaseAll)
    native.release(this.#handle)
  }

  #drain(): void {
    if (this.#draining || this.#released) return
    this.#draining = true
    const documents = native.take(this.#handle, this.#facts.buffer)
    try {
      for (let i = 0; i < documents.length; i += 1) this.#dispatch(i, documents[i] ?? '')
    } finally {
      this.#draining = false
    }
    if (documents.length === batchMax) {
      setImmediate(() => {
        this.#drain()
      })
    }
    if (this.#closed) this.#releaseWhenIdle()
  }

  #dispatch(event: number, document: string): void {
    const at = event * factsOfEvent
    const request = this.#facts[at + 1] ?? 0
    const call = (): bigint => this.#calls[at + 3] ?? 0n
    const waiting = this.#waiting.get(request)
    switch (this.#facts[at]) {
      case EventKind.completion:
        this.#waiting.delete(request)
        waiting?.listener.completed(document, this.#facts[at + 2] !== 0)
        break
      case EventKind.stream:
        waiting?.listener.streamed?.(document)
        break
      case EventKind.hostCall:
        this.#hostCalls?.called({ call: call(), document, run: runIn(waiting?.context) })
        break
      case EventKind.hostCallEnded:
        this.#hostCalls?.ended(call())
        break
    }
  }

  // The port stays until every request has told its end.
  #releaseWhenIdle(): void {
    if (this.#waiting.size === 0) this.release()
  }
}

function runIn(context: AsyncResource | undefined): (handler: () => void) => void {
  return context === undefined
    ? (handler) => {
        handler()
      }
    : (handler) => {
        context.runInAsyncScope(handler)
      }
}
