// Documents of the engine with the names of JavaScript. Written by script/generate-node from
// capi/contract/contract.json; not edited by hand.

/** What JSON.parse gave, and what becomes of it. */
type Given = Readonly<Record<string, unknown>>
type Made = Record<string, unknown>

/** Renames a document, or those of a list. */
export function inside(value: unknown, decode: (document: Given) => Made): unknown {
  if (Array.isArray(value)) return value.map((item) => inside(item, decode))
  return typeof value === 'object' && value !== null ? decode(value as Given) : value
}

function decodePolicy(d: Given): Made {
  const made: Made = {}
  if (d['preset'] !== undefined) made['preset'] = d['preset']
  if (d['connect_timeout_ms'] !== undefined) made['connectTimeoutMs'] = d['connect_timeout_ms']
  if (d['first_byte_timeout_ms'] !== undefined)
    made['firstByteTimeoutMs'] = d['first_byte_timeout_ms']
  if (d['attempt_timeout_ms'] !== undefined) made['attemptTimeoutMs'] = d['attempt_timeout_ms']
  if (d['total_timeout_ms'] !== undefined) made['totalTimeoutMs'] = d['total_timeout_ms']
  if (d['retries'] !== undefined) made['retries'] = d['retries']
  if (d['base_delay_ms'] !== undefined) made['baseDelayMs'] = d['base_delay_ms']
  if (d['factor'] !== undefined) made['factor'] = d['factor']
  if (d['max_delay_ms'] !== undefined) made['maxDelayMs'] = d['max_delay_ms']
  if (d['jitter'] !== undefined) made['jitter'] = d['jitter']
  if (d['max_retry_after_ms'] !== undefined) made['maxRetryAfterMs'] = d['max_retry_after_ms']
  if (d['on_ambiguous'] !== undefined) made['onAmbiguous'] = d['on_ambiguous']
  if (d['on_crash'] !== undefined) made['onCrash'] = d['on_crash']
  if (d['in_progress'] !== undefined) made['inProgress'] = d['in_progress']
  if (d['on_cancel'] !== undefined) made['onCancel'] = d['on_cancel']
  return made
}

function decodeProvider(d: Given): Made {
  return {
    name: d['name'],
    kind: d['kind'],
    baseUrl: d['base_url'],
    state: d['state'],
    breaker: d['breaker'],
  }
}

function decodeProviderList(d: Given): Made {
  return {
    items: inside(d['items'], decodeProvider),
    nextCursor: d['next_cursor'],
  }
}

function decodePriceTier(d: Given): Made {
  const made: Made = {
    aboveTokens: d['above_tokens'],
    input: d['input'],
    output: d['output'],
  }
  if (d['cached_input'] !== undefined) made['cachedInput'] = d['cached_input']
  if (d['cache_write'] !== undefined) made['cacheWrite'] = d['cache_write']
  if (d['cache_write_1h'] !== undefined) made['cacheWrite1h'] = d['cache_write_1h']
  if (d['reasoning'] !== undefined) made['reasoning'] = d['reasoning']
  return made
}

function decodeUsdPerMillion(d: Given): Made {
  const made: Made = {
    input: d['input'],
    output: d['output'],
  }
  if (d['cached_input'] !== undefined) made['cachedInput'] = d['cached_input']
  if (d['cache_write'] !== undefined) made['cacheWrite'] = d['cache_write']
  if (d['cache_write_1h'] !== undefined) made['cacheWrite1h'] = d['cache_write_1h']
  if (d['reasoning'] !== undefined) made['reasoning'] = d['reasoning']
  if (d['request'] !== undefined) made['request'] = d['request']
  if (d['tiers'] !== undefined) made['tiers'] = inside(d['tiers'], decodePriceTier)
  if (d['service_tiers'] !== undefined) made['serviceTiers'] = d['service_tiers']
  return made
}

function decodePriceVersion(d: Given): Made {
  return {
    id: d['id'],
    provider: d['provider'],
    model: d['model'],
    usdPer1kTokens: d['usd_per_1k_tokens'],
    usdPerMillion: inside(d['usd_per_million'], decodeUsdPerMillion),
    effectiveFrom: d['effective_from'],
    createdAt: d['created_at'],
  }
}

function decodePriceList(d: Given): Made {
  return {
    items: inside(d['items'], decodePriceVersion),
    nextCursor: d['next_cursor'],
  }
}

