// Leaves by process.exit while a provider is thinking.
'use strict'

const { open } = require('conclave')

async function main() {
  const handler = () => {
    console.log('done')
    process.exit(3)
  }
  const gateway = await open('app.db', { providers: { host: { kind: 'callback', handler } } })
  const tenant = gateway.tenant((await gateway.tenants.create({ name: 'Acme' })).id)
  const agent = await tenant.agents.create({ name: 'Support', primary: 'host' })
  const session = await tenant.sessions.create({ agentId: agent.id })
  await tenant.messages.send(session.id, 'x', { idempotencyKey: 'k' })
}

main()
