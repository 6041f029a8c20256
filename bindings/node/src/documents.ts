// The documents of the contract, as types. Written by script/generate-node from
// capi/contract/contract.json; not edited by hand.

/** One page of a list. */
export interface Page<Item> {
  items: Item[]
  /** For the next page; null on the last. */
  nextCursor: string | null
}

/**
 * Overrides of the resilience defaults: agent over provider over gateway. A preset's name alone, or
 * these fields; times in milliseconds.
 */
export interface Policy {
  preset?: 'default' | 'vocalbridge' | 'strict'
  connectTimeoutMs?: number
  firstByteTimeoutMs?: number
  attemptTimeoutMs?: number
  totalTimeoutMs?: number
  retries?: number
  baseDelayMs?: number
  factor?: number
  maxDelayMs?: number
  jitter?: 'none' | 'equal' | 'full'
  maxRetryAfterMs?: number
  onAmbiguous?: 'retry' | 'stop'
  onCrash?: 'recover' | 'report'
  inProgress?: 'wait' | 'fail'
  onCancel?: 'detach' | 'abort'
}

/** How a scripted call fails. */
export interface ScriptedFailure {
  /** 0: the connection never stood. */
  httpStatus: number
  code?: string | undefined
  retryAfterMs?: number | undefined
}

/** A tool that a scripted model or a callback provider asks for. */
export interface NewToolCall {
  id?: string | undefined
  name: string
  arguments?: Record<string, unknown> | undefined
}

/** One reply of a scripted provider. */
export interface ScriptedReply {
  text?: string | undefined
  /** Counted from the words when absent. */
  tokensIn?: number | undefined
  tokensOut?: number | undefined
  toolCalls?: readonly NewToolCall[] | undefined
  /** On the gateway's clock. */
  latencyMs?: number | undefined
  /** The text in the pieces in which it becomes visible. */
  chunks?: readonly string[] | undefined
  /** Between two pieces. */
  chunkLatencyMs?: number | undefined
  error?: ScriptedFailure | undefined
}

/** How a mapped provider speaks. */
export interface MappedWire {
  method?: string | undefined
  /** A JSON text; see the C++ header provider.hpp for its marks. */
  requestTemplate: string
  /** JSON pointers (RFC 6901) into the answer. */
  text: string
  tokensIn?: string | undefined
  tokensOut?: string | undefined
  model?: string | undefined
  errorCode?: string | undefined
  errorMessage?: string | undefined
  retryAfterMs?: string | undefined
}

/** A provider to register. It belongs to the process, not to the store. */
export interface NewProvider {
  /** 1 to 64 of A-Z a-z 0-9 _ . - */
  name: string
  kind: 'openai' | 'openai_responses' | 'anthropic' | 'gemini' | 'mapped' | 'callback' | 'scripted'
  /** Taken as it is; of mapped the full URL. */
  baseUrl?: string | undefined
  /** Kept in memory only, never comes back out. */
  apiKey?: string | undefined
  /**
   * anthropic: 2023-06-01 when absent. gemini: the version in the path, v1beta when absent and
   * base_url has none. openai and openai_responses: sent as ?api-version= if given.
   */
  apiVersion?: string | undefined
  headers?: Record<string, string> | undefined
  /**
   * Where a vendor or model differs from what is known of it: max_tokens, temperature, stop,
   * output_schema, stream_usage, instructions, thinking_state, call_ids (the form of ids:
   * alphanumeric_9, word_64, any_40 or any_64), schema_with_tools or call_signature (what stands
   * for a missing one), and its name there; empty for one that it does not take.
   */
  parameterNames?: Record<string, string> | undefined
  policy?: 'default' | 'vocalbridge' | 'strict' | Policy | undefined
  /** Calls at once; the rest queues. */
  concurrency?: number | undefined
  /** For routes that name the provider alone. */
  defaultModel?: string | undefined
  mapped?: MappedWire | undefined
  /** Of scripted: used in order, then from the start. */
  replies?: readonly ScriptedReply[] | undefined
  /** Of scripted: answers with the user's text. */
  echo?: boolean | undefined
}

/** A registered provider; no secret. */
export interface Provider {
  name: string
  kind: 'openai' | 'openai_responses' | 'anthropic' | 'gemini' | 'mapped' | 'callback' | 'scripted'
  baseUrl: string
  state: string
  breaker: 'closed' | 'open' | 'half_open'
}

/**
 * Dollars per million tokens of a call whose prompt is longer than above_tokens: of all its tokens.
 */