function decodeNothing(): Made {
  return {}
}

function decodeDocumentText(d: Given): Made {
  return {
    text: d['text'],
  }
}

function decodeTenant(d: Given): Made {
  return {
    id: d['id'],
    name: d['name'],
    status: d['status'],
    metadata: d['metadata'],
    settings: d['settings'],
    createdAt: d['created_at'],
  }
}

function decodeTenantPage(d: Given): Made {
  return {
    items: inside(d['items'], decodeTenant),
    nextCursor: d['next_cursor'],
  }
}

function decodeApiKey(d: Given): Made {
  return {
    id: d['id'],
    name: d['name'],
    last4: d['last4'],
    scopes: d['scopes'],
    createdAt: d['created_at'],
    expiresAt: d['expires_at'],
    lastUsedAt: d['last_used_at'],
    revokedAt: d['revoked_at'],
    revokeReason: d['revoke_reason'],
  }
}

function decodeCreatedApiKey(d: Given): Made {
  return {
    apiKey: inside(d['api_key'], decodeApiKey),
    secret: d['secret'],
  }
}

function decodeApiKeyPage(d: Given): Made {
  return {
    items: inside(d['items'], decodeApiKey),
    nextCursor: d['next_cursor'],
  }
}

function decodeAgentTool(d: Given): Made {
  const made: Made = {
    name: d['name'],
  }
  if (d['description'] !== undefined) made['description'] = d['description']
  if (d['parameters'] !== undefined) made['parameters'] = d['parameters']
  return made
}

function decodeAgent(d: Given): Made {
  return {
    id: d['id'],
    version: d['version'],
    name: d['name'],
    description: d['description'],
    primary: d['primary'],
    fallbacks: d['fallbacks'],
    instructions: d['instructions'],
    temperature: d['temperature'],
    maxTokens: d['max_tokens'],
    tools: inside(d['tools'], decodeAgentTool),
    council: inside(d['council'], decodeCouncilOptions),
    policy: inside(d['policy'], decodePolicy),
    metadata: d['metadata'],
    createdAt: d['created_at'],
    updatedAt: d['updated_at'],
    warnings: inside(d['warnings'], decodeCouncilWarning),
  }
}

function decodeAgentPage(d: Given): Made {
  return {
    items: inside(d['items'], decodeAgent),
    nextCursor: d['next_cursor'],
  }
}

function decodeSession(d: Given): Made {
  return {
    id: d['id'],
    agentId: d['agent_id'],
    customerId: d['customer_id'],
    subject: d['subject'],
    title: d['title'],
    pinned: d['pinned'],
    status: d['status'],
    metadata: d['metadata'],
    createdAt: d['created_at'],
    lastActivityAt: d['last_activity_at'],
  }
}

function decodeSessionPage(d: Given): Made {
  return {
    items: inside(d['items'], decodeSession),
    nextCursor: d['next_cursor'],
  }
}

function decodeMessage(d: Given): Made {
  const made: Made = {
    id: d['id'],
    sessionId: d['session_id'],
    seq: d['seq'],
    role: d['role'],
    status: d['status'],
    content: d['content'],
    metadata: d['metadata'],
    createdAt: d['created_at'],
  }
  if (d['parts'] !== undefined) made['parts'] = inside(d['parts'], decodeMessagePart)
  if (d['tool_calls'] !== undefined) made['toolCalls'] = inside(d['tool_calls'], decodeToolCall)
  return made
}

function decodeTranscript(d: Given): Made {
  return {
    session: inside(d['session'], decodeSession),
    messages: inside(d['messages'], decodeMessage),
    nextCursor: d['next_cursor'],
  }
}

function decodeCouncilMember(d: Given): Made {
  const made: Made = {
    route: d['route'],
  }
  if (d['seat'] !== undefined) made['seat'] = d['seat']
  return made
}

function decodeCouncilCritics(d: Given): Made {
  const made: Made = {}
  if (d['members'] !== undefined) made['members'] = d['members']
  if (d['extra'] !== undefined) made['extra'] = d['extra']
  if (d['sample'] !== undefined) made['sample'] = d['sample']
  return made
}

function decodeCouncilStraggler(d: Given): Made {
  const made: Made = {}
  if (d['mode'] !== undefined) made['mode'] = d['mode']
  if (d['q'] !== undefined) made['q'] = d['q']
  return made
}

