// Processes of a cluster share a store: one key, one bill.
'use strict'

const cluster = require('node:cluster')
const { once } = require('node:events')

const { open } = require('conclave')

const options = {
  providers: { echo: { kind: 'scripted', echo: true } },
  prices: [{ provider: 'echo', model: '*', usdPer1kTokens: '0.002' }],
}

async function main() {
  const gateway = await open('app.db', options)
  const tenant = gateway.tenant((await gateway.tenants.create({ name: 'Acme' })).id)
  const agent = await tenant.agents.create({ name: 'Support', primary: 'echo' })
  const session = await tenant.sessions.create({ agentId: agent.id })
  const env = { TENANT: tenant.id, SESSION: session.id }
  const workers = Array.from({ length: 3 }, () => cluster.fork(env))
  await Promise.all(workers.map((worker) => once(worker, 'exit')))
  const reply = await send(gateway, env)
  const day = reply.message.createdAt.slice(0, 10)
  const { items } = await tenant.usage.events({ from: day, to: day })
  console.log(items.length === 1 ? 'done' : `${items.length} bills`)
  await gateway.close()
}

function send(gateway, { TENANT, SESSION }) {
  const tenant = gateway.tenant(TENANT)
  return tenant.messages.send(SESSION, 'Hello', { idempotencyKey: 'one-key' })
}

async function serve() {
  const gateway = await open('app.db', options)
  await send(gateway, process.env)
  process.disconnect()
}

if (cluster.isPrimary) main()
else serve()
