// Works, and forgets to close.
'use strict'

const { open } = require('conclave')

async function main() {
  const gateway = await open('app.db', { providers: { echo: { kind: 'scripted', echo: true } } })
  const tenant = gateway.tenant((await gateway.tenants.create({ name: 'Acme' })).id)
  const agent = await tenant.agents.create({ name: 'Support', primary: 'echo' })
  const session = await tenant.sessions.create({ agentId: agent.id })
  const reply = await tenant.messages.send(session.id, 'done', { idempotencyKey: 'k' })
  console.log(reply.message.content)
}

main()