export interface PriceTier {
  /** Cached tokens count. */
  aboveTokens: number
  input: string
  output: string
  cachedInput?: string
  cacheWrite?: string
  cacheWrite1h?: string
  reasoning?: string
}

/** Dollars per million tokens and component; request: dollars per call. */
export interface UsdPerMillion {
  input: string
  output: string
  cachedInput?: string
  cacheWrite?: string
  /** Of what is written to be kept for an hour; as cache_write when absent. */
  cacheWrite1h?: string
  reasoning?: string
  request?: string
  /** By length of the prompt, the shortest first. */
  tiers?: PriceTier[]
  /**
   * By what tokens cost more or less in a service tier, as the provider names it: {"flex": "0.5"}.
   * With any given, an answer in another tier has no price; the ordinary one always has.
   */
  serviceTiers?: Record<string, string>
}

/** A price: either one blended price per 1,000 tokens or prices per million and component. */
export interface NewPrice {
  provider: string
  /** Exact name, or * for any. */
  model: string
  usdPer1kTokens?: string | undefined
  usdPerMillion?: UsdPerMillion | undefined
  /** Now, when absent. */
  effectiveFrom?: string | Date | undefined
}

/** An immutable version of a price. */
export interface PriceVersion {
  id: string
  provider: string
  model: string
  usdPer1kTokens: string | null
  usdPerMillion: UsdPerMillion | null
  effectiveFrom: string
  createdAt: string
}

/** A file of prices or such a document, as docs/prices.md describes it. */
export interface PriceSource {
  /** This */
  path?: string | undefined
  /** or this. */
  document?: Record<string, unknown> | undefined
  /**
   * Under which names its providers are registered here: {"openai": "vendorA"}. With any given only
   * these are loaded.
   */
  providerNames?: Record<string, string> | undefined
}

/** How a gateway is opened. */
export interface OpenDocument {
  /** "app.db", "sqlite:app.db" or ":memory:". */
  store: string
  durability?: 'full' | 'process' | undefined
  clock?: 'system' | 'virtual' | undefined
  policy?: 'default' | 'vocalbridge' | 'strict' | Policy | undefined
  /** PEM certificates to trust instead of the system's. */
  caFile?: string | undefined
  /**
   * A folder of certificates in OpenSSL's form (`openssl rehash`), or several with `:` between, to
   * trust instead of the system's.
   */
  caDir?: string | undefined
  /** PEM certificates to trust beside all others. */
  extraCaFile?: string | undefined
  /** http://[user:password@]host:port */
  proxy?: string | undefined
  drainMs?: number | undefined
  /** Readers of the store. */
  threads?: number | undefined
  apiKeyPrefix?: string | undefined
  busyTimeoutMs?: number | undefined
  allowNetworkFilesystem?: boolean | undefined
  providers?: readonly NewProvider[] | undefined
  prices?: readonly NewPrice[] | undefined
  options?: OpenSettings | undefined
}

/** The options of `open` in an object of their own; they may stand beside the store as well. */
export interface OpenSettings {
  durability?: 'full' | 'process' | undefined
  clock?: 'system' | 'virtual' | undefined
  policy?: 'default' | 'vocalbridge' | 'strict' | Policy | undefined
  /** PEM certificates to trust instead of the system's. */
  caFile?: string | undefined
  /**
   * A folder of certificates in OpenSSL's form (`openssl rehash`), or several with `:` between, to
   * trust instead of the system's.
   */
  caDir?: string | undefined
  /** PEM certificates to trust beside all others. */
  extraCaFile?: string | undefined
  /** http://[user:password@]host:port */
  proxy?: string | undefined
  drainMs?: number | undefined
  /** Readers of the store. */
  threads?: number | undefined
  apiKeyPrefix?: string | undefined
  busyTimeoutMs?: number | undefined
  allowNetworkFilesystem?: boolean | undefined
}

/** Which part of a list to read. */
export interface PageRequest {
  /** 1 to 1000, 100 when absent. */
  limit?: number | undefined
  /** From the page before. */
  cursor?: string | undefined
}

/** Names one by its id. */
export interface ById {
  id: string
}

/** A business whose data no other tenant can reach. */
export interface Tenant {
  id: string
  name: string
  status: 'active' | 'suspended' | 'deleted'
  metadata: Record<string, unknown>
  settings: Record<string, unknown>
  createdAt: string
}

/** A tenant to create. */
export interface NewTenant {
  name: string
  metadata?: Record<string, unknown> | undefined
  /**
   * The host's own settings for this tenant, at most 16 KiB: kept and given back, without a meaning
   * here.
   */
  settings?: Record<string, unknown> | undefined
}

