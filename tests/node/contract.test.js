// No operation and no field of the contract is missing.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { test } = require('node:test')

const conclave = require('conclave')
const { freshKey, inWorld } = require('./world')

const { describe } = conclave

const camel = (name) => name.replace(/_(.)/g, (_, letter) => letter.toUpperCase())

test(
  'every operation has its method',
  inWorld(async ({ gateway, tenant }) => {
    const byHand = {
      authenticate: gateway.authenticate,
      'gateway.check': gateway.check,
      'gateway.health': gateway.health,
      'gateway.metrics': gateway.metrics,
      'gateway.backup': gateway.backup,
      'gateway.advance': gateway.advance,
      'gateway.close': gateway.close,
      'gateway.new_idempotency_key': gateway.newIdempotencyKey,
    }
    assert.match(await gateway.newIdempotencyKey(), /^idk_/)
    const { operations } = describe()
    assert.ok(Object.keys(operations).length >= 40)
    for (const [name, { scope }] of Object.entries(operations)) {
      const [noun, verb] = name.split('.').map(camel)
      const method = byHand[name] ?? { gateway, tenant }[scope][noun]?.[verb]
      assert.equal(typeof method, 'function', name)
    }
  }),
)

/** What is wrong with a document in JavaScript, judged by the schema with its names. */
function misfit(value, schema, at) {
  const { $defs } = describe()
  if (schema.$ref) return misfit(value, $defs[schema.$ref.split('/').at(-1)], at)
  if (schema.anyOf) return schema.anyOf.every((s) => misfit(value, s, at)) ? `${at}: none fits` : ''
  if (schema['x-data']) return ''
  if (Array.isArray(value)) {
    return value.map((item, i) => misfit(item, schema.items, `${at}[${i}]`)).find(Boolean) ?? ''
  }
  if (typeof value !== 'object' || value === null) {
    const type = value === null ? 'null' : Number.isInteger(value) ? 'integer' : typeof value
    const fits = [schema.type].flat()
    return fits.includes(type) || (type === 'integer' && fits.includes('number'))
      ? ''
      : `${at}: ${type} instead of ${schema.type}`
  }
  const names = new Map(Object.keys(schema.properties).map((name) => [camel(name), name]))
  for (const name of schema.required) {
    if (!(camel(name) in value)) return `${at}.${camel(name)} is missing`
  }
  for (const [name, inner] of Object.entries(value)) {
    if (!names.has(name)) return `${at}.${name} is unknown`
    const wrong = misfit(inner, schema.properties[names.get(name)], `${at}.${name}`)
    if (wrong) return wrong
  }
  return ''
}

function assertFits(value, name) {
  const { operations } = describe()
  assert.equal(misfit(value, operations[name].out, name), '')
}

