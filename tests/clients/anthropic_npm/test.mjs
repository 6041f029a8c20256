// The official Anthropic client must accept the vendor simulator's Anthropic dialect.
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import Anthropic from '@anthropic-ai/sdk'
import { cities, full, journal, reset, script as scriptOf, url, weather } from './simulator.mjs'

const request = {
  model: 'claude-simulated',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Hello' }],
}
const tools = [{ name: 'get_weather', input_schema: weather }]

function client(options) {
  return new Anthropic({ apiKey: 'sk-test', baseURL: url, maxRetries: 0, ...options })
}

const script = (...scenarios) => scriptOf('anthropic', ...scenarios)

beforeEach(reset)

test('a message', async () => {
  await script({ text: 'Good day.', tokens_in: 45, cached_tokens_in: 5, tokens_out: 67 })
  const reply = await client().messages.create(request)
  assert.equal(reply.type, 'message')
  assert.equal(reply.model, 'claude-simulated')
  assert.deepEqual(reply.content, [{ type: 'text', text: 'Good day.' }])
  assert.equal(reply.stop_reason, 'end_turn')
  assert.equal(reply.usage.input_tokens, 40)
  assert.equal(reply.usage.cache_read_input_tokens, 5)
  assert.equal(reply.usage.output_tokens, 67)
  assert.equal(reply._request_id, 'req-sim-1')
  const received = (await journal())[0]
  assert.equal(received.last_user_content, 'Hello')
  assert.ok(received.headers['anthropic-version'])
})

test('a streamed message', async () => {
  await script({ text: 'Grüße aus Köln', chunks: 5, tokens_out: 67 })
  let text = ''
  const events = []
  const stream = client().messages.stream(request)
  stream.on('text', (piece) => (text += piece))
  stream.on('streamEvent', (event) => events.push(event.type))
  const reply = await stream.finalMessage()
  assert.equal(text, 'Grüße aus Köln')
  assert.equal(reply.content[0].text, text)
  assert.equal(reply.usage.output_tokens, 67)
  assert.equal(events[0], 'message_start')
  assert.equal(events.at(-1), 'message_stop')
})

test('thinking and parallel tool calls, whole and streamed, and their results', async () => {
  await script(full, full, { text: 'It rains.' })
  const asked = { ...request, tools }
  const whole = await client().messages.create(asked)
  const streamed = await client().messages.stream(asked).finalMessage()
  assert.deepEqual(
    whole.content.map((block) => block.type),
    ['thinking', 'text', 'tool_use', 'tool_use'],
  )
  for (const reply of [whole, streamed]) {
    const [thinking, text, ...calls] = reply.content
    assert.equal(thinking.thinking, full.thinking)
    assert.ok(thinking.signature)
    assert.equal(text.text, 'Let me look.')
    assert.deepEqual(calls.map((call) => call.input.city), cities)
    assert.equal(reply.stop_reason, 'tool_use')
  }
  const calls = streamed.content.filter((block) => block.type === 'tool_use')
  const reply = await client().messages.create({
    ...asked,
    messages: [
      ...request.messages,
      { role: 'assistant', content: streamed.content },
      {
        role: 'user',
        content: calls.map((call) => ({
          type: 'tool_result',
          tool_use_id: call.id,
          content: [{ type: 'text', text: 'rain' }],
        })),
      },
    ],
  })
  assert.equal(reply.content[0].text, 'It rains.')
  const received = (await journal())[2]
  assert.deepEqual(received.tool_results.map((result) => result.content), ['rain', 'rain'])
})

test('a tool that the user asks for is called without a scenario', async () => {
  const reply = await client().messages.create({
    ...request,
    tools,
    messages: [{ role: 'user', content: 'get weather in Rome' }],
  })
  assert.deepEqual(reply.content[0].input, { city: 'Rome' })
})

test('errors arrive as the classes of the client', async () => {
  const cases = [
    [400, Anthropic.BadRequestError, 'invalid_request_error'],
    [401, Anthropic.AuthenticationError, 'authentication_error'],
    [403, Anthropic.PermissionDeniedError, 'permission_error'],
    [404, Anthropic.NotFoundError, 'not_found_error'],
    [429, Anthropic.RateLimitError, 'rate_limit_error'],
    [500, Anthropic.InternalServerError, 'api_error'],
    [529, Anthropic.InternalServerError, 'overloaded_error'],
  ]
  for (const [status, type, word] of cases) {
    await script({ status, text: `no: ${status}` })
    await assert.rejects(client().messages.create(request), (error) => {
      assert.ok(error instanceof type, `${status} gave ${error.constructor.name}`)
      assert.equal(error.status, status)
      assert.deepEqual(error.error, { type: 'error', error: { type: word, message: `no: ${status}` } })
      return true
    })
  }
})

test('a 429 is tried again after retry-after', async () => {
  await script({ status: 429, retry_after_ms: 900 })
  await client({ maxRetries: 1 }).messages.create(request)
  const received = await journal()
  assert.deepEqual(received.map((entry) => entry.answered_status), [429, 200])
  assert.ok(received[1].at_ms - received[0].at_ms >= 999)
})

test('an error in mid-stream is an error of the client', async () => {
  await script({ error_after_events: 4, error_status: 529, error_text: 'Overloaded' })
  await assert.rejects(client().messages.stream(request).finalMessage(), /Overloaded/)
})

test('a request the vendor cannot read is refused', async () => {
  await assert.rejects(
    client().messages.create({ ...request, max_tokens: undefined }),
    Anthropic.BadRequestError,
  )
})
