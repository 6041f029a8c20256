// An answer that must fit a JSON Schema: asked for once more if it does not, then data to use.
import { ValidationError, open } from 'conclave'

// A model that chats before it obeys; a real one is registered in its place.
const chatty = { text: 'Gladly! It sounds angry.' }
const plain = { text: '{"mood": "angry", "urgent": true}' }
const gateway = await open(':memory:', {
  providers: { model: { kind: 'scripted', replies: [chatty, plain] } },
  prices: [{ provider: 'model', model: '*', usdPer1kTokens: '0.002' }],
})
const acme = gateway.tenant((await gateway.tenants.create({ name: 'Acme Corporation' })).id)
const agent = await acme.agents.create({ name: 'Reader', primary: 'model' })
const session = await acme.sessions.create({ agentId: agent.id })

const outputSchema = {
  type: 'object',
  required: ['mood', 'urgent'],
  properties: { mood: { enum: ['calm', 'angry'] }, urgent: { type: 'boolean' } },
}
const { metadata } = await acme.messages.send(session.id, 'Where is my parcel?!', {
  idempotencyKey: 'mail-7',
  outputSchema,
})
console.log(metadata.output.mood, metadata.output.urgent ? 'urgent' : '')
console.log('both answers for', metadata.usage.costUsd, 'dollars')

// A schema that conclave does not understand as a whole is refused, not half obeyed.
try {
  await acme.messages.send(session.id, 'And now?', {
    idempotencyKey: 'mail-8',
    outputSchema: { properties: { mood: { pattern: '^[a-z]+$' } } },
  })
} catch (refused) {
  if (!(refused instanceof ValidationError)) throw refused
  console.log(refused.message)
}
const { ok } = await gateway.check()
await gateway.close()
process.exitCode = ok ? 0 : 1
