// A worker's send is answered by a handler of the main thread: both share one engine.
'use strict'

const { once } = require('node:events')
const { Worker, isMainThread, threadId, workerData } = require('node:worker_threads')

const { open } = require('conclave')

async function main() {
  const handler = ({ messages }) => `${messages.at(-1).content} to ${threadId}`
  const gateway = await open('app.db', { providers: { host: { kind: 'callback', handler } } })
  const tenant = gateway.tenant((await gateway.tenants.create({ name: 'Acme' })).id)
  const agent = await tenant.agents.create({ name: 'Support', primary: 'host' })
  const session = await tenant.sessions.create({ agentId: agent.id })
  const worker = new Worker(__filename, {
    workerData: { tenantId: tenant.id, sessionId: session.id },
  })
  await once(worker, 'exit')
  const { messages } = await tenant.sessions.transcript(session.id)
  console.log(messages[1].content === 'from 1 to 0' ? 'done' : messages)
}

async function work({ tenantId, sessionId }) {
  const gateway = await open('app.db')
  const tenant = gateway.tenant(tenantId)
  await tenant.messages.send(sessionId, `from ${threadId}`, { idempotencyKey: 'k' })
}

if (isMainThread) main()
else work(workerData)
