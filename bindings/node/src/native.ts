// The addon: a thin shim over the C library. Handles and numbers in, texts out.

import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** An open gateway with its port, for this environment alone. */
export interface Handle {
  readonly opaque: never
}

/** Eight bytes each that an event has beside its document: kind, request, status, call. */
export const factsOfEvent = 4

/** CONCLAVE_EVENT_... */
export enum EventKind {
  completion = 1,
  stream = 2,
  hostCall = 3,
  hostCallEnded = 4,
}

/** Functions that can fail give the error document as a text instead. */
export interface Native {
  version(): string
  describe(): string
  /** `ready` is called, soon and on this thread, when events came to an empty port. */
  open(config: string, ready: () => void): Handle | string
  /** The number of the request. */
  submit(
    handle: Handle,
    operation: string,
    document: string,
    tenantId: string | undefined,
    requestId: string | undefined,
  ): number | string
  cancel(handle: Handle, request: number): void
  pull(handle: Handle, request: number, count: number): void
  reply(handle: Handle, call: bigint, status: number, document: string): string | undefined
  replyText(handle: Handle, call: bigint, text: string): void
  /**
   * The documents of as many events as `facts` has room for; fewer mean that `ready` will tell of
   * the next. `facts` gets the rest, as doubles, the call as an unsigned integer.
   */
  take(handle: Handle, facts: ArrayBuffer): string[]
  /** Whether the process stays alive for this gateway. */
  keepAlive(handle: Handle, wanted: boolean): void
  /** Ends the gateway; after gateway.close it does not wait. */
  close(handle: Handle): void
  /** Ends the port, and the gateway if it was not closed; nothing but this may follow it. */
  release(handle: Handle): void
}

function load(): Native {
  const platform = `${process.platform}-${process.arch}`
  const file = join(__dirname, '..', 'prebuilds', platform, 'conclave.node')
  if (!existsSync(file)) {
    throw new Error(`conclave has no binary for ${platform} (prebuilds/${platform}/conclave.node)`)
  }
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the only way to an addon
  return require(file) as Native
}

export const native = load()
