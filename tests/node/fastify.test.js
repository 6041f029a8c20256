// The Fastify plugin: headers and errors, and no more.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { test } = require('node:test')

const { ConflictError, open } = require('conclave')
const { conclaveFastify } = require('conclave/fastify')
const fastify = require('fastify')
const { converse, freshKey, inWorld } = require('./world')

/** A web backend with one public route and those of a tenant. */
async function listen(world, body) {
  const app = fastify({ forceCloseConnections: true })
  app.get('/health', async () => ({ status: 'ok' }))
  app.register(async (v1) => {
    v1.register(conclaveFastify, { gateway: world.gateway })
    v1.get('/me', async (request) => ({ id: request.tenant.id }))
    v1.get('/sessions/:id', async (request) => request.tenant.sessions.get(request.params.id))
    v1.get('/broken', async () => {
      throw new Error('not of conclave')
    })
    v1.post('/messages', async (request) =>
      request.tenant.messages.send(world.session.id, request.body.content, {
        idempotencyKey: request.idempotencyKey,
        requestId: request.id,
      }),
    )
    v1.get('/stream', async (request, reply) =>
      reply.sse(
        request.tenant.messages.stream(world.session.id, 'Hello', {
          idempotencyKey: request.idempotencyKey,
          lastEventId: request.headers['last-event-id'],
        }),
      ),
    )
  })
  try {
    const { secret } = await world.tenant.apiKeys.create({ name: 'server' })
    await body(app, { 'x-api-key': secret })
  } finally {
    await app.close()
  }
}

test(
  'a key opens its tenant',
  inWorld(async (world) => {
    await listen(world, async (app, headers) => {
      const me = await app.inject({ url: '/me', headers })
      assert.deepEqual(me.json(), { id: world.tenant.id })
      assert.equal((await app.inject({ url: '/health' })).statusCode, 200)
      for (const wrong of [{}, { 'x-api-key': '' }, { 'x-api-key': 'cnv_live_x' }]) {
        const refused = await app.inject({ url: '/me', headers: wrong })
        assert.equal(refused.statusCode, 401)
        assert.equal(refused.json().error.code, 'UNAUTHORIZED')
      }
    })
  }),
)

test(
  'errors of conclave become HTTP, others stay',
  inWorld(async (world) => {
    await listen(world, async (app, headers) => {
      const missing = await app.inject({ url: '/sessions/ses_none', headers })
      assert.equal(missing.statusCode, 404)
      const { error } = missing.json()
      assert.equal(error.code, 'RESOURCE_NOT_FOUND')
      assert.ok(!missing.body.includes('at '), missing.body)
      const broken = await app.inject({ url: '/broken', headers })
      assert.equal(broken.statusCode, 500)
      assert.equal(broken.json().error, 'Internal Server Error')
    })
  }),
)

test(
  'the idempotency key is read, and missed',
  inWorld(async (world) => {
    await listen(world, async (app, headers) => {
      const post = (more) =>
        app.inject({
          method: 'POST',
          url: '/messages',
          headers: { ...headers, ...more },
          payload: { content: 'Hello' },
        })
      const without = await post({})
      assert.equal(without.statusCode, 400)
      assert.equal(without.json().error.code, 'IDEMPOTENCY_KEY_REQUIRED')
      const key = { 'idempotency-key': freshKey() }
      const first = (await post(key)).json()
      const second = (await post(key)).json()
      assert.equal(first.message.content, 'Hello')
      assert.equal(second.metadata.idempotency.replayed, true)
    })
  }),
)

test(
  'a stream that never began is answered with the status of its error',
  inWorld(async (world) => {
    await listen(world, async (app, headers) => {
      const key = { 'idempotency-key': freshKey() }
      await world.tenant.messages.send(world.session.id, 'Other words', {
        idempotencyKey: key['idempotency-key'],
      })
      const reused = await app.inject({ url: '/stream', headers: { ...headers, ...key } })
      assert.equal(reused.statusCode, 422)
      assert.match(reused.headers['content-type'], /^application\/json/)
      assert.equal(reused.json().error.code, 'IDEMPOTENCY_KEY_REUSED')
      assert.notEqual(reused.json().error.requestId, '')
      const fresh = { 'idempotency-key': freshKey() }
      const told = await app.inject({ url: '/stream', headers: { ...headers, ...fresh } })
      assert.equal(told.statusCode, 200)
      assert.match(told.headers['content-type'], /^text\/event-stream/)
    })
  }),
)

test(
  'retry_after_ms becomes Retry-After',
  inWorld(async (world) => {
    const { RateLimitedError } = require('conclave')
    const app = fastify({ forceCloseConnections: true })
    app.register(conclaveFastify, { gateway: world.gateway })
    app.get('/', async () => {
      throw new RateLimitedError('slow down', { retryAfterMs: 1200 })
    })
    const { secret } = await world.tenant.apiKeys.create({ name: 'server' })
    const answer = await app.inject({ url: '/', headers: { 'x-api-key': secret } })
    assert.equal(answer.statusCode, 429)
    assert.equal(answer.headers['retry-after'], '2')
    await app.close()
  }),
)

