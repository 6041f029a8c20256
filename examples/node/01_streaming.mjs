// An answer while it is made: printed piece by piece, left half-way, taken up again where it was.
import { open } from 'conclave'

// A provider that speaks in pieces; a real one is registered in its place.
const poem = { chunks: ['Roses ', 'are ', 'red.'], latencyMs: 20, chunkLatencyMs: 20 }
const gateway = await open(':memory:', {
  providers: { poet: { kind: 'scripted', replies: [poem] } },
  prices: [{ provider: 'poet', model: '*', usdPer1kTokens: '0.002' }],
})
const acme = gateway.tenant((await gateway.tenants.create({ name: 'Acme Corporation' })).id)
const agent = await acme.agents.create({ name: 'Poet', primary: 'poet' })
const session = await acme.sessions.create({ agentId: agent.id })

// A reader that goes away after the first piece: the call runs on.
let lastEventId
for await (const event of acme.messages.stream(session.id, 'A poem, please', {
  idempotencyKey: 'poem-1',
})) {
  lastEventId = event.id
  if (event.type !== 'delta') continue
  console.log(`${event.text}(${event.id})`)
  break
}

// The same key goes on after the event that was seen last; the call is still one, and so is its
// bill.
for await (const event of acme.messages.stream(session.id, 'A poem, please', {
  idempotencyKey: 'poem-1',
  lastEventId,
})) {
  if (event.type === 'delta') process.stdout.write(event.text)
  if (event.type === 'done') console.log(`\nfor ${event.reply.metadata.usage.costUsd} dollars`)
}
const { ok } = await gateway.check()
await gateway.close()
process.exitCode = ok ? 0 : 1