function decodeCouncilOptions(d: Given): Made {
  const made: Made = {
    members: inside(d['members'], decodeCouncilMember),
  }
  if (d['critics'] !== undefined) made['critics'] = inside(d['critics'], decodeCouncilCritics)
  if (d['min_answer_ratio'] !== undefined) made['minAnswerRatio'] = d['min_answer_ratio']
  if (d['min_chars'] !== undefined) made['minChars'] = d['min_chars']
  if (d['best_effort'] !== undefined) made['bestEffort'] = d['best_effort']
  if (d['on_partial'] !== undefined) made['onPartial'] = d['on_partial']
  if (d['straggler'] !== undefined)
    made['straggler'] = inside(d['straggler'], decodeCouncilStraggler)
  if (d['deadline_ms'] !== undefined) made['deadlineMs'] = d['deadline_ms']
  if (d['shares'] !== undefined) made['shares'] = d['shares']
  if (d['rule'] !== undefined) made['rule'] = d['rule']
  if (d['ranker'] !== undefined) made['ranker'] = d['ranker']
  if (d['mode'] !== undefined) made['mode'] = d['mode']
  if (d['k'] !== undefined) made['k'] = d['k']
  if (d['synthesizer'] !== undefined) made['synthesizer'] = d['synthesizer']
  if (d['hedge'] !== undefined) made['hedge'] = d['hedge']
  if (d['gate'] !== undefined) made['gate'] = d['gate']
  if (d['max_usd'] !== undefined) made['maxUsd'] = d['max_usd']
  if (d['on_budget'] !== undefined) made['onBudget'] = d['on_budget']
  if (d['seed'] !== undefined) made['seed'] = d['seed']
  return made
}

function decodeCouncilGate(d: Given): Made {
  return {
    asked: d['asked'],
    votes: d['votes'],
    forSynthesis: d['for_synthesis'],
  }
}

function decodeCouncilWarning(d: Given): Made {
  return {
    code: d['code'],
    field: d['field'],
    message: d['message'],
    seat: d['seat'],
    stage: d['stage'],
    p95Ms: d['p95_ms'],
    shareMs: d['share_ms'],
  }
}

function decodeCouncilRank(d: Given): Made {
  const made: Made = {
    seat: d['seat'],
    meanScore: d['mean_score'],
  }
  if (d['quality'] !== undefined) made['quality'] = d['quality']
  if (d['scores'] !== undefined) made['scores'] = d['scores']
  return made
}

function decodeCouncilDissent(d: Given): Made {
  return {
    critic: d['critic'],
    prefers: d['prefers'],
    winnerZ: d['winner_z'],
  }
}

function decodeCouncilSpike(d: Given): Made {
  return {
    critic: d['critic'],
    answer: d['answer'],
  }
}

function decodeCouncilRanking(d: Given): Made {
  const made: Made = {
    rule: d['rule'],
    ranking: inside(d['ranking'], decodeCouncilRank),
    winner: d['winner'],
    pBest: d['p_best'],
    contested: d['contested'],
  }
  if (d['margin'] !== undefined) made['margin'] = d['margin']
  if (d['agreement'] !== undefined) made['agreement'] = d['agreement']
  if (d['flip_critics'] !== undefined) made['flipCritics'] = d['flip_critics']
  if (d['dissent'] !== undefined) made['dissent'] = inside(d['dissent'], decodeCouncilDissent)
  if (d['spikes'] !== undefined) made['spikes'] = inside(d['spikes'], decodeCouncilSpike)
  return made
}

function decodeCouncilScore(d: Given): Made {
  return {
    critic: d['critic'],
    answer: d['answer'],
    score: d['score'],
    severity: d['severity'],
    flaws: d['flaws'],
    strengths: d['strengths'],
  }
}

function decodeCouncilAnswer(d: Given): Made {
  return {
    state: d['state'],
    chars: d['chars'],
    latencyMs: d['latency_ms'],
    errorCode: d['error_code'],
    flags: d['flags'],
    text: d['text'],
  }
}

function decodeCouncilSheet(d: Given): Made {
  return {
    state: d['state'],
    parsePath: d['parse_path'],
    askedAgain: d['asked_again'],
    latencyMs: d['latency_ms'],
    errorCode: d['error_code'],
  }
}