/** What is absent stays. */
export interface TenantUpdate {
  id: string
  name?: string | undefined
  metadata?: Record<string, unknown> | undefined
  /**
   * The host's own settings for this tenant, at most 16 KiB: kept and given back, without a meaning
   * here.
   */
  settings?: Record<string, unknown> | undefined
}

/** An API key. */
export interface Authentication {
  apiKey: string
}

/** What is kept of an API key: never its text. */
export interface ApiKey {
  id: string
  name: string
  last4: string
  scopes: string[]
  createdAt: string
  expiresAt: string | null
  /** Written at most once a minute. */
  lastUsedAt: string | null
  revokedAt: string | null
  revokeReason: string | null
}

/** A key to create. */
export interface NewApiKey {
  name?: string | undefined
  /** The host's own words, kept for it to judge by; conclave asks for none. */
  scopes?: readonly string[] | undefined
  /** In the future. */
  expiresAt?: string | Date | undefined
}

/** A fresh key; the secret is shown this once. */
export interface CreatedApiKey {
  apiKey: ApiKey
  secret: string
}

/** Which key, and why. */
export interface ApiKeyRevocation {
  id: string
  reason?: string | undefined
}

/** A tool without a handler here: its calls come back to the host. */
export interface AgentTool {
  name: string
  description?: string
  /** A JSON Schema. */
  parameters?: Record<string, unknown>
}

/** An agent to create. */
export interface NewAgent {
  name: string
  /** A route: provider/model, or provider alone. */
  primary?: string | undefined
  /** Routes, tried in this order. */
  fallbacks?: readonly string[] | undefined
  instructions?: string | undefined
  temperature?: number | undefined
  maxTokens?: number | undefined
  tools?: readonly (string | AgentTool)[] | undefined
  council?: CouncilOptions | undefined
  policy?: 'default' | 'vocalbridge' | 'strict' | Policy | undefined
  description?: string | undefined
  metadata?: Record<string, unknown> | undefined
}

/** What is absent stays; each update makes a new version. */
export interface AgentUpdate {
  id: string
  name?: string | undefined
  /** A route: provider/model, or provider alone. */
  primary?: string | undefined
  /** Routes, tried in this order. */
  fallbacks?: readonly string[] | undefined
  instructions?: string | undefined
  /** null leaves it to the provider. */
  temperature?: number | null | undefined
  /** null leaves it to the provider. */
  maxTokens?: number | null | undefined
  tools?: readonly (string | AgentTool)[] | undefined
  /** null takes it away: the agent answers by its primary. */
  council?: CouncilOptions | null | undefined
  /** null leaves it to the gateway. */
  policy?: 'default' | 'vocalbridge' | 'strict' | Policy | null | undefined
  description?: string | undefined
  metadata?: Record<string, unknown> | undefined
}

/** One version of an agent. */
export interface Agent {
  id: string
  version: number
  name: string
  description: string
  primary: string
  fallbacks: string[]
  instructions: string
  temperature: number | null
  maxTokens: number | null
  tools: (string | AgentTool)[]
  council: CouncilOptions | null
  policy: Policy
  metadata: Record<string, unknown>
  createdAt: string
  updatedAt: string
  /** What speaks against its council, by what this process has seen. */
  warnings: CouncilWarning[]
}

/** One conversation of a customer with an agent. */
export interface Session {
  id: string
  agentId: string
  customerId: string
  subject: string
  title: string
  pinned: boolean
  status: 'active' | 'closed' | 'deleted'
  metadata: Record<string, unknown>
  createdAt: string
  lastActivityAt: string
}

/** A session to create. */
export interface NewSession {
  agentId: string
  customerId?: string | undefined
  subject?: string | undefined
  title?: string | undefined
  metadata?: Record<string, unknown> | undefined
}

/** Which sessions to list; absent fields do not filter. */
export interface SessionFilter {
  agentId?: string | undefined
  customerId?: string | undefined
  status?: 'active' | 'closed' | undefined
  /** 1 to 1000, 100 when absent. */
  limit?: number | undefined
  /** From the page before. */
  cursor?: string | undefined
}

/** What is absent stays. */
export interface SessionUpdate {
  id: string
  title?: string | undefined
  pinned?: boolean | undefined
  metadata?: Record<string, unknown> | undefined
}

/** Which part of which transcript. */
export interface TranscriptRequest {
  id: string
  /** 1 to 1000, 100 when absent. */
  limit?: number | undefined
  /** From the page before. */
  cursor?: string | undefined
}