test(
  'what every operation gives fits the contract, in camelCase',
  inWorld(async ({ gateway, tenant, agent, session }) => {
    const page = (items) => ({ items, nextCursor: null })
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'conclave-'))
    const tenantRecord = await gateway.tenants.get(tenant.id)
    const created = await tenant.apiKeys.create({ name: 'server' })
    const full = await tenant.agents.create({
      name: 'Full',
      primary: 'echo/m',
      fallbacks: ['echo'],
      policy: { retries: 1, jitter: 'none' },
      metadata: { a_b: 1 },
      description: 'd',
    })
    await gateway.prices.set('echo', '*', { usdPer1kTokens: '0.002' })
    await gateway.prices.set({
      provider: 'echo',
      model: 'm',
      usdPerMillion: { input: '1', output: '2', cachedInput: '0.5' },
    })
    const reply = await tenant.messages.send(session.id, 'Hello', { idempotencyKey: freshKey() })
    const day = reply.message.createdAt.slice(0, 10)
    const range = { from: day, to: day }
    const other = await gateway.tenants.create({ name: 'Other', metadata: { a_b: 1 } })
    const results = {
      'providers.register': await gateway.providers.register({
        name: 'x',
        kind: 'scripted',
        echo: true,
      }),
      'providers.list': page(await gateway.providers.list()),
      'tools.list': page(await gateway.tools.list().catch(() => [])),
      'prices.list': page(await gateway.prices.list({ provider: 'echo' })),
      'tenants.create': other,
      'tenants.get': tenantRecord,
      'tenants.list': await gateway.tenants.list(),
      'tenants.update': await gateway.tenants.update(tenant.id, { name: 'Acme 2' }),
      'tenants.suspend': await gateway.tenants.suspend(other.id),
      'tenants.activate': await gateway.tenants.activate(other.id),
      'gateway.check': await gateway.check(),
      'gateway.health': await gateway.health(),
      'api_keys.create': created,
      'api_keys.list': await tenant.apiKeys.list(),
      'api_keys.revoke': await tenant.apiKeys.revoke(created.apiKey.id, { reason: 'lost' }),
      'agents.create': full,
      'agents.get': await tenant.agents.get(agent.id),
      'agents.list': await tenant.agents.list({ limit: 1 }),
      'agents.update': await tenant.agents.update(agent.id, { maxTokens: 5 }),
      'sessions.create': session,
      'sessions.get': await tenant.sessions.get(session.id),
      'sessions.list': await tenant.sessions.list({ agentId: agent.id }),
      'sessions.update': await tenant.sessions.update(session.id, { pinned: true }),
      'sessions.transcript': await tenant.sessions.transcript(session.id),
      'sessions.close': await tenant.sessions.close(session.id),
      'messages.send': reply,
      'messages.list_unknown': await tenant.messages.listUnknown(),
      'usage.rollup': await tenant.usage.rollup(range),
      'usage.events': await tenant.usage.events({ ...range, limit: 1 }),
      'usage.spend': await tenant.usage.spend(range),
    }
    for (const [name, value] of Object.entries(results)) assertFits(value, name)
    assert.equal(results['agents.list'].items.length, 1)
    assert.equal(typeof results['agents.list'].nextCursor, 'string')
    assert.equal(results['prices.list'].items.length, 2)
    assert.equal(results['api_keys.revoke'].revokeReason, 'lost')

    assert.match(await gateway.metrics(), /^# (HELP|TYPE) /m)
    assert.match(await tenant.sessions.export(session.id, 'markdown'), /Hello/)
    const exported = JSON.parse(await tenant.sessions.export(session.id, { format: 'json' }))
    assert.equal(typeof exported, 'object')
    assert.equal(await gateway.tenants.delete(other.id), undefined)
    assert.equal(await tenant.sessions.delete(session.id), undefined)
    assert.equal(await tenant.agents.delete(full.id), undefined)
    await assert.rejects(tenant.agents.get(full.id), { code: 'AGENT_NOT_FOUND' })
    assert.equal(await gateway.advance(10), undefined)

    const copy = path.join(folder, 'copy.db')
    await assert.rejects(gateway.backup(path.join(folder, 'none', 'copy.db')))
    assert.equal(
      await gateway.backup(copy).catch(({ code }) => code === 'UNSUPPORTED' && undefined),
      undefined,
    )
    fs.rmSync(folder, { recursive: true })
  }),
)

test(
  'fields may be given by position or by name',
  inWorld(async ({ gateway, tenant, session }) => {
    const day = '2026-11-21'
    const byName = await tenant.usage.rollup({ from: day, to: day })
    assert.deepEqual(await tenant.usage.rollup(day, day), byName)
    assert.deepEqual(await tenant.usage.rollup(day, { to: day }), byName)
    assert.deepEqual(await tenant.sessions.get({ id: session.id }), session)
    const price = await gateway.prices.set('echo', '*', { usdPer1kTokens: '0.001' })
    const same = { provider: 'echo', model: '*', usdPer1kTokens: '0.001' }
    assert.deepEqual(await gateway.prices.set(same), price)

    const sent = { sessionId: session.id, content: 'Hello', idempotencyKey: freshKey() }
    const reply = await tenant.messages.send(sent)
    assert.equal(reply.message.content, 'Hello')
    const { sessionId, content, ...options } = sent
    const again = await tenant.messages.send(sessionId, content, options)
    assert.deepEqual(again.message, reply.message)
    const types = []
    for await (const { type } of tenant.messages.stream(sent)) types.push(type)
    assert.equal(types.at(-1), 'done')
    const id = session.id
    const text = await tenant.sessions.export(id, 'json')
    assert.equal(await tenant.sessions.export({ id, format: 'json' }), text)
    assert.equal((await tenant.sessions.update({ id, title: 'by name' })).title, 'by name')
    const { secret } = await tenant.apiKeys.create()
    assert.equal((await gateway.authenticate({ apiKey: secret })).id, tenant.id)
    assert.equal(await gateway.advance({ ms: 1 }), undefined)
    await assert.rejects(gateway.backup({ path: '' }), { code: 'VALIDATION_ERROR' })
    const tool = { description: 'd', parameters: { type: 'object' }, handler: () => 1 }
    const named = await gateway.tools.register('one', tool)
    assert.deepEqual(await gateway.tools.register({ name: 'two', ...tool }), {
      ...named,
      name: 'two',
    })
  }),
)