function decodeCouncilSeat(d: Given): Made {
  return {
    seat: d['seat'],
    role: d['role'],
    provider: d['provider'],
    model: d['model'],
    answer: inside(d['answer'], decodeCouncilAnswer),
    sheet: inside(d['sheet'], decodeCouncilSheet),
    calls: d['calls'],
    tokensIn: d['tokens_in'],
    tokensOut: d['tokens_out'],
    costUsd: d['cost_usd'],
    costNanoUsd: d['cost_nano_usd'],
  }
}

function decodeCouncilDegradation(d: Given): Made {
  return {
    step: d['step'],
    reason: d['reason'],
  }
}

function decodeCouncilReport(d: Given): Made {
  const made: Made = {
    basis: d['basis'],
    asked: d['asked'],
    answered: d['answered'],
    critics: d['critics'],
    scored: d['scored'],
    mode: d['mode'],
    rule: d['rule'],
    ranking: inside(d['ranking'], decodeCouncilRank),
    winner: d['winner'],
    pBest: d['p_best'],
    margin: d['margin'],
    agreement: d['agreement'],
    contested: d['contested'],
    flipCritics: d['flip_critics'],
    dissent: inside(d['dissent'], decodeCouncilDissent),
    spikes: inside(d['spikes'], decodeCouncilSpike),
    synthesis: d['synthesis'],
    synthesisSeat: d['synthesis_seat'],
    synthesisReason: d['synthesis_reason'],
    degradations: inside(d['degradations'], decodeCouncilDegradation),
    scores: inside(d['scores'], decodeCouncilScore),
    seats: inside(d['seats'], decodeCouncilSeat),
    seed: d['seed'],
  }
  if (d['gate'] !== undefined) made['gate'] = inside(d['gate'], decodeCouncilGate)
  return made
}

function decodeCouncilEvent(d: Given): Made {
  const made: Made = {
    seq: d['seq'],
    event: d['event'],
  }
  if (d['stage'] !== undefined) made['stage'] = d['stage']
  if (d['seat'] !== undefined) made['seat'] = d['seat']
  if (d['critic'] !== undefined) made['critic'] = d['critic']
  if (d['members'] !== undefined) made['members'] = d['members']
  if (d['critics'] !== undefined) made['critics'] = d['critics']
  if (d['seats'] !== undefined) made['seats'] = d['seats']
  if (d['asked'] !== undefined) made['asked'] = d['asked']
  if (d['rule'] !== undefined) made['rule'] = d['rule']
  if (d['deadline_ms'] !== undefined) made['deadlineMs'] = d['deadline_ms']
  if (d['estimate_usd'] !== undefined) made['estimateUsd'] = d['estimate_usd']
  if (d['held_usd'] !== undefined) made['heldUsd'] = d['held_usd']
  if (d['spent_usd'] !== undefined) made['spentUsd'] = d['spent_usd']
  if (d['cost_usd'] !== undefined) made['costUsd'] = d['cost_usd']
  if (d['ms'] !== undefined) made['ms'] = d['ms']
  if (d['chars'] !== undefined) made['chars'] = d['chars']
  if (d['excerpt'] !== undefined) made['excerpt'] = d['excerpt']
  if (d['injection_suspect'] !== undefined) made['injectionSuspect'] = d['injection_suspect']
  if (d['code'] !== undefined) made['code'] = d['code']
  if (d['may_have_run'] !== undefined) made['mayHaveRun'] = d['may_have_run']
  if (d['reason'] !== undefined) made['reason'] = d['reason']
  if (d['step'] !== undefined) made['step'] = d['step']
  if (d['have'] !== undefined) made['have'] = d['have']
  if (d['need'] !== undefined) made['need'] = d['need']
  if (d['cut'] !== undefined) made['cut'] = d['cut']
  if (d['failed'] !== undefined) made['failed'] = d['failed']
  if (d['parse_path'] !== undefined) made['parsePath'] = d['parse_path']
  if (d['asked_again'] !== undefined) made['askedAgain'] = d['asked_again']
  if (d['scores'] !== undefined) made['scores'] = d['scores']
  if (d['ranking'] !== undefined) made['ranking'] = inside(d['ranking'], decodeCouncilRank)
  if (d['winner'] !== undefined) made['winner'] = d['winner']
  if (d['p_best'] !== undefined) made['pBest'] = d['p_best']
  if (d['contested'] !== undefined) made['contested'] = d['contested']
  if (d['attempt'] !== undefined) made['attempt'] = d['attempt']
  if (d['hedge'] !== undefined) made['hedge'] = d['hedge']
  if (d['prefers'] !== undefined) made['prefers'] = d['prefers']
  if (d['synthesis'] !== undefined) made['synthesis'] = d['synthesis']
  return made
}

