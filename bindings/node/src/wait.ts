// Somebody waits for a call.

import { onAbort } from './abort'
import type { Channel } from './channel'

/** The time in which a promise keeps the process alive; its result or its signal ends it. */
export class Wait {
  readonly #channel: Channel
  #stopListening: (() => void) | undefined
  #over = false

  constructor(channel: Channel) {
    this.#channel = channel
  }

  begin(signal: AbortSignal | undefined, aborted: (signal: AbortSignal) => void): void {
    this.#channel.hold()
    if (signal === undefined) return
    this.#stopListening = onAbort(signal, () => {
      if (this.end()) aborted(signal)
    })
  }

  /** False when it was over already. */
  end(): boolean {
    if (this.#over) return false
    this.#over = true
    this.#stopListening?.()
    this.#channel.letGo()
    return true
  }
}
