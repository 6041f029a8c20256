// What goes in comes out unchanged, or is refused by name.
'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const vm = require('node:vm')

const { ValidationError, toSSE } = require('conclave')
const { converse, freshKey, inWorld } = require('./world')

const oddMetadata = () => ({
  a_b: 1,
  aB: 2,
  agent_id: 'not renamed',
  agentId: 'not renamed',
  '': 'empty',
  '🙂': '🙃',
  'with space': [1, [2, [{ c_d: null }]]],
  ['__proto__']: { ['__proto__']: 1 },
  constructor: 'data',
  toString: 'data',
  toJSON: 'data',
  nul: '\0',
  negative: -1.5,
  tiny: 5e-324,
  large: 1e300,
  safe: Number.MAX_SAFE_INTEGER,
  beyond: 9007199254740993n,
  below: -(2n ** 80n),
  digits: '9007199254740993',
  quoted: '"9007199254740993"\\',
  marked: '\\ud8001',
  fraction: 0.12345678901234568,
  zero: 0,
  negativeZero: -0,
  zeros: [-0, 0, { zero: -0 }],
  zeroText: '-0.0',
})

test(
  'metadata keeps every key and value',
  inWorld(async ({ tenant, agent }) => {
    const metadata = oddMetadata()
    const { id } = await tenant.sessions.create({ agentId: agent.id, metadata })
    const kept = (await tenant.sessions.get(id)).metadata
    assert.deepEqual(kept, metadata)
    assert.deepEqual(Object.keys(kept), Object.keys(metadata))
    assert.equal(Object.getPrototypeOf(kept), Object.prototype)
  }),
)

test(
  'a thousand random documents round-trip',
  inWorld(async ({ tenant, agent }) => {
    const seed = Number(process.env.CONCLAVE_SEED ?? Date.now() % 2 ** 32)
    console.log(`# CONCLAVE_SEED=${seed}`)
    const random = generator(seed)
    const { id } = await tenant.sessions.create({ agentId: agent.id })
    for (let i = 0; i < 1000; i += 1) {
      const metadata = { value: randomValue(random, 4) }
      const updated = await tenant.sessions.update(id, { metadata })
      assert.deepEqual(updated.metadata, metadata)
    }
  }),
)

