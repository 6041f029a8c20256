// Thirty workers on one store, each ended with 200 operations and a stream in flight.
'use strict'

const { once } = require('node:events')
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads')

const { open } = require('conclave')

async function main(ending) {
  const gateway = await open('app.db')
  const tenant = await gateway.tenants.create({ name: 'Acme' })
  for (let started = 0; started < 30; started += 5) {
    const workers = Array.from(
      { length: 5 },
      () => new Worker(__filename, { workerData: { ending, tenant: tenant.id } }),
    )
    await Promise.all(workers.map((worker) => end(worker, ending)))
  }
  await gateway.tenants.get(tenant.id)
  const { ok } = await gateway.check()
  console.log(ok ? 'done' : 'the ledger does not hold')
}

async function end(worker, ending) {
  const failed = once(worker, 'error').then(([error]) => {
    console.log(error)
  })
  const ended = once(worker, 'exit')
  await Promise.race([once(worker, 'message'), failed])
  if (ending === 'terminate') await worker.terminate()
  await ended
}

async function work({ ending, tenant: id }) {
  // The store is open in this process already; its options are shared.
  const gateway = await open('app.db')
  const provider = `slow${process.hrtime.bigint()}`
  const handler = async function* () {
    yield 'the beginning'
    await new Promise(() => {})
  }
  await gateway.providers.register(provider, { kind: 'callback', handler, concurrency: 200 })
  const tenant = gateway.tenant(id)
  const agent = await tenant.agents.create({ name: 'Support', primary: provider })
  const abort = new AbortController()
  const signal = ending === 'natural' ? abort.signal : undefined
  const sends = []
  for (let i = 0; i < 20; i += 1) {
    const { id: sessionId } = await tenant.sessions.create({ agentId: agent.id })
    const options = { idempotencyKey: `${provider}-${i}`, signal }
    sends.push(tenant.messages.send(sessionId, 'x', options).catch(() => {}))
  }
  const looking = look(tenant, agent.id, `${provider}-stream`, signal)
  const reads = Array.from({ length: 180 }, () => tenant.agents.get(agent.id))
  await Promise.race(reads)
  parentPort.postMessage('in flight')
  if (ending === 'exit') process.exit(0)
  await Promise.all(reads)
  abort.abort()
  await Promise.all([...sends, looking])
}

/** Reads a stream that never comes to its end. */
async function look(tenant, agentId, idempotencyKey, signal) {
  try {
    const { id } = await tenant.sessions.create({ agentId })
    const stream = tenant.messages.stream(id, 'x', { idempotencyKey, signal })
    for await (const event of stream) if (event.type === 'done') throw new Error('it ended')
  } catch (error) {
    if (error.name !== 'AbortError') throw error
  }
}

if (isMainThread) main(process.argv[2])
else work(workerData)
