// Providers of the process, and their handlers.

import { gather } from './arguments'
import type { NewProvider, Provider } from './documents'
import type { HostHandlers, ProviderHandler } from './host-handlers'
import { ProviderOperations } from './nouns'
import { operations } from './operations'
import type { CallOptions, Scope } from './scope'
import { checkHandler } from './tools'

/** A provider without its name; of kind `callback` with the handler that answers for it. */
export type ProviderOptions = Omit<NewProvider, 'name'> & {
  readonly handler?: ProviderHandler | undefined
}

/** A provider with its name. */
export type NamedProvider = ProviderOptions & { readonly name: string }

/** `providers.*` */
export class Providers extends ProviderOperations {
  readonly #handlers: HostHandlers

  /** @internal */
  constructor(scope: Scope, handlers: HostHandlers) {
    super(scope)
    this.#handlers = handlers
  }

  /** Adds a provider or takes the place of one of the same name. */
  register(name: string, provider: ProviderOptions & CallOptions): Promise<Provider>
  register(provider: NamedProvider & CallOptions): Promise<Provider>
  async register(...given: unknown[]): Promise<Provider> {
    const { positional } = operations['providers.register']
    const { handler, ...provider } = Object.fromEntries(gather(positional, given))
    if (handler === undefined && provider['kind'] !== 'callback') {
      return this.scope.call('providers.register', [provider])
    }
    const checked = checkHandler(handler) as ProviderHandler
    const undo = this.#handlers.addProvider(String(provider['name']), checked)
    try {
      return await this.scope.call('providers.register', [provider])
    } catch (error) {
      undo()
      throw error
    }
  }
}
