// Nobody waits any more, though the engine still works: the process may end.
'use strict'

const { open } = require('conclave')

async function main() {
  const replies = [{ text: 'late', latencyMs: 1000 }]
  const gateway = await open('app.db', {
    clock: 'virtual',
    providers: { slow: { kind: 'scripted', replies, concurrency: 64 } },
  })
  const tenant = gateway.tenant((await gateway.tenants.create({ name: 'Acme' })).id)
  const agent = await tenant.agents.create({ name: 'Support', primary: 'slow' })
  const abort = new AbortController()
  const sends = []
  for (let i = 0; i < 20; i += 1) {
    const session = await tenant.sessions.create({ agentId: agent.id })
    const options = { idempotencyKey: `k${i}`, signal: abort.signal }
    sends.push(tenant.messages.send(session.id, 'x', options))
  }
  setImmediate(() => abort.abort())
  const results = await Promise.allSettled(sends)
  if (results.every(({ reason }) => reason.name === 'AbortError')) console.log('done')
}

main()
