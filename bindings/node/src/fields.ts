// Fields of the contract, and no others, have two names. Written by script/generate-node from
// capi/contract/contract.json; not edited by hand.

/** One field: its name in JavaScript, and what stands inside it. */
export interface Field {
  readonly name: string
  /** The document inside, alone or as the items of an array. */
  readonly shape?: string
  /** Data of the user: nothing in it is renamed. */
  readonly data?: true
  /** A Date may stand for it. */
  readonly time?: 'date' | 'date-time'
}

/** By document and name in the contract; of documents that go to the engine. */
export const fields = {
  policy: {
    preset: { name: 'preset' },
    connect_timeout_ms: { name: 'connectTimeoutMs' },
    first_byte_timeout_ms: { name: 'firstByteTimeoutMs' },
    attempt_timeout_ms: { name: 'attemptTimeoutMs' },
    total_timeout_ms: { name: 'totalTimeoutMs' },
    retries: { name: 'retries' },
    base_delay_ms: { name: 'baseDelayMs' },
    factor: { name: 'factor' },
    max_delay_ms: { name: 'maxDelayMs' },
    jitter: { name: 'jitter' },
    max_retry_after_ms: { name: 'maxRetryAfterMs' },
    on_ambiguous: { name: 'onAmbiguous' },
    on_crash: { name: 'onCrash' },
    in_progress: { name: 'inProgress' },
    on_cancel: { name: 'onCancel' },
  },
  scripted_failure: {
    http_status: { name: 'httpStatus' },
    code: { name: 'code' },
    retry_after_ms: { name: 'retryAfterMs' },
  },
  new_tool_call: {
    id: { name: 'id' },
    name: { name: 'name' },
    arguments: { name: 'arguments', data: true },
  },
  scripted_reply: {
    text: { name: 'text' },
    tokens_in: { name: 'tokensIn' },
    tokens_out: { name: 'tokensOut' },
    tool_calls: { name: 'toolCalls', shape: 'new_tool_call' },
    latency_ms: { name: 'latencyMs' },
    chunks: { name: 'chunks' },
    chunk_latency_ms: { name: 'chunkLatencyMs' },
    error: { name: 'error', shape: 'scripted_failure' },
  },
  mapped_wire: {
    method: { name: 'method' },
    request_template: { name: 'requestTemplate' },
    text: { name: 'text' },
    tokens_in: { name: 'tokensIn' },
    tokens_out: { name: 'tokensOut' },
    model: { name: 'model' },
    error_code: { name: 'errorCode' },
    error_message: { name: 'errorMessage' },
    retry_after_ms: { name: 'retryAfterMs' },
  },
  new_provider: {
    name: { name: 'name' },
    kind: { name: 'kind' },
    base_url: { name: 'baseUrl' },
    api_key: { name: 'apiKey' },
    api_version: { name: 'apiVersion' },
    headers: { name: 'headers', data: true },
    parameter_names: { name: 'parameterNames', data: true },
    policy: { name: 'policy', shape: 'policy' },
    concurrency: { name: 'concurrency' },
    default_model: { name: 'defaultModel' },
    mapped: { name: 'mapped', shape: 'mapped_wire' },
    replies: { name: 'replies', shape: 'scripted_reply' },
    echo: { name: 'echo' },
  },
  usd_per_million: {
    input: { name: 'input' },
    output: { name: 'output' },
    cached_input: { name: 'cachedInput' },
    cache_write: { name: 'cacheWrite' },
    reasoning: { name: 'reasoning' },
    request: { name: 'request' },
  },
  new_price: {
    provider: { name: 'provider' },
    model: { name: 'model' },
    usd_per_1k_tokens: { name: 'usdPer1kTokens' },
    usd_per_million: { name: 'usdPerMillion', shape: 'usd_per_million' },
    effective_from: { name: 'effectiveFrom', time: 'date-time' },
  },
  open: {
    store: { name: 'store' },
    durability: { name: 'durability' },
    clock: { name: 'clock' },
    policy: { name: 'policy', shape: 'policy' },
    ca_file: { name: 'caFile' },
    ca_dir: { name: 'caDir' },
    extra_ca_file: { name: 'extraCaFile' },
    proxy: { name: 'proxy' },
    drain_ms: { name: 'drainMs' },
    threads: { name: 'threads' },
    api_key_prefix: { name: 'apiKeyPrefix' },
    busy_timeout_ms: { name: 'busyTimeoutMs' },
    allow_network_filesystem: { name: 'allowNetworkFilesystem' },
    providers: { name: 'providers', shape: 'new_provider' },
    prices: { name: 'prices', shape: 'new_price' },
    options: { name: 'options', shape: 'open_settings' },
  },
  open_settings: {
    durability: { name: 'durability' },
    clock: { name: 'clock' },
    policy: { name: 'policy', shape: 'policy' },
    ca_file: { name: 'caFile' },
    ca_dir: { name: 'caDir' },
    extra_ca_file: { name: 'extraCaFile' },
    proxy: { name: 'proxy' },
    drain_ms: { name: 'drainMs' },
    threads: { name: 'threads' },
    api_key_prefix: { name: 'apiKeyPrefix' },
    busy_timeout_ms: { name: 'busyTimeoutMs' },
    allow_network_filesystem: { name: 'allowNetworkFilesystem' },
  },
  nothing: {},
  page_request: {
    limit: { name: 'limit' },
    cursor: { name: 'cursor' },
  },
  by_id: {
    id: { name: 'id' },
  },
  new_tenant: {
    name: { name: 'name' },
    metadata: { name: 'metadata', data: true },
  },
  tenant_update: {
    id: { name: 'id' },
    name: { name: 'name' },
    metadata: { name: 'metadata', data: true },
  },
  authentication: {
    api_key: { name: 'apiKey' },
  },
  new_api_key: {
    name: { name: 'name' },
    scopes: { name: 'scopes' },
    expires_at: { name: 'expiresAt', time: 'date-time' },
  },
  api_key_revocation: {
    id: { name: 'id' },
    reason: { name: 'reason' },
  },
  agent_tool: {
    name: { name: 'name' },
    description: { name: 'description' },
    parameters: { name: 'parameters', data: true },
  },
  new_agent: {
    name: { name: 'name' },
    primary: { name: 'primary' },
    fallbacks: { name: 'fallbacks' },
    instructions: { name: 'instructions' },
    temperature: { name: 'temperature' },
    max_tokens: { name: 'maxTokens' },
    tools: { name: 'tools', shape: 'agent_tool' },
    policy: { name: 'policy', shape: 'policy' },
    description: { name: 'description' },
    metadata: { name: 'metadata', data: true },
  },
  agent_update: {
    id: { name: 'id' },
    name: { name: 'name' },
    primary: { name: 'primary' },
    fallbacks: { name: 'fallbacks' },
    instructions: { name: 'instructions' },
    temperature: { name: 'temperature' },
    max_tokens: { name: 'maxTokens' },
    tools: { name: 'tools', shape: 'agent_tool' },
    policy: { name: 'policy', shape: 'policy' },
    description: { name: 'description' },
    metadata: { name: 'metadata', data: true },
  },
  new_session: {
    agent_id: { name: 'agentId' },
    customer_id: { name: 'customerId' },
    subject: { name: 'subject' },
    title: { name: 'title' },
    metadata: { name: 'metadata', data: true },
  },
  session_filter: {
    agent_id: { name: 'agentId' },
    customer_id: { name: 'customerId' },
    status: { name: 'status' },
    limit: { name: 'limit' },
    cursor: { name: 'cursor' },
  },
  session_update: {
    id: { name: 'id' },
    title: { name: 'title' },
    pinned: { name: 'pinned' },
    metadata: { name: 'metadata', data: true },
  },
  transcript_request: {
    id: { name: 'id' },
    limit: { name: 'limit' },
    cursor: { name: 'cursor' },
  },
  export_request: {
    id: { name: 'id' },
    format: { name: 'format' },
  },
  send_overrides: {
    model: { name: 'model' },
    temperature: { name: 'temperature' },
    max_tokens: { name: 'maxTokens' },
  },
  tool_answer: {
    tool_call_id: { name: 'toolCallId' },
    content: { name: 'content' },
  },
  send_request: {
    session_id: { name: 'sessionId' },
    content: { name: 'content', shape: 'tool_answer' },
    idempotency_key: { name: 'idempotencyKey' },
    role: { name: 'role' },
    overrides: { name: 'overrides', shape: 'send_overrides' },
    metadata: { name: 'metadata', data: true },
    deadline_ms: { name: 'deadlineMs' },
    output_schema: { name: 'outputSchema', data: true },
  },
  stream_request: {
    session_id: { name: 'sessionId' },
    content: { name: 'content', shape: 'tool_answer' },
    idempotency_key: { name: 'idempotencyKey' },
    role: { name: 'role' },
    overrides: { name: 'overrides', shape: 'send_overrides' },
    metadata: { name: 'metadata', data: true },
    deadline_ms: { name: 'deadlineMs' },
    output_schema: { name: 'outputSchema', data: true },
    last_event_id: { name: 'lastEventId' },
  },
  token_usage: {
    input: { name: 'input' },
    cached_input: { name: 'cachedInput' },
    cache_write: { name: 'cacheWrite' },
    output: { name: 'output' },
    reasoning: { name: 'reasoning' },
  },
  resolve_request: {
    idempotency_key: { name: 'idempotencyKey' },
    send_id: { name: 'sendId' },
    decision: { name: 'decision' },
    content: { name: 'content' },
    tokens: { name: 'tokens', shape: 'token_usage' },
  },
  date_range: {
    from: { name: 'from', time: 'date' },
    to: { name: 'to', time: 'date' },
  },
  usage_range: {
    from: { name: 'from', time: 'date' },
    to: { name: 'to', time: 'date' },
    limit: { name: 'limit' },
    cursor: { name: 'cursor' },
  },
  backup_request: {
    path: { name: 'path' },
  },
  advance_request: {
    ms: { name: 'ms' },
  },
  close_request: {
    drain_ms: { name: 'drainMs' },
  },
  price_filter: {
    provider: { name: 'provider' },
  },
  new_tool: {
    name: { name: 'name' },
    description: { name: 'description' },
    parameters: { name: 'parameters', data: true },
    timeout_ms: { name: 'timeoutMs' },
    side_effects: { name: 'sideEffects' },
    idempotent: { name: 'idempotent' },
  },
  provider_answer: {
    text: { name: 'text' },
    tokens_in: { name: 'tokensIn' },
    tokens_out: { name: 'tokensOut' },
    model: { name: 'model' },
    finish_reason: { name: 'finishReason' },
    tool_calls: { name: 'toolCalls', shape: 'new_tool_call' },
  },
  tool_result: {
    content: { name: 'content' },
    sources: { name: 'sources', shape: 'source' },
  },
  source: {
    title: { name: 'title' },
    url: { name: 'url' },
    snippet: { name: 'snippet' },
  },
  host_failure: {
    message: { name: 'message' },
    retry_after_ms: { name: 'retryAfterMs' },
  },
} as const satisfies Record<string, Record<string, Field>>

/** The name of such a document. */
export type Shape = keyof typeof fields