test('every operation takes its fields by name', async () => {
  const { operations, $defs } = describe()
  const stop = new Error('read')
  const gateway = await conclave.open(':memory:')
  const tenant = gateway.tenant('tnt_x')
  for (const [name, { scope, in: input }] of Object.entries(operations)) {
    const steps = name.split('.').map(camel)
    if (steps[0] === 'gateway') steps.shift()
    const verb = steps.pop()
    const target = steps.reduce((at, noun) => at[noun], { gateway, tenant }[scope])
    // The last field that is read tells that all were taken as names of this one object.
    const fields = Object.keys($defs[input.$ref.split('/').at(-1)].properties).map(camel)
    if (fields.length === 0 || verb === 'register') continue
    const request = Object.fromEntries(fields.map((field) => [field, undefined]))
    Object.defineProperty(request, fields.at(-1), {
      enumerable: true,
      get() {
        throw stop
      },
    })
    const call = () => (verb === 'stream' ? target[verb](request).next() : target[verb](request))
    await assert.rejects(call, stop, name)
  }
  await gateway.close()
})

test('open takes its store by name and providers as a list', async () => {
  const asked = []
  const providers = [
    { name: 'plain', kind: 'scripted', echo: true },
    { name: 'host', kind: 'callback', handler: ({ model }) => void asked.push(model) },
  ]
  const gateway = await conclave.open({ store: ':memory:', clock: 'virtual', providers })
  const names = (await gateway.providers.list()).map(({ name }) => name)
  assert.deepEqual(names, ['host', 'plain'])
  await gateway.advance(1)
  await gateway.close()
  for (const wrong of ['x', 5, [5], { a: 5 }, new Map()]) {
    await assert.rejects(conclave.open(':memory:', { providers: wrong }), (error) => {
      assert.match(error.details.field, /^providers/)
      return true
    })
  }
})

test(
  'an API key opens its tenant and no other',
  inWorld(async ({ gateway, tenant }) => {
    const { secret, apiKey } = await tenant.apiKeys.create({ name: 'server' })
    assert.ok(secret.endsWith(apiKey.last4))
    assert.equal((await gateway.authenticate(secret)).id, tenant.id)
    await assert.rejects(gateway.authenticate('cnv_live_x'), { code: 'UNAUTHORIZED' })
    await tenant.apiKeys.revoke(apiKey.id, 'by position')
    await assert.rejects(gateway.authenticate(secret), { code: 'API_KEY_REVOKED' })
    const [{ revokeReason }] = (await tenant.apiKeys.list()).items
    assert.equal(revokeReason, 'by position')

    const other = gateway.tenant((await gateway.tenants.create({ name: 'Other' })).id)
    const { items } = await tenant.sessions.list()
    await assert.rejects(other.sessions.get(items[0].id), { code: 'RESOURCE_NOT_FOUND' })
  }),
)

test(
  'pages lead to the whole list',
  inWorld(async ({ tenant, agent }) => {
    for (let i = 0; i < 6; i += 1) await tenant.sessions.create({ agentId: agent.id })
    const seen = []
    let cursor
    do {
      const page = await tenant.sessions.list({ limit: 2, cursor })
      seen.push(...page.items.map(({ id }) => id))
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    assert.equal(new Set(seen).size, 7)
  }),
)
