// Everything that belongs to one tenant; there is no other way to reach it.

import { checkToken } from './arguments'
import type { Channel } from './channel'
import { Messages } from './messages'
import {
  AgentOperations,
  ApiKeyOperations,
  CouncilOperations,
  EmbeddingOperations,
  SessionOperations,
  UsageOperations,
} from './nouns'
import { Scope } from './scope'

/**
 * The scope of one tenant, from `gateway.tenant(id)` or `gateway.authenticate(secret)`. Cheap, and
 * valid as long as the gateway. Since 0.1.
 */
export class TenantScope {
  readonly id: string
  readonly apiKeys: ApiKeyOperations
  readonly agents: AgentOperations
  readonly sessions: SessionOperations
  readonly messages: Messages
  readonly embeddings: EmbeddingOperations
  readonly council: CouncilOperations
  readonly usage: UsageOperations
  readonly #channel: Channel

  /** @internal */
  constructor(channel: Channel, id: string, requestId?: string) {
    const scope = new Scope(channel, id, requestId)
    this.#channel = channel
    this.id = id
    this.apiKeys = new ApiKeyOperations(scope)
    this.agents = new AgentOperations(scope)
    this.sessions = new SessionOperations(scope)
    this.messages = new Messages(scope)
    this.embeddings = new EmbeddingOperations(scope)
    this.council = new CouncilOperations(scope)
    this.usage = new UsageOperations(scope)
  }

  /** The same tenant for one request: its id goes with every call that brings none of its own. */
  forRequest(requestId: string): TenantScope {
    return new TenantScope(this.#channel, this.id, checkToken(requestId, 'request_id'))
  }
}
