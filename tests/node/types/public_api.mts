// Compiled, never run: what the types accept, give and refuse.
import * as conclave from 'conclave'
import { ConclaveError, open, toSSE, type Reply, type StreamEvent } from 'conclave'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
/** Compiles when both types are the same. */
function same<A, B>(..._equal: Same<A, B> extends true ? [] : [never]): void {}

await using gateway = await open('app.db', {
  durability: 'process',
  policy: { preset: 'vocalbridge', retries: 1 },
  providers: {
    vendor: { kind: 'openai', baseUrl: 'http://127.0.0.1:1/v1', apiKey: 'sk' },
    script: {
      kind: 'scripted',
      replies: [{ text: 'Hi', tokensIn: 1, error: { httpStatus: 500 } }],
    },
    host: {
      kind: 'callback',
      handler: async function* ({ messages }, { signal }) {
        if (!signal.aborted) yield messages.at(-1)?.content ?? ''
        return { tokensIn: 1 }
      },
    },
    plain: { kind: 'callback', handler: (request) => request.model },
  },
  prices: [{ provider: 'vendor', model: '*', usdPer1kTokens: '0.002', effectiveFrom: new Date() }],
})
same<typeof gateway, conclave.Gateway>()

const tenant = gateway.tenant('tnt_1')
const { apiKey, secret } = await tenant.apiKeys.create({ name: 'server', expiresAt: new Date() })
same<typeof secret, string>()
same<typeof apiKey.expiresAt, string | null>()
same<(typeof tenant)['id'], string>()
same<Awaited<ReturnType<typeof gateway.authenticate>>, conclave.TenantScope>()

const { signal } = new AbortController()
const reply = await tenant.messages.send('ses_1', 'Hello', { idempotencyKey: 'k', signal })
same<typeof reply, Reply>()
same<typeof reply.metadata.usage.costUsd, string | null>()
same<typeof reply.metadata.usage.costNanoUsd, number | string | null>()
same<typeof reply.message.role, 'assistant'>()
await tenant.messages.send('ses_1', [{ toolCallId: 'c', content: 'x' }], {
  idempotencyKey: 'k',
  role: 'tool',
})

await tenant.agents.update('agt_1', { council: null })

for await (const event of tenant.messages.stream('ses_1', 'Hi', { idempotencyKey: 'k' })) {
  same<typeof event, StreamEvent>()
  if (event.type === 'delta') same<typeof event.text, string>()
  if (event.type === 'done') same<typeof event.reply, Reply>()
  if (event.type === 'error') same<typeof event.error.code, string>()
  // @ts-expect-error -- only some events have a text
  event.text
  same<ReturnType<typeof toSSE>, string>()
  toSSE(event)
}
same<StreamEvent['type'], conclave.StreamEventDocument['type']>()

const { items, nextCursor } = await tenant.sessions.list({ limit: 10, cursor: undefined })
same<typeof items, conclave.Session[]>()
same<typeof nextCursor, string | null>()
same<Awaited<ReturnType<typeof gateway.providers.list>>, conclave.Provider[]>()
same<Awaited<ReturnType<typeof gateway.metrics>>, string>()
same<Awaited<ReturnType<typeof tenant.sessions.delete>>, void>()

await gateway.prices.set('vendor', '*', { usdPer1kTokens: '0.002' })
await gateway.prices.set({ provider: 'vendor', model: '*', usdPer1kTokens: '0.002' })
await gateway.providers.register('x', { kind: 'scripted', echo: true })
await gateway.providers.register({ name: 'x', kind: 'scripted', echo: true })
await tenant.usage.rollup({ from: '2026-11-01', to: new Date() })
await tenant.usage.rollup('2026-11-01', '2026-11-30')
await gateway.tools.register({
  name: 'weather',
  parameters: { type: 'object' },
  handler: ({ city }: { city: string }, { toolCallId }) => `${city} ${toolCallId}`,
})
await gateway.tools.register('weather', {
  handler: ({ city }: { city: string }, { toolCallId }) => `${city} ${toolCallId}`,
})
await tenant.messages.send({ sessionId: 'ses_1', content: 'Hello', idempotencyKey: 'k', signal })
same<ReturnType<typeof tenant.messages.stream>, conclave.MessageStream>()
tenant.messages.stream({ sessionId: 'ses_1', content: 'Hello', idempotencyKey: 'k' })
same<string, Awaited<ReturnType<typeof tenant.sessions.export>>>()
await tenant.sessions.export({ id: 'ses_1', format: 'json' })
await tenant.sessions.get({ id: 'ses_1', requestId: 'req_1' })
await gateway.authenticate({ apiKey: secret })
await gateway.backup({ path: 'copy.db' })
await gateway.advance({ ms: 1 })
same<ReturnType<typeof tenant.forRequest>, conclave.TenantScope>()
await open({ store: 'app.db', providers: [{ name: 'vendor', kind: 'scripted', echo: true }] })
await gateway.tools.register({
  name: 'any',
  handler: (given) => same<typeof given, Record<string, unknown>>(),
})

// @ts-expect-error -- the idempotency key is missing
await tenant.messages.send('ses_1', 'Hello', {})
// @ts-expect-error -- and the options with it
await tenant.messages.send('ses_1', 'Hello')
// @ts-expect-error -- in the other form, too
await tenant.messages.send({ sessionId: 'ses_1', content: 'Hello' })
// @ts-expect-error -- given twice
await tenant.messages.send('ses_1', 'Hello', { idempotencyKey: 'k', sessionId: 'ses_2' })
// @ts-expect-error -- the name of a provider is missing
await open('app.db', { providers: [{ kind: 'scripted', echo: true }] })
// @ts-expect-error -- no such kind
await gateway.providers.register('x', { kind: 'other' })
// @ts-expect-error -- names are in camelCase
await tenant.sessions.create({ agent_id: 'agt_1' })
// @ts-expect-error -- money is a text
await gateway.prices.set('x', '*', { usdPer1kTokens: 0.002 })
// @ts-expect-error -- no such format
await tenant.sessions.export('ses_1', 'html')

try {
  await gateway.check()
} catch (error) {
  if (error instanceof conclave.ValidationError)
    same<typeof error.details, Record<string, unknown>>()
  if (error instanceof ConclaveError) {
    same<typeof error.code, conclave.ErrorCode>()
    same<typeof error.retryAfterMs, number | null>()
  }
}