function decodeMessagePart(d: Given): Made {
  const made: Made = {
    type: d['type'],
  }
  if (d['text'] !== undefined) made['text'] = d['text']
  if (d['url'] !== undefined) made['url'] = d['url']
  if (d['media_type'] !== undefined) made['mediaType'] = d['media_type']
  if (d['data'] !== undefined) made['data'] = d['data']
  return made
}

function decodeReplyMessage(d: Given): Made {
  return {
    id: d['id'],
    sessionId: d['session_id'],
    role: d['role'],
    content: d['content'],
    createdAt: d['created_at'],
  }
}

function decodeAttempt(d: Given): Made {
  const made: Made = {
    provider: d['provider'],
    model: d['model'],
    status: d['status'],
    class: d['class'],
    httpStatus: d['http_status'],
    latencyMs: d['latency_ms'],
    retries: d['retries'],
    errorCode: d['error_code'],
  }
  if (d['stage'] !== undefined) made['stage'] = d['stage']
  if (d['seat'] !== undefined) made['seat'] = d['seat']
  return made
}

function decodePricing(d: Given): Made {
  return {
    usdPer1kTokens: d['usd_per_1k_tokens'],
  }
}

function decodeReplyUsage(d: Given): Made {
  return {
    tokensIn: d['tokens_in'],
    tokensOut: d['tokens_out'],
    tokensTotal: d['tokens_total'],
    cachedTokensIn: d['cached_tokens_in'],
    cacheWriteTokensIn: d['cache_write_tokens_in'],
    reasoningTokens: d['reasoning_tokens'],
    costUsd: d['cost_usd'],
    costNanoUsd: d['cost_nano_usd'],
    unpriced: d['unpriced'],
    estimated: d['estimated'],
    costReported: d['cost_reported'],
    pricing: inside(d['pricing'], decodePricing),
  }
}

function decodeToolCall(d: Given): Made {
  return {
    id: d['id'],
    name: d['name'],
    arguments: d['arguments'],
  }
}

function decodeIdempotency(d: Given): Made {
  return {
    key: d['key'],
    replayed: d['replayed'],
  }
}

function decodeReplyMetadata(d: Given): Made {
  const made: Made = {
    agentId: d['agent_id'],
    providerUsed: d['provider_used'],
    modelUsed: d['model_used'],
    primaryAttempted: d['primary_attempted'],
    fallbackAttempted: d['fallback_attempted'],
    fallbackUsed: d['fallback_used'],
    attempts: inside(d['attempts'], decodeAttempt),
    usage: inside(d['usage'], decodeReplyUsage),
    finishReason: d['finish_reason'],
    toolCalls: inside(d['tool_calls'], decodeToolCall),
    council: inside(d['council'], decodeCouncilReport),
    idempotency: inside(d['idempotency'], decodeIdempotency),
    requestId: d['request_id'],
  }
  if (d['sources'] !== undefined) made['sources'] = inside(d['sources'], decodeCitation)
  if (d['output'] !== undefined) made['output'] = d['output']
  return made
}

function decodeCitation(d: Given): Made {
  return {
    toolCallId: d['tool_call_id'],
    tool: d['tool'],
    title: d['title'],
    url: d['url'],
    snippet: d['snippet'],
  }
}

function decodeReply(d: Given): Made {
  return {
    message: inside(d['message'], decodeReplyMessage),
    metadata: inside(d['metadata'], decodeReplyMetadata),
  }
}

function decodeError(d: Given): Made {
  return {
    code: d['code'],
    message: d['message'],
    details: d['details'],
    requestId: d['request_id'],
    retryable: d['retryable'],
    retryAfterMs: d['retry_after_ms'],
    httpStatus: d['http_status'],
  }
}

