// Nouns and verbs: one method for each operation. Written by script/generate-node from
// capi/contract/contract.json; not edited by hand.

import type {
  Agent,
  AgentUpdate,
  ApiKey,
  ApiKeyRevocation,
  ById,
  ContentPart,
  CouncilRanking,
  CouncilRequest,
  CouncilRule,
  CreatedApiKey,
  EmbeddingVectors,
  EmbeddingsRequest,
  ExportRequest,
  NewAgent,
  NewApiKey,
  NewPrice,
  NewSession,
  NewTenant,
  Page,
  PageRequest,
  PriceFilter,
  PriceSource,
  PriceVersion,
  Provider,
  Reply,
  Resolution,
  ResolveRequest,
  RollupRequest,
  SendRequest,
  Session,
  SessionFilter,
  SessionUpdate,
  SpendReport,
  Tenant,
  TenantUpdate,
  Tool,
  Transcript,
  TranscriptRequest,
  UnknownSend,
  UsageEvent,
  UsageRange,
  UsageRollup,
} from './documents'
import type { CallOptions, Scope } from './scope'

// Of all methods: none throws or blocks the thread; their promises reject with a
// ConclaveError. Each may fail with StoreBusyError, StoreUnavailableError,
// StoreCorruptError, HandleClosedError and, naming the field, ValidationError.

/** The operations `providers.*` of the gateway. Since 0.1. */
export class ProviderOperations {
  /** @internal */
  constructor(protected readonly scope: Scope) {}

  /** All providers of the process. */
  list(options: CallOptions = {}): Promise<Provider[]> {
    return this.scope.call('providers.list', [options])
  }
}

/** The operations `tools.*` of the gateway. Since 0.1. */
export class ToolOperations {
  /** @internal */
  constructor(protected readonly scope: Scope) {}

  /** All tools of the process. */
  list(options: CallOptions = {}): Promise<Tool[]> {
    return this.scope.call('tools.list', [options])
  }
}

/** The operations `prices.*` of the gateway. Since 0.1. */
export class PriceOperations {
  /** @internal */
  constructor(protected readonly scope: Scope) {}

  /** Adds a version; with unchanged values gives the one there is. */
  set(
    provider: string,
    model: string,
    options?: Omit<NewPrice, 'provider' | 'model'> & CallOptions,
  ): Promise<PriceVersion>
  set(request: NewPrice & CallOptions): Promise<PriceVersion>
  set(...given: unknown[]): Promise<PriceVersion> {
    return this.scope.call('prices.set', given)
  }

  /** Sets all prices of a file or document, or none of them. */
  load(options: PriceSource & CallOptions = {}): Promise<PriceVersion[]> {
    return this.scope.call('prices.load', [options])
  }

  /** Price versions, newest first. */
  list(options: PriceFilter & CallOptions = {}): Promise<PriceVersion[]> {
    return this.scope.call('prices.list', [options])
  }
}

/** The operations `tenants.*` of the gateway. Since 0.1. */
export class TenantOperations {
  /** @internal */
  constructor(protected readonly scope: Scope) {}

  /** Makes a tenant. */
  create(request: NewTenant & CallOptions): Promise<Tenant> {
    return this.scope.call('tenants.create', [request])
  }

  /** One tenant. */
  get(id: string, options?: CallOptions): Promise<Tenant>
  get(request: ById & CallOptions): Promise<Tenant>
  get(...given: unknown[]): Promise<Tenant> {
    return this.scope.call('tenants.get', given)
  }

  /** All tenants. */
  list(options: PageRequest & CallOptions = {}): Promise<Page<Tenant>> {
    return this.scope.call('tenants.list', [options])
  }

  /** Changes name, metadata or settings. */
  update(id: string, options?: Omit<TenantUpdate, 'id'> & CallOptions): Promise<Tenant>
  update(request: TenantUpdate & CallOptions): Promise<Tenant>
  update(...given: unknown[]): Promise<Tenant> {
    return this.scope.call('tenants.update', given)
  }

  /**
   * Its keys and its sends give TENANT_SUSPENDED until it is activated; what it has can be read and
   * changed.
   */
  suspend(id: string, options?: CallOptions): Promise<Tenant>
  suspend(request: ById & CallOptions): Promise<Tenant>
  suspend(...given: unknown[]): Promise<Tenant> {
    return this.scope.call('tenants.suspend', given)
  }

