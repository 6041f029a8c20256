// Opening a store.

import { gather } from './arguments'
import { Channel } from './channel'
import type { NewPrice, OpenDocument } from './documents'
import { encode } from './encode'
import { environmentAuthorities } from './environment'
import { ValidationError } from './error-classes'
import { ConclaveError } from './errors'
import { Gateway } from './gateway'
import { HostHandlers } from './host-handlers'
import { print } from './json'
import { isPlain } from './plain'
import type { NamedProvider, ProviderOptions } from './providers'

/** How a gateway is opened. */
export type OpenOptions = Omit<OpenDocument, 'store' | 'providers' | 'prices'> & {
  /** By name, or as a list. */
  readonly providers?:
    Readonly<Record<string, ProviderOptions>> | readonly NamedProvider[] | undefined
  readonly prices?: readonly NewPrice[] | undefined
}

/**
 * Opens "app.db", "sqlite:app.db" or ":memory:". Lazy: no file before first use, so errors of the
 * file come then. Opened twice, in whatever threads of a process, a file is one engine.
 * ValidationError names the option; ConflictError if the file is open with other options. Where no
 * option says whose certificates to trust, the variables SSL_CERT_FILE, SSL_CERT_DIR and
 * NODE_EXTRA_CA_CERTS do, as everywhere in Node.js. Since 0.1.
 */
export function open(store: string, options?: OpenOptions): Promise<Gateway>
export function open(options: OpenOptions & { readonly store: string }): Promise<Gateway>
export async function open(...given: unknown[]): Promise<Gateway> {
  try {
    return await openAt(Object.fromEntries(gather(['store'], given)))
  } catch (error) {
    if (error instanceof ConclaveError) Error.captureStackTrace(error, open)
    throw error
  }
}

async function openAt(options: Record<string, unknown>): Promise<Gateway> {
  const { providers, ...rest } = options
  const { plain, callbacks } = split(providers)
  const document = { ...rest, ...environmentAuthorities(rest), providers: plain }
  const channel = Channel.open(print(encode(Object.entries(document), 'open')))
  const gateway = new Gateway(channel, new HostHandlers(channel))
  try {
    for (const provider of callbacks) await gateway.providers.register(provider)
  } catch (error) {
    await gateway.close()
    throw error
  }
  return gateway
}

/** Those that a document can describe, and those that need a function. */
function split(providers: unknown) {
  const all = listOf(providers)
  const isCallback = (provider: unknown): provider is NamedProvider =>
    isPlain(provider) && (provider['kind'] === 'callback' || provider['handler'] !== undefined)
  return { plain: all.filter((one) => !isCallback(one)), callbacks: all.filter(isCallback) }
}

function listOf(providers: unknown): unknown[] {
  if (providers === undefined) return []
  if (Array.isArray(providers)) return providers
  if (isPlain(providers)) {
    return Object.entries(providers).map(([name, one]) => (isPlain(one) ? { ...one, name } : one))
  }
  throw new ValidationError('providers must be a list, or an object of providers by name', {
    details: { field: 'providers' },
  })
}