/** One message of a session. */
export interface Message {
  id: string
  sessionId: string
  /** 1, 2, 3 ... without gaps. */
  seq: number
  role: 'system' | 'user' | 'assistant' | 'tool'
  status: 'complete' | 'aborted'
  content: string
  /** Of a message that was given in parts; content holds their texts. */
  parts?: MessagePart[]
  metadata: Record<string, unknown>
  createdAt: string
  /** Of an answer that asks the host for tools. */
  toolCalls?: ToolCall[]
}

/** A session with one page of its messages, oldest first. */
export interface Transcript {
  session: Session
  messages: Message[]
  nextCursor: string | null
}

/** Which session, and in which form. */
export interface ExportRequest {
  id: string
  format: 'markdown' | 'json'
}

/** A model that answers. */
export interface CouncilMember {
  /** provider/model, or provider alone. */
  route: string
  /** Its name; needed where a route has two seats. */
  seat?: string
}

/** Who scores the answers. */
export interface CouncilCritics {
  /** Each member scores the answers of the others. */
  members?: boolean
  /** Routes that score without answering. */
  extra?: string[]
  /** So many of all these. */
  sample?: number
}

/** Until when those who are late are waited for, once there is a quorum. */
export interface CouncilStraggler {
  mode?: 'own_quantile' | 'wait_all' | 'deadline'
  q?: number
}

/** How several models answer together. */
export interface CouncilOptions {
  members: (string | CouncilMember)[]
  critics?: CouncilCritics
  /** Of the members who have to answer, at least 2. */
  minAnswerRatio?: number
  /** Of an answer that counts. */
  minChars?: number
  /**
   * The quorum is `min_answer_ratio` alone, not at least 2: where that is one answer, one is
   * enough.
   */
  bestEffort?: boolean
  onPartial?: 'accept' | 'fail'
  straggler?: CouncilStraggler
  deadlineMs?: number
  /** Of the deadline, for answers, scores and synthesis; together at most 1. */
  shares?: number[]
  /** robust/1, mean, borda or external. */
  rule?: string
  /** Of the rule external: the registered tool that ranks the answers. */
  ranker?: string
  mode?: 'select' | 'improve' | 'improve_k' | 'fuse' | 'auto'
  /** Of improve_k: so many further answers; 2 when absent. */
  k?: number
  /** auto, or a route. */
  synthesizer?: string
  hedge?: 'none' | 'synthesis'
  /**
   * panel: two critics compare the synthesis with the best answer, blind and in both orders; it is
   * shown once half of their votes are for it.
   */
  gate?: 'sanity' | 'panel'
  /** No turn costs more. */
  maxUsd?: string
  onBudget?: 'reject' | 'degrade'
  /** Fixes order and labels. */
  seed?: number
}

/** What critics said who compared the synthesis with the best answer. */
export interface CouncilGate {
  asked: number
  votes: number
  forSynthesis: number
}

/** What speaks against the options of a council; nothing is refused for it. */
export interface CouncilWarning {
  /** MEMBER_EXCEEDS_STAGE_BUDGET: a model that takes longer than its stage has. */
  code: string
  /** Of the agent, as in council.members[2].route. */
  field: string
  message: string
  seat: string
  stage: string
  /** Estimated where calls were cut. */
  p95Ms: number
  /** Of the stage in the turn's deadline. */
  shareMs: number
}

/** A question to a council without a session. */
export interface CouncilRequest {
  prompt: string
  council: CouncilOptions
  idempotencyKey: string
  /** Stored with the message. */
  metadata?: Record<string, unknown> | undefined
  /** How long the caller waits; the call itself goes on. */
  deadlineMs?: number | undefined
}

/** Which scores to rank, and how. */
export interface CouncilRule {
  messageId: string
  rule: string
}

/** An answer in the ranking. */
export interface CouncilRank {
  seat: string
  /** In the rule's own unit. */
  quality?: number
  meanScore: number | null
  /** Critics who scored it. */
  scores?: number
}

/** A critic who sees it otherwise. */
export interface CouncilDissent {
  critic: string
  prefers: string | null
  winnerZ: number
}

/** A 10 far above what all others say of the answer. */
export interface CouncilSpike {
  critic: string
  answer: string
}

/** What a rule makes of the scores. */
export interface CouncilRanking {
  rule: string
  ranking: CouncilRank[]
  winner: string
  pBest: number | null
  margin?: number
  agreement?: number | null
  contested: boolean
  flipCritics?: string[]
  dissent?: CouncilDissent[]
  spikes?: CouncilSpike[]
}

/** What a critic says of an answer. */
export interface CouncilScore {
  critic: string
  answer: string
  score: number
  severity: 'none' | 'minor' | 'major' | 'fatal' | null
  flaws: string
  strengths: string
}

