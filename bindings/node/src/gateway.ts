// An open store.

import { checkToken } from './arguments'
import type { Channel } from './channel'
import type {
  AdvanceRequest,
  Authentication,
  BackupRequest,
  CheckReport,
  CloseRequest,
  Health,
} from './documents'
import type { HostHandlers } from './host-handlers'
import { PriceOperations, TenantOperations } from './nouns'
import { Providers } from './providers'
import { Scope, type CallOptions } from './scope'
import { TenantScope } from './tenant-scope'
import { Tools } from './tools'

/**
 * An open gateway, from `open`. It belongs to the thread that opened it; other threads open the
 * same store for themselves and share one engine. It does not keep the process alive: only calls
 * that somebody waits for do. Since 0.1.
 */
export class Gateway {
  readonly providers: Providers
  readonly prices: PriceOperations
  readonly tenants: TenantOperations
  readonly tools: Tools
  readonly #channel: Channel
  readonly #scope: Scope
  #closing: Promise<void> | undefined

  /** @internal */
  constructor(channel: Channel, handlers: HostHandlers) {
    this.#channel = channel
    this.#scope = new Scope(channel)
    this.providers = new Providers(this.#scope, handlers)
    this.prices = new PriceOperations(this.#scope)
    this.tenants = new TenantOperations(this.#scope)
    this.tools = new Tools(this.#scope, handlers)
  }

  /**
   * The scope of a tenant that the host has authenticated itself. Checks nothing: calls on a tenant
   * that does not exist fail.
   */
  tenant(id: string): TenantScope {
    return new TenantScope(this.#channel, checkToken(id, 'tenant_id'))
  }

  /**
   * The tenant that an API key opens. UnauthorizedError, ApiKeyRevokedError, ApiKeyExpiredError,
   * TenantSuspendedError.
   */
  authenticate(apiKey: string, options?: CallOptions): Promise<TenantScope>
  authenticate(request: Authentication & CallOptions): Promise<TenantScope>
  async authenticate(...given: unknown[]): Promise<TenantScope> {
    const tenant = await this.#scope.call('authenticate', given)
    return new TenantScope(this.#channel, tenant.id)
  }

  /** Checks the ledger's invariants over the whole store. */
  check(options: CallOptions = {}): Promise<CheckReport> {
    return this.#scope.call('gateway.check', [options])
  }

  /** About this process. */
  health(options: CallOptions = {}): Promise<Health> {
    return this.#scope.call('gateway.health', [options])
  }

  /** Counters of this process in the text format of Prometheus. */
  metrics(options: CallOptions = {}): Promise<string> {
    return this.#scope.call('gateway.metrics', [options])
  }

  /**
   * A key that no other message has, for a host without keys of its own. To be kept until the
   * answer is there: with it a message can be sent again.
   */
  newIdempotencyKey(options: CallOptions = {}): Promise<string> {
    return this.#scope.call('gateway.new_idempotency_key', [options])
  }

  /** Copies the store to a new file while it is in use. ConflictError if the file exists. */
  backup(path: string, options?: CallOptions): Promise<void>
  backup(request: BackupRequest & CallOptions): Promise<void>
  backup(...given: unknown[]): Promise<void> {
    return this.#scope.call('gateway.backup', given)
  }

  /** Moves the virtual clock and runs what falls due. */
  advance(ms: number, options?: CallOptions): Promise<void>
  advance(request: AdvanceRequest & CallOptions): Promise<void>
  advance(...given: unknown[]): Promise<void> {
    return this.#scope.call('gateway.advance', given)
  }

  /**
   * Lets sends in flight finish for `drainMs`, or for the drain time of `open`, writes what is left
   * as unknown, and ends the gateway: later calls reject with HandleClosedError. Closing twice is
   * one close.
   */
  close(options: CloseRequest = {}): Promise<void> {
    this.#closing ??= this.#close(options)
    return this.#closing
  }

  /** `await using gateway = await open(...)` */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(options: CloseRequest): Promise<void> {
    try {
      await this.#scope.call('gateway.close', [options])
    } catch (error) {
      // Nothing was closed, and a wrong option can be corrected.
      this.#closing = undefined
      throw error
    }
    this.#channel.close()
  }
}
