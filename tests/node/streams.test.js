// Answers event by event: to the end, twice at once, again, from where a reader left.
'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')

const { toSSE } = require('conclave')
const { converse, freshKey, inWorld } = require('./world')

const pieces = ['Hel', 'lo, ', 'wor', 'ld 🙂']
const whole = pieces.join('')
const chunked = { chunked: { kind: 'scripted', replies: [{ chunks: pieces }] } }

async function read(stream) {
  const events = []
  for await (const event of stream) events.push(event)
  return events
}

const textOf = (events) =>
  events
    .filter(({ type }) => type === 'delta')
    .map(({ text }) => text)
    .join('')

const typesOf = (events) => [...new Set(events.map(({ type }) => type))]

test(
  'a stream ends with the reply',
  inWorld(
    async ({ gateway, tenant }) => {
      await gateway.prices.set('chunked', '*', { usdPer1kTokens: '0.002' })
      const { session } = await converse(tenant, 'chunked')
      const options = { idempotencyKey: freshKey(), requestId: 'req_mine' }
      const events = await read(tenant.messages.stream(session.id, 'Hi', options))
      assert.deepEqual(typesOf(events), ['started', 'attempt', 'delta', 'usage', 'done'])
      assert.deepEqual([events[0].requestId, events[0].replayed], ['req_mine', false])
      assert.deepEqual([events[1].provider, events[1].number], ['chunked', 1])
      assert.equal(textOf(events), whole)
      const { reply } = events.at(-1)
      assert.equal(reply.message.content, whole)
      assert.equal(reply.metadata.usage.costUsd, events.at(-2).usage.costUsd)

      const sent = await tenant.messages.send(session.id, 'Hi', options)
      assert.deepEqual(sent.message, reply.message)
      assert.equal(sent.metadata.idempotency.replayed, true)
    },
    { providers: chunked },
  ),
)

test(
  'a replay gives the same text, and continues after every event',
  inWorld(
    async ({ tenant }) => {
      const { session } = await converse(tenant, 'chunked')
      const idempotencyKey = freshKey()
      const first = await read(tenant.messages.stream(session.id, 'Hi', { idempotencyKey }))
      const again = await read(tenant.messages.stream(session.id, 'Hi', { idempotencyKey }))
      assert.equal(again[0].replayed, true)
      assert.equal(textOf(again), whole)
      for (let i = 0; i < first.length - 1; i += 1) {
        const options = { idempotencyKey, lastEventId: first[i].id }
        const rest = await read(tenant.messages.stream(session.id, 'Hi', options))
        assert.equal(textOf(first.slice(0, i + 1)) + textOf(rest), whole, first[i].id)
        assert.equal(rest.at(-1).type, 'done')
      }
    },
    { providers: chunked },
  ),
)

test(
  'two readers and a sender of one key are one call',
  inWorld(
    async ({ gateway, tenant }) => {
      const { session } = await converse(tenant, 'slow')
      const options = { idempotencyKey: freshKey() }
      const streams = [1, 2].map(() => read(tenant.messages.stream(session.id, 'Hi', options)))
      const sent = tenant.messages.send(session.id, 'Hi', options)
      for (let i = 0; i < 5; i += 1) await gateway.advance(100)
      const [one, two] = await Promise.all(streams)
      const reply = await sent
      const { messages } = await tenant.sessions.transcript(session.id)
      assert.equal(messages.length, 2)
      assert.equal(textOf(one), whole)
      assert.equal(textOf(two), whole)
      assert.equal(reply.message.content, whole)
      const replayed = [one[0].replayed, two[0].replayed, reply.metadata.idempotency.replayed]
      assert.equal(replayed.filter((told) => !told).length, 1)
    },
    {
      providers: {
        slow: {
          kind: 'scripted',
          replies: [{ chunks: pieces, latencyMs: 100, chunkLatencyMs: 100 }],
        },
      },
    },
  ),
)