/** A member's answer, or why there is none. */
export interface CouncilAnswer {
  state: string
  chars: number
  latencyMs: number
  errorCode: string | null
  flags: string[]
  text: string
}

/** How a critic's score sheet was read. */
export interface CouncilSheet {
  state: string
  parsePath: string
  askedAgain: boolean
  latencyMs: number
  errorCode: string | null
}

/** A model at the table, what it did and what it cost. */
export interface CouncilSeat {
  seat: string
  role: 'member' | 'critic' | 'synthesizer'
  provider: string
  model: string
  answer: CouncilAnswer | null
  sheet: CouncilSheet | null
  calls: number
  tokensIn: number
  tokensOut: number
  costUsd: string | null
  costNanoUsd: number | string | null
}

/** What was given up, and why. */
export interface CouncilDegradation {
  step: string
  reason: string
}

/** What a council did. */
export interface CouncilReport {
  basis: 'full' | 'quorum' | 'partial_scores' | 'two_answers' | 'unranked' | 'single_survivor'
  asked: number
  answered: number
  critics: number
  scored: number
  mode: string
  rule: string | null
  ranking: CouncilRank[]
  winner: string
  /** That the winner is the best answer. */
  pBest: number | null
  margin: number | null
  /** Of the critics; not a confidence. */
  agreement: number | null
  contested: boolean
  flipCritics: string[]
  dissent: CouncilDissent[]
  spikes: CouncilSpike[]
  synthesis: 'none' | 'skipped' | 'accepted' | 'fallback_best' | 'aborted'
  synthesisSeat: string | null
  synthesisReason: string | null
  /** Of the gate panel. */
  gate?: CouncilGate
  degradations: CouncilDegradation[]
  scores: CouncilScore[]
  seats: CouncilSeat[]
  seed: string
}

/**
 * A step of a council; which fields it has depends on the event. After a reset of the stream all
 * come again, with the same seq.
 */
export interface CouncilEvent {
  /** 1, 2, 3 ... without gaps. */
  seq: number
  event: string
  stage?: string
  seat?: string
  critic?: string
  members?: string[]
  critics?: string[]
  /** Whose work counted. */
  seats?: string[]
  asked?: number
  rule?: string
  deadlineMs?: number
  estimateUsd?: string
  heldUsd?: string
  spentUsd?: string
  costUsd?: string
  ms?: number
  chars?: number
  excerpt?: string
  injectionSuspect?: boolean
  code?: string
  mayHaveRun?: boolean
  reason?: string
  step?: string
  have?: number
  need?: number
  cut?: number
  failed?: number
  parsePath?: string
  askedAgain?: boolean
  /** By seat. */
  scores?: Record<string, unknown>
  ranking?: CouncilRank[]
  winner?: string
  pBest?: number | null
  contested?: boolean
  attempt?: number
  hedge?: boolean
  /** synthesis or best. */
  prefers?: string
  synthesis?: string
}

/** Values that replace the agent's own for this send; part of what the key stands for. */
export interface SendOverrides {
  model?: string | undefined
  temperature?: number | undefined
  maxTokens?: number | undefined
  council?: CouncilOptions | undefined
}

/**
 * A part of what is sent: {type: text, text}, {type: image, url} or {type: image, media_type,
 * data}; with role tool the host's answer to a tool call, {tool_call_id, content}.
 */
export interface ContentPart {
  type?: 'text' | 'image' | undefined
  /** UTF-8, 1 byte to 1 MiB. */
  text?: string | undefined
  /** Of an image that the provider fetches: https, http or gs. */
  url?: string | undefined
  /** Of an image, as image/png. */
  mediaType?: string | undefined
  /** The image as base64. */
  data?: string | undefined
  toolCallId?: string | undefined
  content?: string | undefined
}

/** A text or an image of a message. */
export interface MessagePart {
  type: 'text' | 'image'
  text?: string
  /** Of an image that the provider fetches, */
  url?: string
  mediaType?: string
  /** or the image as base64. */
  data?: string
}

/** One message of a user. */
export interface SendRequest {
  sessionId: string
  content: string | readonly ContentPart[]
  /** 1 to 255 bytes of printable ASCII without spaces. */
  idempotencyKey: string
  role?: 'user' | 'tool' | undefined
  overrides?: SendOverrides | undefined
  /** Stored with the message. */
  metadata?: Record<string, unknown> | undefined
  /** How long the caller waits; the call itself goes on. */
  deadlineMs?: number | undefined
  /** JSON Schema that the answer must fit; the reply has it as metadata.output. */
  outputSchema?: Record<string, unknown> | undefined
}