function decodeStreamEvent(d: Given): Made {
  const made: Made = {
    id: d['id'],
    type: d['type'],
  }
  if (d['request_id'] !== undefined) made['requestId'] = d['request_id']
  if (d['replayed'] !== undefined) made['replayed'] = d['replayed']
  if (d['provider'] !== undefined) made['provider'] = d['provider']
  if (d['model'] !== undefined) made['model'] = d['model']
  if (d['number'] !== undefined) made['number'] = d['number']
  if (d['text'] !== undefined) made['text'] = d['text']
  if (d['tool_call'] !== undefined) made['toolCall'] = inside(d['tool_call'], decodeToolCall)
  if (d['tool_result'] !== undefined)
    made['toolResult'] = inside(d['tool_result'], decodeToolOutcome)
  if (d['council'] !== undefined) made['council'] = inside(d['council'], decodeCouncilEvent)
  if (d['usage'] !== undefined) made['usage'] = inside(d['usage'], decodeReplyUsage)
  if (d['reply'] !== undefined) made['reply'] = inside(d['reply'], decodeReply)
  if (d['error'] !== undefined) made['error'] = inside(d['error'], decodeError)
  return made
}

function decodeToolOutcome(d: Given): Made {
  return {
    toolCallId: d['tool_call_id'],
    name: d['name'],
    content: d['content'],
    isError: d['is_error'],
  }
}

function decodeResolution(d: Given): Made {
  return {
    state: d['state'],
  }
}

function decodeUnknownSend(d: Given): Made {
  return {
    sendId: d['send_id'],
    operation: d['operation'],
    sessionId: d['session_id'],
    requestId: d['request_id'],
    epoch: d['epoch'],
    attempts: d['attempts'],
    createdAt: d['created_at'],
    unknownSince: d['unknown_since'],
  }
}

function decodeUnknownSendPage(d: Given): Made {
  return {
    items: inside(d['items'], decodeUnknownSend),
    nextCursor: d['next_cursor'],
  }
}

function decodeDateRange(d: Given): Made {
  return {
    from: d['from'],
    to: d['to'],
  }
}

function decodeEmbeddingVectors(d: Given): Made {
  return {
    vectors: d['vectors'],
    providerUsed: d['provider_used'],
    modelUsed: d['model_used'],
    usage: inside(d['usage'], decodeReplyUsage),
    requestId: d['request_id'],
  }
}

function decodeUsageTotals(d: Given): Made {
  return {
    sessions: d['sessions'],
    messages: d['messages'],
    tokensIn: d['tokens_in'],
    tokensOut: d['tokens_out'],
    tokensTotal: d['tokens_total'],
    costUsd: d['cost_usd'],
    costNanoUsd: d['cost_nano_usd'],
    unpricedTokens: d['unpriced_tokens'],
  }
}

function decodeProviderUsage(d: Given): Made {
  return {
    provider: d['provider'],
    sessions: d['sessions'],
    messages: d['messages'],
    tokensIn: d['tokens_in'],
    tokensOut: d['tokens_out'],
    tokensTotal: d['tokens_total'],
    costUsd: d['cost_usd'],
    costNanoUsd: d['cost_nano_usd'],
    unpricedTokens: d['unpriced_tokens'],
  }
}

function decodeModelUsage(d: Given): Made {
  return {
    provider: d['provider'],
    model: d['model'],
    sessions: d['sessions'],
    messages: d['messages'],
    tokensIn: d['tokens_in'],
    tokensOut: d['tokens_out'],
    tokensTotal: d['tokens_total'],
    costUsd: d['cost_usd'],
    costNanoUsd: d['cost_nano_usd'],
    unpricedTokens: d['unpriced_tokens'],
  }
}

function decodeDayUsage(d: Given): Made {
  return {
    day: d['day'],
    sessions: d['sessions'],
    messages: d['messages'],
    tokensIn: d['tokens_in'],
    tokensOut: d['tokens_out'],
    tokensTotal: d['tokens_total'],
    costUsd: d['cost_usd'],
    costNanoUsd: d['cost_nano_usd'],
    unpricedTokens: d['unpriced_tokens'],
  }
}

function decodeAgentUsage(d: Given): Made {
  return {
    agentId: d['agent_id'],
    agentName: d['agent_name'],
    sessions: d['sessions'],
    messages: d['messages'],
    tokensIn: d['tokens_in'],
    tokensOut: d['tokens_out'],
    tokensTotal: d['tokens_total'],
    costUsd: d['cost_usd'],
    costNanoUsd: d['cost_nano_usd'],
    unpricedTokens: d['unpriced_tokens'],
  }
}

