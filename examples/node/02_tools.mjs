// A model that calls a function of the host: checked arguments, sources in the reply, one bill.
import { open } from 'conclave'

// A model that asks for the weather twice, the first time wrongly; a real one is registered in its
// place.
const wrong = { toolCalls: [{ id: 'c1', name: 'weather', arguments: { town: 'Oslo' } }] }
const right = { toolCalls: [{ id: 'c2', name: 'weather', arguments: { city: 'Oslo' } }] }
const answer = { text: 'Take an umbrella.' }
const gateway = await open(':memory:', {
  providers: { model: { kind: 'scripted', replies: [wrong, right, answer] } },
  prices: [{ provider: 'model', model: '*', usdPer1kTokens: '0.002' }],
})

// It only looks something up, so a call that a crash cut off may be made again.
await gateway.tools.register({
  name: 'weather',
  description: 'Says what the weather will be.',
  parameters: {
    type: 'object',
    required: ['city'],
    properties: { city: { type: 'string' } },
    additionalProperties: false,
  },
  sideEffects: false,
  handler: async ({ city }) => {
    console.log('asked for', city)
    return {
      content: 'rain',
      sources: [{ title: 'Met Office', url: 'https://example.org/oslo' }],
    }
  },
})

const acme = gateway.tenant((await gateway.tenants.create({ name: 'Acme Corporation' })).id)
const agent = await acme.agents.create({ name: 'Guide', primary: 'model', tools: ['weather'] })
const session = await acme.sessions.create({ agentId: agent.id })
const { message, metadata } = await acme.messages.send(
  session.id,
  'What will it be like in Oslo?',
  { idempotencyKey: 'oslo-1' },
)
console.log(message.content)
for (const { title, tool } of metadata.sources) console.log('from', title, 'by', tool)
console.log('for', metadata.usage.costUsd, 'dollars')
const { ok } = await gateway.check()
await gateway.close()
process.exitCode = ok ? 0 : 1