/** As messages.send. */
export interface StreamRequest {
  sessionId: string
  content: string | readonly ContentPart[]
  /** 1 to 255 bytes of printable ASCII without spaces. */
  idempotencyKey: string
  role?: 'user' | 'tool' | undefined
  overrides?: SendOverrides | undefined
  /** Stored with the message. */
  metadata?: Record<string, unknown> | undefined
  /** How long the caller waits; the call itself goes on. */
  deadlineMs?: number | undefined
  /** JSON Schema that the answer must fit; the reply has it as metadata.output. */
  outputSchema?: Record<string, unknown> | undefined
  /** Of the last event seen: what comes after it follows. */
  lastEventId?: string | undefined
}

/** The assistant's message. */
export interface ReplyMessage {
  id: string
  sessionId: string
  role: 'assistant'
  content: string
  createdAt: string
}

/** All tries at one route. */
export interface Attempt {
  provider: string
  model: string
  status: 'success' | 'failed'
  class: 'ok' | 'not_sent' | 'refused' | 'final' | 'server_error' | 'ambiguous' | 'partial'
  httpStatus: number | null
  latencyMs: number
  retries: number
  errorCode:
    | 'TIMEOUT'
    | 'RATE_LIMITED'
    | 'UPSTREAM_5XX'
    | 'UPSTREAM_4XX'
    | 'NETWORK'
    | 'BAD_RESPONSE'
    | 'CIRCUIT_OPEN'
    | null
  /** Of a council: generate, critique or synthesis. */
  stage?: string
  /** And whose call it was. */
  seat?: string
}

/** A blended price. */
export interface Pricing {
  usdPer1kTokens: string
}

/** Tokens and what they cost; of a model without a price null, never 0. */
export interface ReplyUsage {
  tokensIn: number
  tokensOut: number
  tokensTotal: number
  cachedTokensIn: number
  cacheWriteTokensIn: number
  reasoningTokens: number
  costUsd: string | null
  costNanoUsd: number | string | null
  unpriced: boolean
  estimated: boolean
  /** Some of the cost is as the provider itself reported it. */
  costReported: boolean
  pricing: Pricing | null
}

/** A tool the model asks the host for. */
export interface ToolCall {
  id: string
  name: string
  arguments: unknown
}

/** The key, and whether this reply was given before. */
export interface Idempotency {
  key: string
  replayed: boolean
}

/** How the answer came about. */
export interface ReplyMetadata {
  agentId: string
  providerUsed: string
  modelUsed: string
  primaryAttempted: string
  /** The configured fallback, used or not. */
  fallbackAttempted: string | null
  fallbackUsed: boolean
  attempts: Attempt[]
  usage: ReplyUsage
  finishReason: 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'error'
  toolCalls: ToolCall[]
  /** That tools named, if any did. */
  sources?: Citation[]
  /** With output_schema: the answer as JSON. */
  output?: unknown
  council: CouncilReport | null
  idempotency: Idempotency
  requestId: string
}

/** A source that a tool named while the answer was made. */
export interface Citation {
  toolCallId: string
  tool: string
  title: string
  url: string
  snippet: string
}

/** The answer: the same for every caller of one key, only replayed differs. */
export interface Reply {
  message: ReplyMessage
  metadata: ReplyMetadata
}

/** What went wrong; see docs/errors.md. */
export interface ErrorDocument {
  code: string
  message: string
  details: Record<string, unknown>
  requestId: string
  retryable: boolean
  retryAfterMs: number | null
  httpStatus: number
}

/** One event of a stream; which fields it has depends on its type. */
export interface StreamEventDocument {
  id: string
  type:
    | 'started'
    | 'attempt'
    | 'thinking'
    | 'delta'
    | 'tool_call'
    | 'tool_result'
    | 'council'
    | 'usage'
    | 'reset'
    | 'done'
    | 'error'
  requestId?: string
  replayed?: boolean
  provider?: string
  model?: string
  /** Of the attempt, from 1. */
  number?: number
  text?: string
  toolCall?: ToolCall
  toolResult?: ToolOutcome
  council?: CouncilEvent
  usage?: ReplyUsage
  reply?: Reply
  error?: ErrorDocument
}

/** What a registered tool gave, as the model was told it. */
export interface ToolOutcome {
  toolCallId: string
  name: string
  content: string
  isError: boolean
}

/** Token counts in one meaning for all providers. */
export interface TokenUsage {
  input?: number | undefined
  cachedInput?: number | undefined
  cacheWrite?: number | undefined
  output?: number | undefined
  reasoning?: number | undefined
}

