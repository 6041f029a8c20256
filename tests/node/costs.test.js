// Money is exact: random costs sum to the roll-up's last digit.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { test } = require('node:test')

const { open } = require('conclave')
const { freshKey } = require('./world')

const count = Number(process.env.CONCLAVE_COSTS ?? 500)
const seed = Number(process.env.CONCLAVE_SEED ?? Date.now() % 2 ** 31)
const callers = 64
const turnsPerSession = 8

let state = seed
function random(below) {
  state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
  return state % below
}

/** Nano-dollars as the decimal dollars of documents. */
function dollars(nano) {
  const fraction = String(nano % 10n ** 9n)
    .padStart(9, '0')
    .replace(/0+$/, '')
  return fraction === '' ? `${nano / 10n ** 9n}` : `${nano / 10n ** 9n}.${fraction}`
}

test('random costs sum to the last digit', async (t) => {
  console.log(`# CONCLAVE_SEED=${seed}`)
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'conclave-'))
  t.after(() => fs.rmSync(folder, { recursive: true }))
  const replies = Array.from({ length: 997 }, () => ({
    text: 'x',
    tokensIn: random(100_000),
    tokensOut: random(100_000),
  }))
  const gateway = await open(path.join(folder, 'app.db'), {
    durability: 'process',
    providers: { random: { kind: 'scripted', replies, concurrency: callers } },
  })
  const usdPerMillion = { input: '0.150001', output: '0.600007' }
  await gateway.prices.set('random', '*', { usdPerMillion })
  const tenant = gateway.tenant((await gateway.tenants.create({ name: 'Acme' })).id)
  const agent = await tenant.agents.create({ name: 'Random', primary: 'random' })

  let begun = 0
  let sum = 0n
  const days = new Set()
  const talk = async () => {
    while (begun < count) {
      const session = await tenant.sessions.create({ agentId: agent.id })
      for (let turn = 0; turn < turnsPerSession && begun < count; turn += 1) {
        begun += 1
        const reply = await tenant.messages.send(session.id, 'x', { idempotencyKey: freshKey() })
        sum += BigInt(reply.metadata.usage.costNanoUsd)
        days.add(reply.message.createdAt.slice(0, 10))
      }
    }
  }
  await Promise.all(Array.from({ length: callers }, talk))

  const [from, to = from] = [...days].sort()
  const report = await tenant.usage.rollup({ from, to })
  assert.equal(report.totals.messages, count)
  assert.equal(BigInt(report.totals.costNanoUsd), sum)
  assert.equal(report.totals.costUsd, dollars(sum))
  const parts = report.byDay.reduce((total, day) => total + BigInt(day.costNanoUsd), 0n)
  assert.equal(parts, sum)
  assert.equal((await gateway.check()).ok, true)
  await gateway.close()
})