test(
  'text comes as it becomes visible',
  inWorld(
    async ({ gateway, tenant }) => {
      const { session } = await converse(tenant, 'slow')
      const stream = tenant.messages.stream(session.id, 'Hi', { idempotencyKey: freshKey() })
      const iterator = stream[Symbol.asyncIterator]()
      assert.equal((await iterator.next()).value.type, 'started')
      assert.equal((await iterator.next()).value.type, 'attempt')
      const first = iterator.next()
      await gateway.advance(100)
      assert.deepEqual((await first).value.text, pieces[0])
      const second = iterator.next()
      await gateway.advance(100)
      assert.deepEqual((await second).value.text, pieces[1])
      for (let i = 0; i < 3; i += 1) await gateway.advance(100)
      assert.equal(textOf(await read(stream)), pieces.slice(2).join(''))
    },
    {
      providers: {
        slow: {
          kind: 'scripted',
          replies: [{ chunks: pieces, latencyMs: 100, chunkLatencyMs: 100 }],
        },
      },
    },
  ),
)

test(
  'a slow reader loses nothing of a long answer',
  inWorld(async ({ gateway, tenant }) => {
    const count = 2000
    const handler = function* () {
      for (let i = 0; i < count; i += 1) yield `${i} `
    }
    await gateway.providers.register('host', { kind: 'callback', handler })
    const { session } = await converse(tenant, 'host')
    const stream = tenant.messages.stream(session.id, 'Hi', { idempotencyKey: freshKey() })
    let text = ''
    for await (const event of stream) {
      if (event.type === 'delta') text += event.text
      if (event.type === 'done') assert.equal(event.reply.message.content, text)
      await new Promise(setImmediate)
    }
    assert.equal(text, Array.from({ length: count }, (_, i) => `${i} `).join(''))
  }),
)

test(
  'several readers at once get each event once, in order',
  inWorld(
    async ({ tenant }) => {
      const { session } = await converse(tenant, 'chunked')
      const stream = tenant.messages.stream(session.id, 'Hi', { idempotencyKey: freshKey() })
      const results = await Promise.all(Array.from({ length: 20 }, () => stream.next()))
      const events = results.filter(({ done }) => !done).map(({ value }) => value)
      assert.equal(textOf(events), whole)
      assert.equal(events.at(-1).type, 'done')
      assert.equal(results.at(-1).done, true)
    },
    { providers: chunked },
  ),
)

test(
  'a call that fails ends its stream with an event',
  inWorld(
    async ({ tenant }) => {
      const { session } = await converse(tenant, 'broken')
      const stream = tenant.messages.stream(session.id, 'Hi', { idempotencyKey: freshKey() })
      const last = (await read(stream)).at(-1)
      assert.equal(last.type, 'error')
      assert.equal(last.error.code, 'PROVIDER_REJECTED')
      assert.equal(last.error.httpStatus, 502)
    },
    { providers: { broken: { kind: 'scripted', replies: [{ error: { httpStatus: 400 } }] } } },
  ),
)

test(
  'what no event can tell is thrown, at the place of the call',
  inWorld(async ({ gateway, tenant, session }) => {
    const wrong = [
      [tenant.messages.stream(session.id, 'Hi', {}), 'IDEMPOTENCY_KEY_REQUIRED'],
      [tenant.messages.stream(session.id, 'Hi'), 'IDEMPOTENCY_KEY_REQUIRED'],
      [tenant.messages.stream(session.id, NaN, { idempotencyKey: freshKey() }), 'VALIDATION_ERROR'],
      [
        tenant.messages.stream(session.id, 'Hi', { idempotencyKey: freshKey(), lastEventId: 'x' }),
        'VALIDATION_ERROR',
      ],
      [
        gateway.tenant(tenant.id).messages.stream('ses_none', 'Hi', { idempotencyKey: freshKey() }),
        'RESOURCE_NOT_FOUND',
      ],
    ]
    for (const [stream, code] of wrong) {
      const outcome = await read(stream).then(
        (events) => events.at(-1).error,
        (error) => {
          assert.ok(error.stack.includes('streams.test.js'), error.stack)
          return error
        },
      )
      assert.equal(outcome.code, code)
      assert.deepEqual(await stream.next(), { done: true, value: undefined })
    }
  }),
)

