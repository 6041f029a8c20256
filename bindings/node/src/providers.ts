// Providers of the process, and their handlers.

import { gather } from './arguments'
import type { NewProvider, Provider } from './documents'
import type { HostHandlers, ProviderHandler } from './host-handlers'
import { ProviderOperations } from './nouns'
import type { CallOptions, Scope } from './scope'
import { checkHandler } from './tools'

/** A provider without its name; of kind `callback` with the handler that answers for it. */
export type ProviderOptions = Omit<NewProvider, 'name'> & {
  readonly handler?: ProviderHandler | undefined
}

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
  register(provider: ProviderOptions & { readonly name: string } & CallOptions): Promise<Provider>
  async register(...given: unknown[]): Promise<Provider> {
    const { handler, ...provider } = Object.fromEntries(gather(['name'], given))
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