/** Settles a doubtful send by hand; named by its key or its id. */
export interface ResolveRequest {
  idempotencyKey?: string | undefined
  sendId?: string | undefined
  decision: 'retry' | 'succeed' | 'fail'
  /** For succeed: the answer, as the provider's own records show it. */
  content?: string | undefined
  tokens?: TokenUsage | undefined
}

/** Where the send stands now. */
export interface Resolution {
  state: 'dispatching' | 'succeeded' | 'failed_final' | 'failed_retryable' | 'unknown' | 'closed'
}

/** A send whose outcome nobody knows. */
export interface UnknownSend {
  sendId: string
  operation: string
  sessionId: string
  requestId: string
  epoch: number
  attempts: number
  createdAt: string
  unknownSince: string
}

/** Days in UTC, both inclusive. */
export interface DateRange {
  from: string
  /** Inclusive; days are UTC. */
  to: string
}

/** Texts whose vectors are wanted. */
export interface EmbeddingsRequest {
  /** provider/model or provider. */
  route: string
  /** 1 to 2,048 texts of 1 byte to 1 MiB, 4 MiB in all. */
  inputs: readonly string[]
  /** Of each vector; the model's own when absent. */
  dimensions?: number | undefined
  /** Ends the call, if its policy does not end it before. */
  deadlineMs?: number | undefined
}

/** One vector for each text, in their order, all of one length. */
export interface EmbeddingVectors {
  vectors: number[][]
  providerUsed: string
  modelUsed: string
  usage: ReplyUsage
  requestId: string
}

/** Days in UTC, both inclusive, at most ten years. */
export interface UsageRange {
  from: string | Date
  /** Inclusive; days are UTC. */
  to: string | Date
  /** 1 to 1000, 100 when absent. */
  limit?: number | undefined
  /** From the page before. */
  cursor?: string | undefined
}

/**
 * Sums over one scope. sessions and messages need not add up over parts; tokens and money do, to
 * the nano.
 */
export interface UsageTotals {
  sessions: number
  messages: number
  tokensIn: number
  tokensOut: number
  tokensTotal: number
  costUsd: string
  costNanoUsd: number | string
  unpricedTokens: number
}

/** Of one provider. */
export interface ProviderUsage {
  provider: string
  sessions: number
  messages: number
  tokensIn: number
  tokensOut: number
  tokensTotal: number
  costUsd: string
  costNanoUsd: number | string
  unpricedTokens: number
}

/** Of one model. */
export interface ModelUsage {
  provider: string
  model: string
  sessions: number
  messages: number
  tokensIn: number
  tokensOut: number
  tokensTotal: number
  costUsd: string
  costNanoUsd: number | string
  unpricedTokens: number
}

/** Of one day. */
export interface DayUsage {
  day: string
  sessions: number
  messages: number
  tokensIn: number
  tokensOut: number
  tokensTotal: number
  costUsd: string
  costNanoUsd: number | string
  unpricedTokens: number
}

/** Of one agent. */
export interface AgentUsage {
  agentId: string
  agentName: string
  sessions: number
  messages: number
  tokensIn: number
  tokensOut: number
  tokensTotal: number
  costUsd: string
  costNanoUsd: number | string
  unpricedTokens: number
}

/** Days in UTC, both inclusive, and what to group by. */
export interface RollupRequest {
  from: string | Date
  /** Inclusive; days are UTC. */
  to: string | Date
  /** The report then has groups, at most 10,000; a model goes with its provider. */
  groupBy?:
    | 'day'
    | 'provider'
    | 'model'
    | 'agent'
    | readonly ('day' | 'provider' | 'model' | 'agent')[]
    | undefined
}

/** One combination of what the bill was grouped by; the rest is absent. */
export interface UsageGroup {
  day?: string
  provider?: string
  model?: string
  /** null: calls without an agent, for vectors. */
  agentId?: string | null
  agentName?: string
  /** Absent where agents are grouped together with providers or models. */
  sessions?: number
  messages: number
  tokensIn: number
  tokensOut: number
  tokensTotal: number
  costUsd: string
  costNanoUsd: number | string
  unpricedTokens: number
}

/** The bill of a tenant over a range of days. */
export interface UsageRollup {
  range: DateRange
  totals: UsageTotals
  byProvider: ProviderUsage[]
  byModel: ModelUsage[]
  byDay: DayUsage[]
  topAgentsByCost: AgentUsage[]
  /**
   * With group_by: all combinations with use, ordered by what was asked for first, then by the
   * next.
   */
  groups?: UsageGroup[]
}

