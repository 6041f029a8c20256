// Errors are typed, placed where the caller is, and end waits.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')

const conclave = require('conclave')
const { converse, freshKey, inWorld, registerHost } = require('./world')

const { ConclaveError } = conclave

function className(code) {
  const words = code.toLowerCase().split('_')
  const name = words.map((word) => word[0].toUpperCase() + word.slice(1)).join('')
  return name.endsWith('Error') ? name : `${name}Error`
}

/** The rows of the error table. */
function errorTable() {
  const file = path.join(__dirname, '..', '..', 'src', 'base', 'errors.def')
  const row = /CONCLAVE_ERROR\((\d+), ([A-Z_]+), (\d+), (true|false)/g
  return [...fs.readFileSync(file, 'utf8').matchAll(row)].map(([, , code, status, retryable]) => ({
    code,
    http_status: Number(status),
    retryable: retryable === 'true',
  }))
}

test('every code of the error table has its class', () => {
  const errors = errorTable()
  assert.ok(errors.length >= 37)
  for (const row of errors) {
    const Class = conclave[className(row.code)]
    assert.equal(typeof Class, 'function', row.code)
    const error = new Class('words', { requestId: 'req_1', retryAfterMs: 5, details: { a_b: 1 } })
    assert.ok(error instanceof ConclaveError && error instanceof Error)
    assert.equal(error.name, row.code === 'CANCELLED' ? 'AbortError' : className(row.code))
    assert.ok(error.stack.startsWith(`${error.name}: words\n`))
    assert.deepEqual(JSON.parse(JSON.stringify(error)), {
      code: row.code,
      message: 'words',
      details: { a_b: 1 },
      requestId: 'req_1',
      retryable: row.retryable,
      retryAfterMs: 5,
      httpStatus: row.http_status,
    })
  }
  const classes = Object.values(conclave).filter(
    (value) => typeof value === 'function' && value.prototype instanceof ConclaveError,
  )
  assert.equal(classes.length, errors.length)
})

test(
  'the stack names who awaits the call',
  inWorld(async ({ gateway, tenant }) => {
    async function missedHere() {
      const call = tenant.sessions.get('ses_none')
      await call
    }
    const error = await missedHere().catch((failure) => failure)
    assert.ok(error instanceof conclave.ResourceNotFoundError)
    assert.ok(error.stack.startsWith('ResourceNotFoundError: '), error.stack)
    assert.match(error.stack, /^ {4}at async missedHere \(.*errors\.test\.js:/m)
    assert.doesNotMatch(error.stack, /conclave.dist/)

    async function missedTogether() {
      await Promise.all([tenant.sessions.get('ses_none'), tenant.sessions.list()])
    }
    const together = await missedTogether().catch((failure) => failure)
    assert.ok(together.stack.includes('missedTogether'), together.stack)

    async function refusedHere() {
      await gateway.tenants.create({ nmae: 'x' })
    }
    const refused = await refusedHere().catch((failure) => failure)
    assert.ok(refused.stack.includes('refusedHere'), refused.stack)

    async function opensHere() {
      await conclave.open(':memory:', { durability: 'some' })
    }
    const option = await opensHere().catch((failure) => failure)
    assert.equal(option.details.field, 'durability')
    assert.ok(option.stack.includes('opensHere'), option.stack)
  }),
)

test(
  'errors of the engine carry the request id',
  inWorld(async ({ tenant, session }) => {
    const error = await tenant.messages
      .send(session.id, 'x', { requestId: 'req_mine' })
      .catch((failure) => failure)
    assert.equal(error.code, 'IDEMPOTENCY_KEY_REQUIRED')
    assert.equal(error.httpStatus, 400)
    assert.equal(error.requestId, 'req_mine')
  }),
)

test(
  'errors that never reach the engine carry it, too',
  inWorld(async ({ tenant, session }) => {
    const requestId = 'req_mine'
    const options = { requestId, idempotencyKey: freshKey() }
    const metadata = { a: NaN }
    const refused = { code: 'VALIDATION_ERROR', requestId }
    await assert.rejects(tenant.sessions.update(session.id, { metadata, requestId }), refused)
    await assert.rejects(tenant.forRequest(requestId).sessions.update('x', { metadata }), refused)
    const signal = AbortSignal.abort()
    const call = tenant.messages.send(session.id, 'x', { ...options, signal })
    await assert.rejects(call, { name: 'AbortError', requestId })
  }),
)

test(
  'the scope of one request gives its id to every call that has none',
  inWorld(async ({ tenant, session }) => {
    const scope = tenant.forRequest('req_outer')
    assert.equal(scope.id, tenant.id)
    const send = (options) =>
      scope.messages.send(session.id, 'x', { idempotencyKey: freshKey(), ...options })
    assert.equal((await send({})).metadata.requestId, 'req_outer')
    assert.equal((await send({ requestId: 'req_own' })).metadata.requestId, 'req_own')
    const stream = scope.messages.stream(session.id, 'y', { idempotencyKey: freshKey() })
    assert.equal((await stream.next()).value.requestId, 'req_outer')
    await assert.rejects(scope.sessions.get('ses_none'), { requestId: 'req_outer' })
    assert.throws(() => tenant.forRequest('a\0b'), conclave.ValidationError)
  }),
)

test(
  'a key stands for one content',
  inWorld(async ({ tenant, session }) => {
    const options = { idempotencyKey: 'one' }
    const first = await tenant.messages.send(session.id, 'x', options)
    const second = await tenant.messages.send(session.id, 'x', options)
    assert.equal(second.metadata.idempotency.replayed, true)
    assert.deepEqual(second.message, first.message)
    await assert.rejects(tenant.messages.send(session.id, 'y', options), {
      name: 'IdempotencyKeyReusedError',
      code: 'IDEMPOTENCY_KEY_REUSED',
      httpStatus: 422,
    })
  }),
)

test(
  'a signal ends the wait, not the call',
  inWorld(async ({ gateway, tenant }) => {
    const { wasCalled, answer } = await registerHost(gateway)
    const { session } = await converse(tenant, 'host')
    const abort = new AbortController()
    const idempotencyKey = freshKey()
    const waiting = tenant.messages.send(session.id, 'x', { idempotencyKey, signal: abort.signal })
    await wasCalled
    const reason = new Error('the client left')
    abort.abort(reason)
    await assert.rejects(waiting, (error) => {
      assert.ok(error instanceof conclave.CancelledError)
      assert.equal(error.name, 'AbortError')
      assert.equal(error.code, 'CANCELLED')
      assert.equal(error.cause, reason)
      assert.ok(error.stack.includes('errors.test.js'), error.stack)
      return true
    })
    const again = tenant.messages.send(session.id, 'x', { idempotencyKey })
    answer('late')
    const reply = await again
    assert.equal(reply.message.content, 'late')
    const day = reply.message.createdAt.slice(0, 10)
    const { items } = await tenant.usage.events({ from: day, to: day })
    assert.equal(items.length, 1)
  }),
)

test(
  'a signal that was aborted before sends nothing',
  inWorld(async ({ tenant, session }) => {
    const signal = AbortSignal.abort()
    const options = { idempotencyKey: freshKey(), signal }
    await assert.rejects(tenant.messages.send(session.id, 'x', options), { name: 'AbortError' })
    const { messages } = await tenant.sessions.transcript(session.id)
    assert.deepEqual(messages, [])
  }),
)

test(
  'a signal of many calls keeps no listeners',
  inWorld(async ({ tenant, session }) => {
    const { getEventListeners } = require('node:events')
    const { signal } = new AbortController()
    for (let i = 0; i < 20; i += 1) await tenant.sessions.get(session.id, { signal })
    await tenant.sessions.get('ses_none', { signal }).catch(() => {})
    assert.equal(getEventListeners(signal, 'abort').length, 0)
  }),
)

test(
  'random cancels leave nothing behind',
  inWorld(
    async ({ gateway, tenant }) => {
      const count = Number(process.env.CONCLAVE_CANCELS ?? 2000)
      const { session } = await converse(tenant, 'quick')
      let answered = 0
      for (let done = 0; done < count; done += 50) {
        const calls = Array.from({ length: 50 }, (_, i) => {
          const abort = new AbortController()
          if (i % 3 === 0) setImmediate(() => abort.abort())
          else if (i % 3 === 1) queueMicrotask(() => abort.abort())
          return tenant.sessions.get(session.id, { signal: abort.signal })
        })
        const results = await Promise.allSettled(calls)
        for (const { status, reason } of results) {
          if (status === 'fulfilled') answered += 1
          else assert.equal(reason.name, 'AbortError')
        }
      }
      assert.ok(answered >= count / 3)
      assert.equal((await gateway.health()).sendsInFlight, 0)
    },
    { providers: { quick: { kind: 'scripted', echo: true } } },
  ),
)

test('after close every call is refused, and closing twice is one close', async () => {
  const gateway = await conclave.open(':memory:')
  const tenant = gateway.tenant('tnt_x')
  await gateway.tenants.list()
  await Promise.all([gateway.close(), gateway.close()])
  await gateway.close()
  const refused = {
    name: 'HandleClosedError',
    code: 'HANDLE_CLOSED',
    message: 'the gateway is closed',
  }
  await assert.rejects(gateway.tenants.list(), refused)
  await assert.rejects(tenant.sessions.list({ requestId: 'req_mine' }), {
    ...refused,
    requestId: 'req_mine',
  })
  await assert.rejects(
    gateway.providers.register('x', { kind: 'callback', handler: () => '' }),
    refused,
  )
  const stream = tenant.messages.stream('ses_x', 'x', { idempotencyKey: freshKey() })
  await assert.rejects(stream.next(), refused)
})

test('a close with a wrong option closes nothing', async () => {
  const gateway = await conclave.open(':memory:')
  await assert.rejects(gateway.close({ drainMs: -1 }), { code: 'VALIDATION_ERROR' })
  assert.deepEqual((await gateway.tenants.list()).items, [])
  await gateway[Symbol.asyncDispose]()
  await assert.rejects(gateway.tenants.list(), { code: 'HANDLE_CLOSED' })
})

test('a send that a close cuts is told that nobody knows its end', async () => {
  const gateway = await conclave.open(':memory:')
  const tenant = gateway.tenant((await gateway.tenants.create({ name: 'Acme' })).id)
  const { wasCalled } = await registerHost(gateway)
  const { session } = await converse(tenant, 'host')
  const send = tenant.messages.send(session.id, 'x', { idempotencyKey: freshKey() })
  const outcome = assert.rejects(send, { code: 'OUTCOME_UNKNOWN', httpStatus: 502 })
  await wasCalled
  await gateway.close({ drainMs: 0 })
  await outcome
})