/** mulberry32 */
function generator(seed) {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

function randomText(random) {
  const alphabet = [
    'a',
    '_',
    'B',
    '"',
    '\\',
    '/',
    '\n',
    '\u2028',
    '\0',
    'é',
    '🙂',
    '9',
    'u',
    'd800',
  ]
  return Array.from({ length: random(8) }, () => alphabet[random(alphabet.length)]).join('')
}

function randomValue(random, depth) {
  switch (random(depth > 0 ? 9 : 7)) {
    case 0:
      return null
    case 1:
      return random(2) === 0
    case 2:
      return random(2 ** 32)
    case 3:
      return (random(2 ** 32) - 2 ** 31) / (1 + random(1000))
    case 4:
      return (1n + BigInt(random(2 ** 32))) * 2n ** BigInt(53 + random(80))
    case 5:
    case 6:
      return randomText(random)
    case 7:
      return Array.from({ length: random(4) }, () => randomValue(random, depth - 1))
    default: {
      const made = {}
      for (let i = random(4); i > 0; i -= 1) {
        // Letters first: keys that look like an index are ordered by JavaScript itself.
        const value = randomValue(random, depth - 1)
        Object.defineProperty(made, `k${randomText(random)}`, {
          value,
          enumerable: true,
          configurable: true,
          writable: true,
        })
      }
      return made
    }
  }
}

test(
  'a property that is undefined is absent, a Date is its text',
  inWorld(async ({ tenant, agent }) => {
    const when = new Date(0)
    const session = await tenant.sessions.create({
      agentId: agent.id,
      title: undefined,
      metadata: { absent: undefined, when },
    })
    assert.deepEqual(session.metadata, { when: '1970-01-01T00:00:00.000Z' })
    assert.equal(session.title, '')
  }),
)

const realm = vm.createContext({})

test(
  'plain data of every making is taken',
  inWorld(async ({ tenant, session }) => {
    const NullObject = function () {}
    NullObject.prototype = Object.create(null)
    const metadata = {
      literal: {},
      bare: Object.assign(Object.create(null), { a_b: 1 }),
      query: Object.assign(new NullObject(), { limit: '1' }), // as web frameworks make them
      foreign: vm.runInContext('({ a_b: [1, { c: 2 }] })', realm),
    }
    const updated = await tenant.sessions.update(session.id, { metadata })
    assert.deepEqual(updated.metadata, {
      literal: {},
      bare: { a_b: 1 },
      query: { limit: '1' },
      foreign: { a_b: [1, { c: 2 }] },
    })
    const options = vm.runInContext('({ title: "foreign" })', realm)
    assert.equal((await tenant.sessions.update(session.id, options)).title, 'foreign')
  }),
)

test(
  'what prints itself is what it prints',
  inWorld(async ({ tenant, session }) => {
    class Money {
      toJSON() {
        return '0.10'
      }
    }
    const metadata = { url: new URL('http://a/b'), money: new Money() }
    const updated = await tenant.sessions.update(session.id, { metadata })
    assert.deepEqual(updated.metadata, { url: 'http://a/b', money: '0.10' })
  }),
)

test('a server-sent event keeps every number', () => {
  const toolCall = { id: 'c', name: 't', arguments: { big: 2n ** 60n, zero: -0, text: '-0.0' } }
  const text = toSSE({ id: '1', type: 'tool_call', toolCall })
  assert.ok(text.includes('{"big":1152921504606846976,"zero":-0.0,"text":"-0.0"}'), text)
})

const cyclic = {}
cyclic.self = cyclic

class Point {
  #hidden = 1
  x = this.#hidden
}

const refused = [
  ['metadata.a', { a: NaN }],
  ['metadata.a[1]', { a: [1, Infinity] }],
  ['metadata.a', { a: -Infinity }],
  ['metadata.a', { a: 2 ** 53 }],
  ['metadata.a.b', { a: { b: -(2 ** 60) } }],
  ['metadata.a', { a: '\ud800' }],
  ['metadata.a', { a: 'x\udc00y' }],
  ['metadata.\udfff', { '\udfff': 1 }],
  ['metadata.a[0]', { a: [undefined] }],
  ['metadata.a[1]', { a: [1, , 2] }],
  ['metadata.a', { a: () => 1 }],
  ['metadata.a', { a: Symbol('s') }],
  ['metadata.a', { a: new Map([[1, 2]]) }],
  ['metadata.a', { a: new Set() }],
  ['metadata.a', { a: /x/ }],
  ['metadata.a', { a: new Error('x') }],
  ['metadata.a', { a: Promise.resolve() }],
  ['metadata.a', { a: new Uint8Array(2) }],
  ['metadata.a', { a: new Date(NaN) }],
  ['metadata.point', { point: new Point() }],
  ['metadata.a[0]', { a: [vm.runInContext('new (class X { a = 1 })()', realm)] }],
  ['metadata.a', { a: Object.create({ inherited: 1 }) }],
  ['metadata', new Point()],
  ['metadata', cyclic],
]

test(
  'what JSON cannot carry is refused by name, and nothing changes',
  inWorld(async ({ tenant, session }) => {
    for (const [field, metadata] of refused) {
      await assert.rejects(
        tenant.sessions.update(session.id, { title: 'changed', metadata }),
        (error) => {
          assert.ok(error instanceof ValidationError, String(error))
          assert.equal(error.details.field, field)
          assert.ok(error.message.startsWith(field), error.message)
          return true
        },
      )
    }
    assert.deepEqual(await tenant.sessions.get(session.id), session)
  }),
)

test(
  'fields of the contract are refused by name',
  inWorld(async ({ gateway, tenant, agent, session }) => {
    const cases = [
      ['name', () => gateway.tenants.create({ name: 5 })],
      ['name', () => gateway.tenants.create({})],
      ['name', () => gateway.tenants.create({ name: '\ud83d' })],
      ['nmae', () => gateway.tenants.create({ name: 'x', nmae: 'x' })],
      ['agent_id', () => tenant.sessions.create({ agent_id: agent.id })],
      ['__proto__', () => gateway.tenants.create({ name: 'x', ['__proto__']: 1 })],
      ['limit', () => gateway.tenants.list({ limit: NaN })],
      ['limit', () => gateway.tenants.list({ limit: 2 ** 53 })],
      ['limit', () => gateway.tenants.list({ limit: 0 })],
      ['limit', () => gateway.tenants.list({ limit: 10n ** 30n })],
      ['policy.retries', () => tenant.agents.update(agent.id, { policy: { retries: Infinity } })],
      ['policy.retry', () => tenant.agents.update(agent.id, { policy: { retry: 1 } })],
      ['max_tokens', () => tenant.agents.update(agent.id, { maxTokens: 1.5 })],
      ['tools[0].name', () => tenant.agents.update(agent.id, { tools: [{ name: NaN }] })],
      ['from', () => tenant.usage.rollup({ from: new Date(NaN), to: '2026-01-01' })],
      ['expires_at', () => tenant.apiKeys.create({ expiresAt: 'tomorrow' })],
      ['session_id', () => tenant.messages.send(undefined, 'x', { idempotencyKey: freshKey() })],
      ['content', () => tenant.messages.send(session.id, '\udc00', { idempotencyKey: freshKey() })],
      ['content', () => tenant.messages.send(session.id, '\0', { idempotencyKey: freshKey() })],
      ['options', () => tenant.sessions.get(session.id, 'extra')],
      ['options', () => tenant.sessions.get(session.id, null)],
      ['options', () => tenant.sessions.get(session.id, new Point())],
      ['options', () => tenant.sessions.get({ id: session.id }, {})],
      ['options', () => tenant.messages.send({ sessionId: session.id }, 'x')],
      ['session_id', () => tenant.messages.send(session.id, 'x', { sessionId: session.id })],
      ['policy', () => tenant.agents.update(agent.id, { policy: new Point() })],
      ['signal', () => tenant.sessions.get(session.id, { signal: {} })],
      ['request_id', () => tenant.sessions.get(session.id, { requestId: 'a\0b' })],
    ]
    for (const [field, call] of cases) {
      await assert.rejects(call(), (error) => {
        assert.ok(error instanceof ValidationError, `${field}: ${error}`)
        assert.equal(error.details.field, field)
        return true
      })
    }
    assert.throws(() => gateway.tenant('a\0b'), ValidationError)
    assert.throws(() => gateway.tenant(undefined), ValidationError)
  }),
)

test(
  'a BigInt that fits is an integer',
  inWorld(async ({ gateway }) => {
    assert.equal((await gateway.tenants.list({ limit: 1n })).items.length, 1)
  }),
)

test(
  'a Date may stand for times and days',
  inWorld(async ({ tenant, session }) => {
    const expiresAt = new Date('2100-01-02T03:04:05.678Z')
    const { apiKey } = await tenant.apiKeys.create({ expiresAt })
    assert.equal(apiKey.expiresAt, expiresAt.toISOString())
    const reply = await tenant.messages.send(session.id, 'x', { idempotencyKey: freshKey() })
    const day = new Date(reply.message.createdAt)
    const { range, totals } = await tenant.usage.rollup({ from: day, to: day })
    assert.equal(range.from, reply.message.createdAt.slice(0, 10))
    assert.equal(totals.messages, 1)
  }),
)

test(
  'texts of every plane reach the model and come back',
  inWorld(async ({ tenant }) => {
    const { session } = await converse(tenant, 'echo')
    const text = 'é \u2028 \n 🙂 "quoted" \\ 9007199254740993'
    const reply = await tenant.messages.send(session.id, text, { idempotencyKey: freshKey() })
    assert.equal(reply.message.content, text)
  }),
)