  /** Ends a suspension. */
  activate(id: string, options?: CallOptions): Promise<Tenant>
  activate(request: ById & CallOptions): Promise<Tenant>
  activate(...given: unknown[]): Promise<Tenant> {
    return this.scope.call('tenants.activate', given)
  }

  /** Erases content and keys; usage events and key hashes stay. */
  delete(id: string, options?: CallOptions): Promise<void>
  delete(request: ById & CallOptions): Promise<void>
  delete(...given: unknown[]): Promise<void> {
    return this.scope.call('tenants.delete', given)
  }
}

/** The operations `api_keys.*` of one tenant. Since 0.1. */
export class ApiKeyOperations {
  /** @internal */
  constructor(protected readonly scope: Scope) {}

  /** Makes a key; its secret is shown this once. */
  create(options: NewApiKey & CallOptions = {}): Promise<CreatedApiKey> {
    return this.scope.call('api_keys.create', [options])
  }

  /** The tenant's keys. */
  list(options: PageRequest & CallOptions = {}): Promise<Page<ApiKey>> {
    return this.scope.call('api_keys.list', [options])
  }

  /** Ends a key at once. Revoking twice keeps the first time and reason. */
  revoke(id: string, options?: Omit<ApiKeyRevocation, 'id'> & CallOptions): Promise<ApiKey>
  revoke(request: ApiKeyRevocation & CallOptions): Promise<ApiKey>
  revoke(...given: unknown[]): Promise<ApiKey> {
    return this.scope.call('api_keys.revoke', given)
  }
}

/** The operations `agents.*` of one tenant. Since 0.1. */
export class AgentOperations {
  /** @internal */
  constructor(protected readonly scope: Scope) {}

  /** Makes an agent. */
  create(request: NewAgent & CallOptions): Promise<Agent> {
    return this.scope.call('agents.create', [request])
  }

  /** The current version of an agent. */
  get(id: string, options?: CallOptions): Promise<Agent>
  get(request: ById & CallOptions): Promise<Agent>
  get(...given: unknown[]): Promise<Agent> {
    return this.scope.call('agents.get', given)
  }

  /** The tenant's agents. */
  list(options: PageRequest & CallOptions = {}): Promise<Page<Agent>> {
    return this.scope.call('agents.list', [options])
  }

  /** Stores a new version. */
  update(id: string, options?: Omit<AgentUpdate, 'id'> & CallOptions): Promise<Agent>
  update(request: AgentUpdate & CallOptions): Promise<Agent>
  update(...given: unknown[]): Promise<Agent> {
    return this.scope.call('agents.update', given)
  }

  /** Later sends to its sessions give AGENT_NOT_FOUND. */
  delete(id: string, options?: CallOptions): Promise<void>
  delete(request: ById & CallOptions): Promise<void>
  delete(...given: unknown[]): Promise<void> {
    return this.scope.call('agents.delete', given)
  }
}

/** The operations `sessions.*` of one tenant. Since 0.1. */
export class SessionOperations {
  /** @internal */
  constructor(protected readonly scope: Scope) {}

  /** Begins a conversation. */
  create(request: NewSession & CallOptions): Promise<Session> {
    return this.scope.call('sessions.create', [request])
  }

  /** One session. */
  get(id: string, options?: CallOptions): Promise<Session>
  get(request: ById & CallOptions): Promise<Session>
  get(...given: unknown[]): Promise<Session> {
    return this.scope.call('sessions.get', given)
  }

  /** The tenant's sessions. */
  list(options: SessionFilter & CallOptions = {}): Promise<Page<Session>> {
    return this.scope.call('sessions.list', [options])
  }

  /** Changes title, pin or metadata. */
  update(id: string, options?: Omit<SessionUpdate, 'id'> & CallOptions): Promise<Session>
  update(request: SessionUpdate & CallOptions): Promise<Session>
  update(...given: unknown[]): Promise<Session> {
    return this.scope.call('sessions.update', given)
  }

  /** Later sends give SESSION_CLOSED. */
  close(id: string, options?: CallOptions): Promise<Session>
  close(request: ById & CallOptions): Promise<Session>
  close(...given: unknown[]): Promise<Session> {
    return this.scope.call('sessions.close', given)
  }

  /** Erases the messages; usage events and key hashes stay. */
  delete(id: string, options?: CallOptions): Promise<void>
  delete(request: ById & CallOptions): Promise<void>
  delete(...given: unknown[]): Promise<void> {
    return this.scope.call('sessions.delete', given)
  }