function decodeUsageGroup(d: Given): Made {
  const made: Made = {
    messages: d['messages'],
    tokensIn: d['tokens_in'],
    tokensOut: d['tokens_out'],
    tokensTotal: d['tokens_total'],
    costUsd: d['cost_usd'],
    costNanoUsd: d['cost_nano_usd'],
    unpricedTokens: d['unpriced_tokens'],
  }
  if (d['day'] !== undefined) made['day'] = d['day']
  if (d['provider'] !== undefined) made['provider'] = d['provider']
  if (d['model'] !== undefined) made['model'] = d['model']
  if (d['agent_id'] !== undefined) made['agentId'] = d['agent_id']
  if (d['agent_name'] !== undefined) made['agentName'] = d['agent_name']
  if (d['sessions'] !== undefined) made['sessions'] = d['sessions']
  return made
}

function decodeUsageRollup(d: Given): Made {
  const made: Made = {
    range: inside(d['range'], decodeDateRange),
    totals: inside(d['totals'], decodeUsageTotals),
    byProvider: inside(d['by_provider'], decodeProviderUsage),
    byModel: inside(d['by_model'], decodeModelUsage),
    byDay: inside(d['by_day'], decodeDayUsage),
    topAgentsByCost: inside(d['top_agents_by_cost'], decodeAgentUsage),
  }
  if (d['groups'] !== undefined) made['groups'] = inside(d['groups'], decodeUsageGroup)
  return made
}

function decodeUsageEvent(d: Given): Made {
  return {
    id: d['id'],
    sessionId: d['session_id'],
    agentId: d['agent_id'],
    messageId: d['message_id'],
    provider: d['provider'],
    model: d['model'],
    tokensIn: d['tokens_in'],
    tokensOut: d['tokens_out'],
    tokensTotal: d['tokens_total'],
    cachedTokensIn: d['cached_tokens_in'],
    cacheWriteTokensIn: d['cache_write_tokens_in'],
    reasoningTokens: d['reasoning_tokens'],
    costUsd: d['cost_usd'],
    costNanoUsd: d['cost_nano_usd'],
    estimated: d['estimated'],
    costReported: d['cost_reported'],
    corrects: d['corrects'],
    createdAt: d['created_at'],
  }
}

function decodeUsageEventPage(d: Given): Made {
  return {
    items: inside(d['items'], decodeUsageEvent),
    nextCursor: d['next_cursor'],
  }
}

function decodeSpendAttempt(d: Given): Made {
  return {
    sendId: d['send_id'],
    sessionId: d['session_id'],
    agentId: d['agent_id'],
    provider: d['provider'],
    model: d['model'],
    stage: d['stage'],
    seat: d['seat'],
    round: d['round'],
    attempt: d['attempt'],
    class: d['class'],
    httpStatus: d['http_status'],
    latencyMs: d['latency_ms'],
    tokensIn: d['tokens_in'],
    tokensOut: d['tokens_out'],
    tokensTotal: d['tokens_total'],
    costUsd: d['cost_usd'],
    costNanoUsd: d['cost_nano_usd'],
    basis: d['basis'],
    billable: d['billable'],
    duplicate: d['duplicate'],
    createdAt: d['created_at'],
  }
}

function decodeSpendReport(d: Given): Made {
  return {
    range: inside(d['range'], decodeDateRange),
    billUsd: d['bill_usd'],
    billNanoUsd: d['bill_nano_usd'],
    spendUsd: d['spend_usd'],
    spendNanoUsd: d['spend_nano_usd'],
    exposureUsd: d['exposure_usd'],
    exposureNanoUsd: d['exposure_nano_usd'],
    attempts: inside(d['attempts'], decodeSpendAttempt),
    nextCursor: d['next_cursor'],
  }
}

function decodeInvariant(d: Given): Made {
  return {
    name: d['name'],
    statement: d['statement'],
    ok: d['ok'],
    offending: d['offending'],
  }
}

function decodeCheckReport(d: Given): Made {
  return {
    ok: d['ok'],
    invariants: inside(d['invariants'], decodeInvariant),
  }
}

function decodeHealth(d: Given): Made {
  return {
    status: d['status'],
    version: d['version'],
    store: d['store'],
    durability: d['durability'],
    sendsInFlight: d['sends_in_flight'],
    warnings: d['warnings'],
  }
}

function decodeTool(d: Given): Made {
  return {
    name: d['name'],
    description: d['description'],
    parameters: d['parameters'],
    timeoutMs: d['timeout_ms'],
    sideEffects: d['side_effects'],
    idempotent: d['idempotent'],
  }
}

function decodeToolList(d: Given): Made {
  return {
    items: inside(d['items'], decodeTool),
    nextCursor: d['next_cursor'],
  }
}

