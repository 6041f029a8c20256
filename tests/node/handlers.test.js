// Functions of the host that the engine calls: callback providers.
'use strict'

const assert = require('node:assert/strict')
const { AsyncLocalStorage } = require('node:async_hooks')
const diagnostics = require('node:diagnostics_channel')
const { test } = require('node:test')

const { ProviderRejectedError, RateLimitedError } = require('conclave')
const { converse, freshKey, inWorld } = require('./world')

/** Registers the handler and sends one message to it. */
async function ask({ gateway, tenant }, handler, more = {}) {
  await gateway.providers.register('host', { kind: 'callback', handler, ...more.provider })
  const { session } = await converse(tenant, 'host', more.agent)
  return tenant.messages.send(session.id, more.text ?? 'Hello', { idempotencyKey: freshKey() })
}

// A failing handler is asked once.
const once = { provider: { policy: { retries: 0 } } }

const answers = {
  'a text': () => 'Hi',
  'a promise of a text': async () => 'Hi',
  'an answer': () => ({ text: 'Hi', tokensIn: 3, tokensOut: 4, model: 'm', finishReason: 'stop' }),
  'text in pieces': function* () {
    yield 'H'
    yield 'i'
  },
  'text in pieces, later': async function* () {
    yield 'H'
    await null
    yield 'i'
  },
  'pieces and the rest': async function* () {
    yield 'Hi'
    return { tokensIn: 3, tokensOut: 4 }
  },
}

for (const [name, handler] of Object.entries(answers)) {
  test(
    `a handler may give ${name}`,
    inWorld(async (world) => {
      const reply = await ask(world, handler)
      assert.equal(reply.message.content, 'Hi')
    }),
  )
}

test(
  'tokens of an answer are billed',
  inWorld(async (world) => {
    await world.gateway.prices.set('host', '*', { usdPer1kTokens: '0.002' })
    const reply = await ask(world, () => ({ text: 'Hi', tokensIn: 45, tokensOut: 67 }))
    assert.equal(reply.metadata.usage.costUsd, '0.000224')
    assert.equal(reply.metadata.usage.costNanoUsd, 224000)
  }),
)

test(
  'a handler sees the prompt in camelCase',
  inWorld(async (world) => {
    let seen
    const agent = { instructions: 'Be brief.', temperature: 0.5, maxTokens: 10 }
    const handler = (request, context) => {
      seen = { request, context }
      return 'Hi'
    }
    await ask(world, handler, { agent, text: 'Hello' })
    assert.equal(seen.request.instructions, 'Be brief.')
    assert.equal(seen.request.maxTokens, 10)
    assert.equal(seen.request.temperature, 0.5)
    assert.deepEqual(seen.request.messages.at(-1), { role: 'user', content: 'Hello' })
    assert.ok(seen.context.signal instanceof AbortSignal)
    assert.equal(seen.context.signal.aborted, false)
  }),
)

test(
  'a handler runs in the asynchronous context of its call',
  inWorld(async ({ gateway, tenant }) => {
    const storage = new AsyncLocalStorage()
    const handler = async ({ messages }) => {
      await null
      return `${messages.at(-1).content} ${storage.getStore()}`
    }
    await gateway.providers.register('host', { kind: 'callback', handler })
    const calls = Array.from({ length: 20 }, async (_, i) => {
      const { session } = await converse(tenant, 'host')
      const send = () => tenant.messages.send(session.id, `${i}`, { idempotencyKey: freshKey() })
      return storage.run(`context ${i}`, send)
    })
    const replies = await Promise.all(calls)
    assert.deepEqual(
      replies.map((reply) => reply.message.content),
      replies.map((_, i) => `${i} context ${i}`),
    )
  }),
)

const failures = {
  'a throw': () => {
    throw new Error('broken')
  },
  'a rejection': async () => {
    throw new Error('broken')
  },
  'a throw of no error': () => {
    throw undefined
  },
  'a throw of an object without a prototype': () => {
    throw Object.create(null)
  },
  'an error with a long message': () => {
    throw new Error('x'.repeat(1_000_000))
  },
  'an error with a lone surrogate': () => {
    throw new Error('\ud800')
  },
  'a delay that is none': () => {
    throw new RateLimitedError('slow down', { retryAfterMs: -1 })
  },
  'pieces that are no texts': async function* () {
    yield 5
  },
}

// Asked again it would give the same, and what it costs may have been paid.
const answersThatAreNone = {
  'a text that is none': () => 5,
  nothing: () => undefined,
  'a lone surrogate': () => '\ud800',
  'an unknown field': () => ({ text: 'Hi', tokens: 1 }),
  'a wrong value': () => ({ text: 'Hi', tokensIn: -1 }),
  'a NaN': () => ({ text: 'Hi', tokensIn: NaN }),
  'a function': () => ({ text: () => 'Hi' }),
}