const endless = async function* (_request, { signal }) {
  for (let i = 0; !signal.aborted; i += 1) {
    yield `${i} `
    await new Promise(setImmediate)
  }
}

test(
  'leaving the loop ends the wait, not the call',
  inWorld(async ({ gateway, tenant }) => {
    let finish
    const finished = new Promise((resolve) => (finish = resolve))
    const handler = async function* () {
      yield 'a'
      await finished
      yield 'b'
    }
    await gateway.providers.register('host', { kind: 'callback', handler })
    const { session } = await converse(tenant, 'host')
    const options = { idempotencyKey: freshKey() }
    for await (const { type } of tenant.messages.stream(session.id, 'Hi', options)) {
      if (type === 'delta') break
    }
    finish()
    const reply = await tenant.messages.send(session.id, 'Hi', options)
    assert.equal(reply.message.content, 'ab')
  }),
)

test(
  'a signal ends a stream with its error',
  inWorld(async ({ gateway, tenant }) => {
    await gateway.providers.register('host', { kind: 'callback', handler: endless })
    const { session } = await converse(tenant, 'host')
    const abort = new AbortController()
    const options = { idempotencyKey: freshKey(), signal: abort.signal }
    let seen = 0
    const reading = (async () => {
      for await (const { type } of tenant.messages.stream(session.id, 'Hi', options)) {
        if (type === 'delta') seen += 1
        if (seen === 3) abort.abort()
      }
    })()
    await assert.rejects(reading, { name: 'AbortError', code: 'CANCELLED' })
    assert.equal(seen, 3)
    const before = tenant.messages.stream(session.id, 'Hi', options)
    await assert.rejects(before.next(), { name: 'AbortError' })
  }),
)

test(
  'closing the gateway ends a stream',
  inWorld(async ({ gateway, tenant }) => {
    await gateway.providers.register('host', { kind: 'callback', handler: endless })
    const { session } = await converse(tenant, 'host')
    const stream = tenant.messages.stream(session.id, 'Hi', { idempotencyKey: freshKey() })
    let closing
    const outcome = (async () => {
      for await (const event of stream) {
        if (event.type === 'delta') closing ??= gateway.close({ drainMs: 0 })
        if (event.type === 'error') return event.error
      }
      throw new Error('the stream ended as if it were whole')
    })().catch((error) => error)
    const { code } = await outcome
    await closing
    assert.ok(['HANDLE_CLOSED', 'OUTCOME_UNKNOWN', 'CANCELLED'].includes(code), code)
  }),
)

test(
  'a stream that nobody begins does nothing',
  inWorld(async ({ tenant, session }) => {
    const stream = tenant.messages.stream(session.id, 'Hi', { idempotencyKey: freshKey() })
    await stream.return()
    assert.deepEqual(await stream.next(), { done: true, value: undefined })
    const { messages } = await tenant.sessions.transcript(session.id)
    assert.deepEqual(messages, [])
  }),
)

test('an event becomes a server-sent event', () => {
  const event = { id: '0.3.1', type: 'delta', text: 'two\nlines\r\u2028' }
  const text = toSSE(event)
  assert.equal(text.split('\n').length, 5)
  const [id, type, data] = text.split('\n')
  assert.deepEqual([id, type], ['id: 0.3.1', 'event: delta'])
  assert.deepEqual(JSON.parse(data.slice('data: '.length)), event)
  const big = {
    id: '0.0.1',
    type: 'tool_call',
    toolCall: { id: 'c', name: 'n', arguments: { a: 2n ** 60n } },
  }
  assert.ok(toSSE(big).includes('"a":1152921504606846976'))
})
