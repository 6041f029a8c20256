// Opening a store.

import { Channel } from './channel'
import type { NewPrice, OpenDocument } from './documents'
import { encode } from './encode'
import { ValidationError } from './error-classes'
import { captureOrigin, placed, type Origin } from './error-document'
import { ConclaveError } from './errors'
import { Gateway } from './gateway'
import { HostHandlers } from './host-handlers'
import { print } from './json'
import type { ProviderOptions } from './providers'

/** How a gateway is opened. */
export type OpenOptions = Omit<OpenDocument, 'store' | 'providers' | 'prices'> & {
  /** By name. */
  readonly providers?: Readonly<Record<string, ProviderOptions>> | undefined
  readonly prices?: readonly NewPrice[] | undefined
}

/**
 * Opens "app.db", "sqlite:app.db" or ":memory:". Lazy: no file before first use, so errors of the
 * file come then. Opened twice, in whatever threads of a process, a file is one engine.
 * ValidationError names the option; ConflictError if the file is open with other options. The
 * variables SSL_CERT_FILE and NODE_EXTRA_CA_CERTS stand in for `caFile`. Since 0.1.
 */
export async function open(store: string, options: OpenOptions = {}): Promise<Gateway> {
  const origin = captureOrigin(open)
  try {
    return await openAt(store, options, origin)
  } catch (error) {
    throw error instanceof ConclaveError ? placed(error, origin) : error
  }
}

async function openAt(store: string, options: OpenOptions, origin: Origin): Promise<Gateway> {
  const { providers = {}, ...rest } = options
  const { plain, callbacks } = split(providers)
  const document = { caFile: environmentCaFile(), ...rest, store, providers: plain }
  const channel = Channel.open(print(encode(Object.entries(document), 'open')), origin)
  const gateway = new Gateway(channel, new HostHandlers(channel))
  try {
    for (const [name, provider] of callbacks) await gateway.providers.register(name, provider)
  } catch (error) {
    await gateway.close()
    throw error
  }
  return gateway
}

/** Those that a document can describe, and those that need a function. */
function split(providers: Readonly<Record<string, ProviderOptions>>) {
  if (Object.prototype.toString.call(providers) !== '[object Object]') {
    throw new ValidationError('providers must be an object of providers by name', {
      details: { field: 'providers' },
    })
  }
  const all = Object.entries(providers)
  const isCallback = ([, { kind, handler }]: [string, ProviderOptions]): boolean =>
    kind === 'callback' || handler !== undefined
  return {
    plain: all.filter((entry) => !isCallback(entry)).map(([name, p]) => ({ ...p, name })),
    callbacks: all.filter(isCallback),
  }
}

/** The library reads no environment; its users expect it of a Node package. */
function environmentCaFile(): string | undefined {
  const { SSL_CERT_FILE, NODE_EXTRA_CA_CERTS } = process.env
  return [SSL_CERT_FILE, NODE_EXTRA_CA_CERTS].find((file) => file !== undefined && file !== '')
}