/** One line of the bill. Append-only. */
export interface UsageEvent {
  id: string
  sessionId: string
  agentId: string
  messageId: string
  provider: string
  model: string
  tokensIn: number
  tokensOut: number
  tokensTotal: number
  cachedTokensIn: number
  cacheWriteTokensIn: number
  reasoningTokens: number
  costUsd: string | null
  costNanoUsd: number | string | null
  estimated: boolean
  /** Some of the cost is as the provider itself reported it. */
  costReported: boolean
  corrects: string | null
  createdAt: string
}

/** One request to a provider, whether it succeeded or not. */
export interface SpendAttempt {
  sendId: string
  sessionId: string
  agentId: string
  provider: string
  model: string
  stage: string
  seat: number
  round: number
  attempt: number
  class: 'ok' | 'not_sent' | 'refused' | 'final' | 'server_error' | 'ambiguous' | 'partial'
  httpStatus: number | null
  latencyMs: number
  tokensIn: number
  tokensOut: number
  tokensTotal: number
  costUsd: string | null
  costNanoUsd: number | string | null
  basis: 'known' | 'estimated' | 'exposure' | 'reported'
  billable: boolean
  duplicate: boolean
  createdAt: string
}

/**
 * Everything that was or may have been spent at providers; the sums cover the whole range, the list
 * is paged.
 */
export interface SpendReport {
  range: DateRange
  billUsd: string
  billNanoUsd: number | string
  spendUsd: string
  spendNanoUsd: number | string
  exposureUsd: string
  exposureNanoUsd: number | string
  attempts: SpendAttempt[]
  nextCursor: string | null
}

/** One invariant of the ledger. */
export interface Invariant {
  name: string
  statement: string
  ok: boolean
  offending: string[]
}

/** What gateway.check finds. */
export interface CheckReport {
  ok: boolean
  invariants: Invariant[]
}

/** About this process. */
export interface Health {
  status: string
  version: string
  store: string
  durability: 'full' | 'process'
  sendsInFlight: number
  warnings: string[]
}

/** Where to. */
export interface BackupRequest {
  path: string
}

/** How far. */
export interface AdvanceRequest {
  ms: number
}

/** How long sends in flight may still finish; the option of open when absent. */
export interface CloseRequest {
  drainMs?: number | undefined
}

/** Of which provider. */
export interface PriceFilter {
  provider?: string | undefined
}

/** A tool whose calls are host calls. */
export interface NewTool {
  name: string
  description?: string | undefined
  /** A JSON Schema. */
  parameters?: Record<string, unknown> | undefined
  timeoutMs?: number | undefined
  sideEffects?: boolean | undefined
  idempotent?: boolean | undefined
}

/** A registered tool. */
export interface Tool {
  name: string
  description: string
  parameters: Record<string, unknown>
  timeoutMs: number
  sideEffects: boolean
  idempotent: boolean
}

/** One message of the prompt. */
export interface ProviderTurn {
  role: 'system' | 'user' | 'assistant' | 'tool'
  content: string
  /** Of a message in parts, in place of content, which holds their texts. */
  parts?: MessagePart[]
  toolCalls?: ToolCall[]
  toolCallId?: string
}

/** A tool the model may call. */
export interface OfferedTool {
  name: string
  description: string
  parameters: Record<string, unknown>
}

/** What a callback provider is asked. */
export interface ProviderRequest {
  model: string
  instructions: string
  messages: ProviderTurn[]
  temperature: number | null
  maxTokens: number | null
  tools: OfferedTool[]
  /** JSON Schema that the answer must fit, if the send has one. */
  outputSchema?: Record<string, unknown>
}

/** What a callback provider answers. */
export interface ProviderAnswer {
  text?: string | undefined
  tokensIn?: number | undefined
  tokensOut?: number | undefined
  model?: string | undefined
  finishReason?: 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'error' | undefined
  toolCalls?: readonly NewToolCall[] | undefined
}

/** What a tool is asked. */
export interface ToolRequest {
  toolCallId: string
  arguments: unknown
}

/** What a tool answers. */
export interface ToolResult {
  content: string
  sources?: readonly Source[] | undefined
}

/** Where a tool has something from. */
export interface Source {
  /** 1 byte to 1 KiB. */
  title: string
  /** At most 2 KiB. */
  url?: string | undefined
  /** What was used of it, at most 4 KiB. */
  snippet?: string | undefined
}

/** Why a handler has no answer. */
export interface HostFailure {
  message?: string | undefined
  retryAfterMs?: number | undefined
}