test(
  'a stream becomes server-sent events, and resumes',
  inWorld(async (world) => {
    await listen(world, async (app, headers) => {
      const key = { ...headers, 'idempotency-key': freshKey() }
      const answer = await app.inject({ url: '/stream', headers: key })
      assert.equal(answer.statusCode, 200)
      assert.match(answer.headers['content-type'], /^text\/event-stream/)
      const events = answer.body.split('\n\n').filter(Boolean)
      assert.match(events[0], /^id: .*\nevent: started\ndata: /)
      assert.match(events.at(-1), /\nevent: done\ndata: /)
      const [, id] = events.at(-2).match(/^id: (.*)\n/)
      const rest = await app.inject({ url: '/stream', headers: { ...key, 'last-event-id': id } })
      assert.ok(!rest.body.includes('event: delta'), rest.body)
      assert.ok(rest.body.includes('event: done'), rest.body)
    })
  }),
)

test(
  'what fails before the first event is an HTTP error',
  inWorld(async (world) => {
    await listen(world, async (app, headers) => {
      const without = await app.inject({ url: '/stream', headers })
      assert.equal(without.statusCode, 400)
      const key = { ...headers, 'idempotency-key': freshKey(), 'last-event-id': 'x' }
      const malformed = await app.inject({ url: '/stream', headers: key })
      assert.equal(malformed.statusCode, 400, malformed.body)
      assert.equal(malformed.json().error.code, 'VALIDATION_ERROR')
    })
  }),
)

test(
  "the request's id goes with every call of its tenant, and stands in every error",
  inWorld(async (world) => {
    const app = fastify({ genReqId: ({ headers }) => headers['x-own-id'] ?? 'req_made' })
    await app.register(async (v1) => {
      await v1.register(conclaveFastify, { gateway: world.gateway })
      v1.post('/messages', async ({ tenant, idempotencyKey }) =>
        tenant.messages.send(world.session.id, 'x', { idempotencyKey }),
      )
      v1.get('/missing', async ({ tenant }) => tenant.sessions.get('ses_none'))
      v1.get('/refused', async ({ tenant }) => tenant.sessions.list({ limit: NaN }))
      v1.get('/own', async () => {
        throw new ConflictError('of the application')
      })
    })
    const { secret } = await world.tenant.apiKeys.create()
    const headers = { 'x-api-key': secret, 'x-own-id': 'req_mine' }
    const url = '/messages'
    const method = 'POST'
    const sent = await app.inject({ method, url, headers: { ...headers, 'idempotency-key': 'k' } })
    assert.equal(sent.json().metadata.requestId, 'req_mine')
    for (const [path, status] of [
      ['/missing', 404],
      ['/refused', 400],
      ['/own', 409],
    ]) {
      const answer = await app.inject({ url: path, headers })
      assert.equal(answer.statusCode, status)
      assert.equal(answer.json().error.requestId, 'req_mine')
    }
    const nobody = await app.inject({ url: '/missing', headers: { 'x-own-id': 'req_mine' } })
    assert.equal(nobody.statusCode, 401)
    assert.equal(nobody.json().error.requestId, 'req_mine')
    const keyless = await app.inject({ method, url, headers })
    assert.equal(keyless.json().error.code, 'IDEMPOTENCY_KEY_REQUIRED')
    assert.equal(keyless.json().error.requestId, 'req_mine')
    await app.close()
  }),
)

test('a store that cannot be opened tells nothing of where it is', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'conclave-'))
  const rotten = path.join(folder, 'rotten.db')
  fs.writeFileSync(rotten, 'no database, but long enough to be taken for one'.repeat(1000))
  for (const [store, code] of [
    [path.join(folder, 'nowhere', 'app.db'), 'STORE_UNAVAILABLE'],
    [folder, 'STORE_UNAVAILABLE'],
    [rotten, 'STORE_CORRUPT'],
  ]) {
    const gateway = await open(store)
    const app = fastify({ forceCloseConnections: true })
    await app.register(conclaveFastify, { gateway })
    app.get('/me', async ({ tenant }) => ({ id: tenant.id }))
    const { body } = await app.inject({ url: '/me', headers: { 'x-api-key': 'cnv_live_x' } })
    assert.equal(JSON.parse(body).error.code, code)
    assert.doesNotMatch(body, /conclave-|\/tmp|rotten|nowhere|app\.db|sqlite|\bat /i)
    await app.close()
    await gateway.close()
  }
  fs.rmSync(folder, { recursive: true })
})

test(
  'a client that goes away ends the wait',
  inWorld(async (world) => {
    let finish
    const finished = new Promise((resolve) => (finish = resolve))
    const handler = async function* () {
      yield 'a'
      await finished
      yield 'b'
    }
    await world.gateway.providers.register('host', { kind: 'callback', handler })
    const { session } = await converse(world.tenant, 'host')
    await listen({ ...world, session }, async (app, headers) => {
      const address = await app.listen({ host: '127.0.0.1', port: 0 })
      const abort = new AbortController()
      const idempotencyKey = freshKey()
      const response = await fetch(`${address}/stream`, {
        headers: { ...headers, 'idempotency-key': idempotencyKey },
        signal: abort.signal,
      })
      const reader = response.body.getReader()
      assert.ok(!(await reader.read()).done)
      abort.abort()
      await assert.rejects(reader.read())
      finish()
      const reply = await world.tenant.messages.send(session.id, 'Hello', { idempotencyKey })
      assert.equal(reply.message.content, 'ab')
    })
  }),
)