const told = [
  ...Object.entries(failures).map((entry) => [...entry, 'ALL_PROVIDERS_FAILED']),
  ...Object.entries(answersThatAreNone).map((entry) => [...entry, 'PROVIDER_REJECTED']),
]

for (const [name, handler, code] of told) {
  test(
    `the engine is told of ${name}`,
    inWorld(async (world) => {
      const unhandled = []
      const note = (reason) => unhandled.push(reason)
      process.on('unhandledRejection', note)
      await assert.rejects(ask(world, handler, once), { code })
      await new Promise(setImmediate)
      process.off('unhandledRejection', note)
      assert.deepEqual(unhandled, [])
    }),
  )
}

test(
  'what a handler throws is published for the logs of the host',
  inWorld(async (world) => {
    const heard = []
    const hear = (message) => heard.push(message)
    diagnostics.subscribe('conclave:handler:error', hear)
    const broken = new Error('broken')
    const fail = () => {
      throw broken
    }
    await assert.rejects(ask(world, fail, once), { code: 'ALL_PROVIDERS_FAILED' })
    await assert.rejects(
      ask(world, () => 5, once),
      { code: 'PROVIDER_REJECTED' },
    )
    diagnostics.unsubscribe('conclave:handler:error', hear)
    assert.deepEqual(heard[0], { kind: 'provider', name: 'host', error: broken })
    assert.equal(heard[0].error, broken)
    assert.ok(heard[1].error instanceof Error)
    assert.equal(heard.length, 2)
  }),
)

test(
  'an error of conclave keeps its code',
  inWorld(async (world) => {
    const final = () => {
      throw new ProviderRejectedError('not with me')
    }
    await assert.rejects(ask(world, final), { code: 'PROVIDER_REJECTED' })

    let tries = 0
    const limited = () => {
      tries += 1
      if (tries === 1) throw new RateLimitedError('slow down', { retryAfterMs: 700 })
      return 'Hi'
    }
    const send = ask(world, limited)
    await untilTrue(() => tries === 1)
    await world.gateway.advance(699)
    assert.equal(tries, 1)
    await world.gateway.advance(1)
    assert.equal((await send).message.content, 'Hi')
    assert.equal(tries, 2)
  }),
)

/** Turns of the event loop, not time. */
async function untilTrue(condition) {
  while (!condition()) await new Promise(setImmediate)
}

test(
  'a handler that never answers is cut, and told by its signal',
  inWorld(async (world) => {
    let signal
    const handler = (_request, context) => {
      signal = context.signal
      return new Promise(() => {})
    }
    const policy = { retries: 0, attemptTimeoutMs: 1000, totalTimeoutMs: 5000 }
    const send = ask(world, handler, { provider: { policy } })
    const outcome = assert.rejects(send, { code: 'ALL_PROVIDERS_FAILED' })
    await untilTrue(() => signal !== undefined)
    const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve))
    await world.gateway.advance(1000)
    await aborted
    await outcome
  }),
)

test(
  'a generator is ended when nobody waits',
  inWorld(async (world) => {
    let ended = false
    let begun = false
    const handler = async function* (_request, { signal }) {
      try {
        begun = true
        yield 'a'
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        yield 'b'
        yield 'c'
      } finally {
        ended = true
      }
    }
    const policy = { retries: 0, attemptTimeoutMs: 1000, totalTimeoutMs: 5000 }
    const outcome = ask(world, handler, { provider: { policy } }).catch(() => {})
    await untilTrue(() => begun)
    await world.gateway.advance(1000)
    await untilTrue(() => ended)
    await outcome
  }),
)

test(
  'a provider takes the place of one of the same name',
  inWorld(async (world) => {
    assert.equal((await ask(world, () => 'first')).message.content, 'first')
    assert.equal((await ask(world, () => 'second')).message.content, 'second')
    const names = (await world.gateway.providers.list()).map(({ name }) => name)
    assert.deepEqual(names.sort(), ['echo', 'host'])
  }),
)

test(
  'a handler must be a function',
  inWorld(async ({ gateway }) => {
    for (const handler of [undefined, null, 'text', {}]) {
      await assert.rejects(gateway.providers.register('host', { kind: 'callback', handler }), {
        code: 'VALIDATION_ERROR',
        details: { field: 'handler' },
      })
    }
  }),
)

test(
  'callback providers may stand in open',
  inWorld(
    async ({ tenant }) => {
      const { session } = await converse(tenant, 'host')
      const reply = await tenant.messages.send(session.id, 'x', { idempotencyKey: freshKey() })
      assert.equal(reply.message.content, 'Hi')
    },
    { providers: { host: { kind: 'callback', handler: () => 'Hi' } } },
  ),
)
