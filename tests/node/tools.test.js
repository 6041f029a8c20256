// Tools: with a handler inside the send, and without one back to the host.
'use strict'

const assert = require('node:assert/strict')
const { AsyncLocalStorage } = require('node:async_hooks')
const { test } = require('node:test')

const { converse, freshKey, inWorld } = require('./world')

const given = { city: 'Köln', a_b: 1, aB: 2, ['__proto__']: 3, '': 4, '🙂': [5], big: 2n ** 60n }
const parameters = { type: 'object', properties: { city: { type: 'string' }, a_b: {}, aB: {} } }

/** A model that asks for the tool and then answers. */
const model = (name, arguments_ = given) => ({
  model: {
    kind: 'scripted',
    replies: [
      { toolCalls: [{ id: 'call_1', name, arguments: arguments_ }] },
      { text: 'It rains.' },
    ],
  },
})

/** Registers the handler as `weather` and lets the model call it. */
async function call({ gateway, tenant }, handler, more = {}) {
  await gateway.tools.register({ name: 'weather', parameters, handler, ...more.tool })
  const { session } = await converse(tenant, 'model', { tools: ['weather'] })
  const stream = tenant.messages.stream(session.id, 'How is it?', { idempotencyKey: freshKey() })
  const events = []
  for await (const event of stream) events.push(event)
  return events
}

const resultOf = (events) => events.find(({ type }) => type === 'tool_result').toolResult
const replyOf = (events) => events.at(-1).reply

test(
  'a registered tool is listed as it was given',
  inWorld(async ({ gateway }) => {
    const tool = {
      name: 'weather',
      description: 'Says how it is outside.',
      parameters: { ...parameters, default: { ['__proto__']: { a_b: 1 } } },
      timeoutMs: 1000,
      sideEffects: true,
      idempotent: true,
    }
    assert.deepEqual(await gateway.tools.register({ ...tool, handler: () => '' }), tool)
    assert.deepEqual(await gateway.tools.list(), [tool])
  }),
)

const answers = {
  'a text': [() => 'rain', 'rain'],
  'a promise': [async () => 'rain', 'rain'],
  data: [() => ({ a_b: [1, null] }), '{"a_b":[1,null]}'],
  'a number': [() => 5, '5'],
  nothing: [() => undefined, ''],
  pieces: [
    async function* () {
      yield 'ra'
      yield 'in'
    },
    'rain',
  ],
}

for (const [name, [handler, content]] of Object.entries(answers)) {
  test(
    `a tool may give ${name}`,
    inWorld(
      async (world) => {
        const events = await call(world, handler)
        const expected = { toolCallId: 'call_1', name: 'weather', content, isError: false }
        assert.deepEqual(resultOf(events), expected)
        assert.equal(replyOf(events).message.content, 'It rains.')
      },
      { providers: model('weather') },
    ),
  )
}

test(
  'a tool gets its arguments untouched, and what goes with them',
  inWorld(
    async (world) => {
      let seen
      const events = await call(world, (arguments_, context) => {
        seen = { arguments: arguments_, context }
        return 'rain'
      })
      assert.deepEqual(seen.arguments, given)
      assert.equal(seen.context.toolCallId, 'call_1')
      assert.equal(seen.context.signal.aborted, false)
      const { toolCall } = events.find(({ type }) => type === 'tool_call')
      assert.deepEqual(toolCall, { id: 'call_1', name: 'weather', arguments: given })
    },
    { providers: model('weather') },
  ),
)

test(
  'a tool runs in the asynchronous context of the send',
  inWorld(
    async (world) => {
      const storage = new AsyncLocalStorage()
      const handler = async () => {
        await null
        return storage.getStore()
      }
      const events = await storage.run('mine', () => call(world, handler))
      assert.equal(resultOf(events).content, 'mine')
    },
    { providers: model('weather') },
  ),
)

const failures = {
  'a throw': () => {
    throw new Error('broken')
  },
  'a rejection': async () => {
    throw new Error('broken')
  },
  'a function': () => () => 1,
  'a NaN': () => ({ a: NaN }),
  'a lone surrogate': () => '\ud800',
}