function decodeProviderTurn(d: Given): Made {
  const made: Made = {
    role: d['role'],
    content: d['content'],
  }
  if (d['parts'] !== undefined) made['parts'] = inside(d['parts'], decodeMessagePart)
  if (d['tool_calls'] !== undefined) made['toolCalls'] = inside(d['tool_calls'], decodeToolCall)
  if (d['tool_call_id'] !== undefined) made['toolCallId'] = d['tool_call_id']
  return made
}

function decodeOfferedTool(d: Given): Made {
  return {
    name: d['name'],
    description: d['description'],
    parameters: d['parameters'],
  }
}

function decodeProviderRequest(d: Given): Made {
  const made: Made = {
    model: d['model'],
    instructions: d['instructions'],
    messages: inside(d['messages'], decodeProviderTurn),
    temperature: d['temperature'],
    maxTokens: d['max_tokens'],
    tools: inside(d['tools'], decodeOfferedTool),
  }
  if (d['output_schema'] !== undefined) made['outputSchema'] = d['output_schema']
  return made
}

function decodeToolRequest(d: Given): Made {
  return {
    toolCallId: d['tool_call_id'],
    arguments: d['arguments'],
  }
}

/** By document. */
export const decoders = {
  policy: decodePolicy,
  provider: decodeProvider,
  provider_list: decodeProviderList,
  price_tier: decodePriceTier,
  usd_per_million: decodeUsdPerMillion,
  price_version: decodePriceVersion,
  price_list: decodePriceList,
  nothing: decodeNothing,
  document_text: decodeDocumentText,
  tenant: decodeTenant,
  tenant_page: decodeTenantPage,
  api_key: decodeApiKey,
  created_api_key: decodeCreatedApiKey,
  api_key_page: decodeApiKeyPage,
  agent_tool: decodeAgentTool,
  agent: decodeAgent,
  agent_page: decodeAgentPage,
  session: decodeSession,
  session_page: decodeSessionPage,
  message: decodeMessage,
  transcript: decodeTranscript,
  council_member: decodeCouncilMember,
  council_critics: decodeCouncilCritics,
  council_straggler: decodeCouncilStraggler,
  council_options: decodeCouncilOptions,
  council_gate: decodeCouncilGate,
  council_warning: decodeCouncilWarning,
  council_rank: decodeCouncilRank,
  council_dissent: decodeCouncilDissent,
  council_spike: decodeCouncilSpike,
  council_ranking: decodeCouncilRanking,
  council_score: decodeCouncilScore,
  council_answer: decodeCouncilAnswer,
  council_sheet: decodeCouncilSheet,
  council_seat: decodeCouncilSeat,
  council_degradation: decodeCouncilDegradation,
  council_report: decodeCouncilReport,
  council_event: decodeCouncilEvent,
  message_part: decodeMessagePart,
  reply_message: decodeReplyMessage,
  attempt: decodeAttempt,
  pricing: decodePricing,
  reply_usage: decodeReplyUsage,
  tool_call: decodeToolCall,
  idempotency: decodeIdempotency,
  reply_metadata: decodeReplyMetadata,
  citation: decodeCitation,
  reply: decodeReply,
  error: decodeError,
  stream_event: decodeStreamEvent,
  tool_outcome: decodeToolOutcome,
  resolution: decodeResolution,
  unknown_send: decodeUnknownSend,
  unknown_send_page: decodeUnknownSendPage,
  date_range: decodeDateRange,
  embedding_vectors: decodeEmbeddingVectors,
  usage_totals: decodeUsageTotals,
  provider_usage: decodeProviderUsage,
  model_usage: decodeModelUsage,
  day_usage: decodeDayUsage,
  agent_usage: decodeAgentUsage,
  usage_group: decodeUsageGroup,
  usage_rollup: decodeUsageRollup,
  usage_event: decodeUsageEvent,
  usage_event_page: decodeUsageEventPage,
  spend_attempt: decodeSpendAttempt,
  spend_report: decodeSpendReport,
  invariant: decodeInvariant,
  check_report: decodeCheckReport,
  health: decodeHealth,
  tool: decodeTool,
  tool_list: decodeToolList,
  provider_turn: decodeProviderTurn,
  offered_tool: decodeOfferedTool,
  provider_request: decodeProviderRequest,
  tool_request: decodeToolRequest,
} as const
