// What most tests begin with: a gateway in memory, a tenant, an agent and a session.
'use strict'

const { open } = require('conclave')

/** The options of `openWorld` go to `open`; its provider answers with the user's text. */
async function openWorld(options = {}) {
  const gateway = await open(':memory:', {
    clock: 'virtual',
    ...options,
    providers: { echo: { kind: 'scripted', echo: true }, ...options.providers },
  })
  const tenant = gateway.tenant((await gateway.tenants.create({ name: 'Acme' })).id)
  return { gateway, tenant, ...(await converse(tenant, 'echo')) }
}

/** An agent whose primary is the route, and a session with it. */
async function converse(tenant, primary, more = {}) {
  const agent = await tenant.agents.create({ name: 'Support', primary, ...more })
  const session = await tenant.sessions.create({ agentId: agent.id })
  return { agent, session }
}

/** Runs a test in a world of its own. */
function inWorld(body, options) {
  return async () => {
    const world = await openWorld(options)
    try {
      await body(world)
    } finally {
      await world.gateway.close({ drainMs: 0 })
    }
  }
}

/** A provider `host` that tells when it is called and answers when the test says what. */
async function registerHost(gateway) {
  let answer
  const answered = new Promise((resolve) => (answer = resolve))
  let called
  const wasCalled = new Promise((resolve) => (called = resolve))
  const handler = () => {
    called()
    return answered
  }
  await gateway.providers.register('host', { kind: 'callback', handler })
  return { wasCalled, answer }
}

let keys = 0

/** An idempotency key that no call had before. */
function freshKey() {
  keys += 1
  return `key-${keys}`
}

module.exports = { converse, freshKey, inWorld, openWorld, registerHost }