for (const [name, handler] of Object.entries(failures)) {
  test(
    `the model is told of ${name}`,
    inWorld(
      async (world) => {
        const unhandled = []
        const note = (reason) => unhandled.push(reason)
        process.on('unhandledRejection', note)
        const events = await call(world, handler)
        await new Promise(setImmediate)
        process.off('unhandledRejection', note)
        assert.deepEqual(unhandled, [])
        assert.equal(resultOf(events).isError, true)
        assert.equal(replyOf(events).message.content, 'It rains.')
      },
      { providers: model('weather') },
    ),
  )
}

test(
  'a tool that never answers is cut, and told by its signal',
  inWorld(
    async (world) => {
      let signal
      let begun
      const running = new Promise((resolve) => (begun = resolve))
      const handler = (_arguments, context) => {
        signal = context.signal
        begun()
        return new Promise(() => {})
      }
      const outcome = call(world, handler, { tool: { timeoutMs: 1000 } })
      await running
      const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve))
      await world.gateway.advance(1000)
      await aborted
      assert.equal(resultOf(await outcome).isError, true)
    },
    { providers: model('weather') },
  ),
)

test(
  'calls of an inline tool come back, and the host answers',
  inWorld(
    async ({ tenant }) => {
      const tools = [{ name: 'weather', description: 'Outside.', parameters }]
      const { agent, session } = await converse(tenant, 'model', { tools })
      assert.deepEqual(agent.tools, tools)
      const asked = await tenant.messages.send(session.id, 'How is it?', {
        idempotencyKey: freshKey(),
      })
      assert.equal(asked.metadata.finishReason, 'tool_calls')
      assert.deepEqual(asked.metadata.toolCalls, [
        { id: 'call_1', name: 'weather', arguments: given },
      ])
      const reply = await tenant.messages.send(
        session.id,
        [{ toolCallId: 'call_1', content: 'rain' }],
        { role: 'tool', idempotencyKey: freshKey() },
      )
      assert.equal(reply.message.content, 'It rains.')
    },
    { providers: model('weather') },
  ),
)

test(
  'a callback provider sees tools and may ask for them',
  inWorld(async (world) => {
    const requests = []
    const handler = (request) => {
      requests.push(request)
      return requests.length === 1
        ? {
            toolCalls: [{ id: 'c', name: 'weather', arguments: given }],
            finishReason: 'tool_calls',
          }
        : 'It rains.'
    }
    await world.gateway.providers.register('model', { kind: 'callback', handler })
    const events = await call(world, ({ city }) => `rain in ${city}`)
    assert.equal(replyOf(events).message.content, 'It rains.')
    assert.deepEqual(requests[0].tools, [{ name: 'weather', description: '', parameters }])
    const [asked, answered] = requests[1].messages.slice(-2)
    assert.deepEqual(asked.toolCalls[0].arguments, given)
    assert.equal(answered.toolCallId, 'c')
    assert.equal(answered.content, 'rain in Köln')
  }),
)

test(
  'a tool needs a handler',
  inWorld(async ({ gateway }) => {
    await assert.rejects(gateway.tools.register({ name: 'x' }), {
      code: 'VALIDATION_ERROR',
      details: { field: 'handler' },
    })
  }),
)

test(
  'what a tool names as its sources is in the reply, and no key is renamed',
  inWorld(
    async (world) => {
      const sources = [{ title: 'Almanac', url: 'https://example.org' }]
      const events = await call(world, () => ({ content: 'rain', sources }))
      assert.equal(resultOf(events).content, 'rain')
      assert.deepEqual(replyOf(events).metadata.sources, [
        {
          toolCallId: 'call_1',
          tool: 'weather',
          title: 'Almanac',
          url: 'https://example.org',
          snippet: '',
        },
      ])
    },
    { providers: model('weather') },
  ),
)

test(
  'an answer of content and more is data',
  inWorld(
    async (world) => {
      const events = await call(world, () => ({ content: 'rain', sources: [], more: 1 }))
      assert.equal(resultOf(events).content, '{"content":"rain","sources":[],"more":1}')
      assert.equal(replyOf(events).metadata.sources, undefined)
    },
    { providers: model('weather') },
  ),
)
