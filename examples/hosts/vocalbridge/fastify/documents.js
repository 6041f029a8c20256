// The JSON shapes of the system: names and order of keys are law.

import { decimal } from './exact-json.js'
import { vendors } from './service.js'

const price = (pricing) => ({ usdPer1kTokens: decimal(pricing?.usdPer1kTokens ?? null) })

/** `prices` newest first. */
export function me(tenant, prices) {
  const pricing = {}
  for (const vendor of vendors) {
    const newest = prices.find((p) => p.provider === vendor)
    if (newest) pricing[vendor] = price(newest)
  }
  return { tenant: { id: tenant.id, name: tenant.name, createdAt: tenant.createdAt }, pricing }
}

export const agent = (a) => ({
  id: a.id,
  name: a.name,
  primaryProvider: a.primary,
  fallbackProvider: a.fallbacks[0] ?? null,
  systemPrompt: a.instructions,
  createdAt: a.createdAt,
  updatedAt: a.updatedAt,
})

export const session = (s) => ({
  id: s.id,
  agentId: s.agentId,
  customerId: s.customerId || null,
  status: s.status,
  createdAt: s.createdAt,
  lastActivityAt: s.lastActivityAt,
  metadata: s.metadata,
})

export const message = (m) => ({
  id: m.id,
  sessionId: m.sessionId,
  role: m.role,
  content: m.content,
  createdAt: m.createdAt,
})

const attempt = (a) => ({
  provider: a.provider,
  status: a.status,
  httpStatus: a.httpStatus,
  latencyMs: a.latencyMs,
  retries: a.retries,
  errorCode: a.errorCode,
})

export function reply({ message: m, metadata }) {
  const { usage, idempotency } = metadata
  return {
    message: message(m),
    metadata: {
      agentId: metadata.agentId,
      providerUsed: metadata.providerUsed,
      primaryAttempted: metadata.primaryAttempted,
      fallbackAttempted: metadata.fallbackAttempted,
      fallbackUsed: metadata.fallbackUsed,
      attempts: metadata.attempts.map(attempt),
      usage: {
        tokensIn: usage.tokensIn,
        tokensOut: usage.tokensOut,
        costUsd: decimal(usage.costUsd),
        pricing: price(usage.pricing),
      },
      idempotency: { key: idempotency.key, replayed: idempotency.replayed },
      requestId: metadata.requestId,
    },
  }
}

export const event = (e) => ({
  id: e.id,
  sessionId: e.sessionId,
  agentId: e.agentId,
  messageId: e.messageId,
  provider: e.provider,
  tokensIn: e.tokensIn,
  tokensOut: e.tokensOut,
  tokensTotal: e.tokensTotal,
  costUsd: decimal(e.costUsd),
  createdAt: e.createdAt,
})

const tokensAndCost = (u) => ({
  tokensIn: u.tokensIn,
  tokensOut: u.tokensOut,
  tokensTotal: u.tokensTotal,
  costUsd: decimal(u.costUsd),
})

export const rollup = (r) => ({
  range: { from: r.range.from, to: r.range.to },
  totals: {
    sessions: r.totals.sessions,
    messages: r.totals.messages,
    ...tokensAndCost(r.totals),
  },
  byProvider: r.byProvider.map((p) => ({
    provider: p.provider,
    sessions: p.sessions,
    ...tokensAndCost(p),
  })),
  topAgentsByCost: r.topAgentsByCost.map((a) => ({
    agentId: a.agentId,
    agentName: a.agentName,
    sessions: a.sessions,
    tokensTotal: a.tokensTotal,
    costUsd: decimal(a.costUsd),
  })),
})