  /** Messages, oldest first. */
  transcript(id: string, options?: Omit<TranscriptRequest, 'id'> & CallOptions): Promise<Transcript>
  transcript(request: TranscriptRequest & CallOptions): Promise<Transcript>
  transcript(...given: unknown[]): Promise<Transcript> {
    return this.scope.call('sessions.transcript', given)
  }

  /** The whole conversation as text. */
  export(id: string, format: 'markdown' | 'json', options?: CallOptions): Promise<string>
  export(request: ExportRequest & CallOptions): Promise<string>
  export(...given: unknown[]): Promise<string> {
    return this.scope.call('sessions.export', given)
  }
}

/** The operations `messages.*` of one tenant. Since 0.1. */
export class MessageOperations {
  /** @internal */
  constructor(protected readonly scope: Scope) {}

  /** One answer and one bill per idempotency key. */
  send(
    sessionId: string,
    content: string | readonly ContentPart[],
    options: Omit<SendRequest, 'sessionId' | 'content'> & CallOptions,
  ): Promise<Reply>
  send(request: SendRequest & CallOptions): Promise<Reply>
  send(...given: unknown[]): Promise<Reply> {
    return this.scope.call('messages.send', given)
  }

  /** Settles by hand a send that stands as unknown. */
  resolve(request: ResolveRequest & CallOptions): Promise<Resolution> {
    return this.scope.call('messages.resolve', [request])
  }

  /** Sends in doubt. */
  listUnknown(options: PageRequest & CallOptions = {}): Promise<Page<UnknownSend>> {
    return this.scope.call('messages.list_unknown', [options])
  }
}

/** The operations `embeddings.*` of one tenant. Since 0.1. */
export class EmbeddingOperations {
  /** @internal */
  constructor(protected readonly scope: Scope) {}

  /** Vectors of texts, billed without a message; asking again bills again. */
  create(
    route: string,
    inputs: readonly string[],
    options?: Omit<EmbeddingsRequest, 'route' | 'inputs'> & CallOptions,
  ): Promise<EmbeddingVectors>
  create(request: EmbeddingsRequest & CallOptions): Promise<EmbeddingVectors>
  create(...given: unknown[]): Promise<EmbeddingVectors> {
    return this.scope.call('embeddings.create', given)
  }
}

/** The operations `council.*` of one tenant. Since 0.1. */
export class CouncilOperations {
  /** @internal */
  constructor(protected readonly scope: Scope) {}

  /** Asks a council without a session; metadata.council tells what it did. */
  run(request: CouncilRequest & CallOptions): Promise<Reply> {
    return this.scope.call('council.run', [request])
  }

  /** Ranks the stored scores of a council's answer by another rule, free of charge. */
  reaggregate(messageId: string, rule: string, options?: CallOptions): Promise<CouncilRanking>
  reaggregate(request: CouncilRule & CallOptions): Promise<CouncilRanking>
  reaggregate(...given: unknown[]): Promise<CouncilRanking> {
    return this.scope.call('council.reaggregate', given)
  }
}

/** The operations `usage.*` of one tenant. Since 0.1. */
export class UsageOperations {
  /** @internal */
  constructor(protected readonly scope: Scope) {}

  /** The bill over a range of days. */
  rollup(
    from: string | Date,
    to: string | Date,
    options?: Omit<RollupRequest, 'from' | 'to'> & CallOptions,
  ): Promise<UsageRollup>
  rollup(request: RollupRequest & CallOptions): Promise<UsageRollup>
  rollup(...given: unknown[]): Promise<UsageRollup> {
    return this.scope.call('usage.rollup', given)
  }

  /** The lines of the bill. */
  events(
    from: string | Date,
    to: string | Date,
    options?: Omit<UsageRange, 'from' | 'to'> & CallOptions,
  ): Promise<Page<UsageEvent>>
  events(request: UsageRange & CallOptions): Promise<Page<UsageEvent>>
  events(...given: unknown[]): Promise<Page<UsageEvent>> {
    return this.scope.call('usage.events', given)
  }

  /** Every attempt, exposure included. */
  spend(
    from: string | Date,
    to: string | Date,
    options?: Omit<UsageRange, 'from' | 'to'> & CallOptions,
  ): Promise<SpendReport>
  spend(request: UsageRange & CallOptions): Promise<SpendReport>
  spend(...given: unknown[]): Promise<SpendReport> {
    return this.scope.call('usage.spend', given)
  }
}
