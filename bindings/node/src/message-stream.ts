// One answer, event by event.

import { onAbort } from './abort'
import { decode } from './decode'
import { errorFromDocument, placed, type Origin } from './error-document'
import { ConclaveError } from './errors'
import { parse } from './json'
import { cancelled, type Call, type Scope } from './scope'
import type { StreamEvent } from './stream-event'

/** So many events are on their way at most; a reader that stops holds the engine back. */
const windowMax = 32

interface Reader {
  resolve(result: IteratorResult<StreamEvent, undefined>): void
  reject(error: Error): void
}

/**
 * Iterated with `for await`; begins with the first `next`. The last event is of type `done`, with
 * the reply, or `error`, with the error document. An error of which no event can tell is thrown:
 * wrong arguments, a closed gateway, CancelledError after `signal`. Leaving the loop ends the wait
 * and not the call, whose answer the same idempotency key finds. Since 0.1.
 */
export class MessageStream implements AsyncIterableIterator<StreamEvent, undefined, undefined> {
  readonly #scope: Scope
  readonly #prepare: () => Call
  readonly #origin: Origin
  #stopListening: (() => void) | undefined
  #request: number | undefined
  #begun = false
  #over = false
  #told = false
  #asked = 0
  #failure: Error | undefined
  readonly #events: StreamEvent[] = []
  readonly #readers: Reader[] = []

  /** @internal */
  constructor(scope: Scope, prepare: () => Call, origin: Origin) {
    this.#scope = scope
    this.#prepare = prepare
    this.#origin = origin
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<StreamEvent, undefined>> {
    return new Promise((resolve, reject) => {
      this.#scope.channel.hold()
      this.#readers.push({ resolve, reject })
      this.#begin()
      this.#serve()
      this.#ask()
    })
  }

  /** Ends the wait. Called by `for await` when the loop is left. */
  return(): Promise<IteratorResult<StreamEvent, undefined>> {
    this.#end(undefined)
    return Promise.resolve({ done: true, value: undefined })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  #begin(): void {
    if (this.#begun) return
    this.#begun = true
    if (this.#over) return
    try {
      const call = this.#prepare()
      const abort = (signal: AbortSignal): void => {
        this.#end(cancelled(signal, call))
      }
      if (call.signal?.aborted === true) {
        abort(call.signal)
        return
      }
      this.#request = this.#scope.channel.submit(call, {
        completed: (document, failed) => {
          this.#completed(document, failed)
        },
        streamed: (document) => {
          this.#streamed(document)
        },
      })
      if (call.signal !== undefined) this.#stopListening = onAbort(call.signal, abort)
    } catch (error) {
      this.#end(error as Error)
    }
  }

  #streamed(document: string): void {
    this.#asked -= 1
    if (this.#over) return
    const event = decode(parse(document), 'stream_event') as StreamEvent
    this.#told = event.type === 'error'
    this.#events.push(event)
    this.#serve()
  }

  #completed(document: string, failed: boolean): void {
    this.#request = undefined
    const silent = failed && !this.#told
    this.#finish(silent ? errorFromDocument(document) : undefined)
  }

  /** Nobody reads on: what is there already is dropped. */
  #end(failure: Error | undefined): void {
    if (this.#request !== undefined) this.#scope.channel.cancel(this.#request)
    if (!this.#over) this.#events.length = 0
    this.#finish(failure)
  }

  #finish(failure: Error | undefined): void {
    if (this.#over) return
    this.#over = true
    this.#failure = failure instanceof ConclaveError ? placed(failure, this.#origin) : failure
    this.#stopListening?.()
    this.#serve()
  }

  #serve(): void {
    for (;;) {
      const reader = this.#readers[0]
      if (reader === undefined) return
      const event = this.#events.shift()
      if (event === undefined && !this.#over) return
      this.#readers.shift()
      this.#scope.channel.letGo()
      this.#give(reader, event)
    }
  }

  #give(reader: Reader, event: StreamEvent | undefined): void {
    const failure = this.#failure
    if (event !== undefined) {
      reader.resolve({ done: false, value: event })
    } else if (failure === undefined) {
      reader.resolve({ done: true, value: undefined })
    } else {
      this.#failure = undefined
      reader.reject(failure)
    }
  }

  /** Fills the window when half of it was read. */
  #ask(): void {
    const known = this.#asked + this.#events.length
    if (this.#over || this.#request === undefined || known > windowMax / 2) return
    const count = windowMax - known
    this.#asked += count
    this.#scope.channel.pull(this.#request, count)
  }
}
