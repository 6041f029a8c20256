// The official OpenAI client must accept the vendor simulator's OpenAI dialect.
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import OpenAI from 'openai'
import * as simulator from './simulator.mjs'
import { cities, full, journal, url, weather } from './simulator.mjs'

const request = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hello' }] }
const tools = [{ type: 'function', function: { name: 'get_weather', parameters: weather } }]

function client(options) {
  return new OpenAI({ apiKey: 'sk-test', baseURL: `${url}/v1`, ...options })
}

const script = (scenarios) => simulator.script('openai', ...scenarios)

beforeEach(simulator.reset)

test('a chat completion', async () => {
  await script([{ text: 'Good day.', tokens_in: 45, tokens_out: 67 }])
  const reply = await client().chat.completions.create(request)
  assert.equal(reply.object, 'chat.completion')
  assert.equal(reply.model, 'gpt-4o-mini')
  assert.equal(reply.choices[0].message.role, 'assistant')
  assert.equal(reply.choices[0].message.content, 'Good day.')
  assert.equal(reply.choices[0].finish_reason, 'stop')
  assert.deepEqual(reply.usage, { prompt_tokens: 45, completion_tokens: 67, total_tokens: 112 })
  assert.equal(reply._request_id, 'req-sim-1')

  const received = await journal()
  assert.equal(received.length, 1)
  assert.equal(received[0].last_user_content, 'Hello')
  assert.equal(received[0].headers.authorization, 'Bearer ***')
})

test('a chunked answer', async () => {
  await script([{ text: 'Grüße '.repeat(200), chunked: true }])
  const reply = await client().chat.completions.create(request)
  assert.equal(reply.choices[0].message.content, 'Grüße '.repeat(200))
})

test('the list of models', async () => {
  const models = await client().models.list()
  assert.equal(models.data[0].object, 'model')
})

test('a 429 is tried again after retry-after-ms', async () => {
  await script([{ status: 429, retry_after_ms: 150 }])
  const reply = await client({ maxRetries: 1 }).chat.completions.create(request)
  assert.equal(reply.choices[0].message.content, 'You said: Hello')
  const received = await journal()
  assert.deepEqual(received.map((entry) => entry.answered_status), [429, 200])
  // Both clocks are cut to whole milliseconds.
  assert.ok(received[1].at_ms - received[0].at_ms >= 149)
})

test('a connection lost after the request is tried again', async () => {
  await script([{ drop: 'after_request' }])
  await client({ maxRetries: 1 }).chat.completions.create(request)
  assert.deepEqual((await journal()).map((entry) => entry.fault), ['after_request', 'none'])
})

test('errors arrive as the classes of the client', async () => {
  const cases = [
    [400, OpenAI.BadRequestError, null],
    [401, OpenAI.AuthenticationError, 'invalid_api_key'],
    [404, OpenAI.NotFoundError, 'model_not_found'],
    [429, OpenAI.RateLimitError, 'rate_limit_exceeded'],
    [500, OpenAI.InternalServerError, null],
  ]
  for (const [status, type, code] of cases) {
    await script([{ status, text: `no: ${status}` }])
    await assert.rejects(client({ maxRetries: 0 }).chat.completions.create(request), (error) => {
      assert.ok(error instanceof type, `${status} gave ${error.constructor.name}`)
      assert.equal(error.status, status)
      assert.equal(error.code, code)
      assert.equal(error.message, `${status} no: ${status}`)
      return true
    })
  }
})

test('a request the vendor cannot read is refused', async () => {
  await assert.rejects(
    client({ maxRetries: 0 }).chat.completions.create({ model: 'gpt-4o-mini', messages: [] }),
    OpenAI.BadRequestError,
  )
})

test('a vendor that hangs is a timeout', async () => {
  await script([{ hang: true }])
  await assert.rejects(
    client({ maxRetries: 0, timeout: 100 }).chat.completions.create(request),
    OpenAI.APIConnectionTimeoutError,
  )
  assert.equal((await journal())[0].fault, 'hang')
})

test('a streamed chat completion', async () => {
  await script([{ text: 'Grüße aus Köln', chunks: 5, tokens_in: 45, tokens_out: 67 }])
  const stream = await client().chat.completions.create({
    ...request,
    stream: true,
    stream_options: { include_usage: true },
  })
  let text = ''
  let usage
  let finish
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? ''
    finish = chunk.choices[0]?.finish_reason ?? finish
    usage = chunk.usage ?? usage
  }
  assert.equal(text, 'Grüße aus Köln')
  assert.equal(finish, 'stop')
  assert.deepEqual(usage, { prompt_tokens: 45, completion_tokens: 67, total_tokens: 112 })
  assert.equal((await journal())[0].stream, true)
})

test('parallel tool calls, whole and streamed, and their results', async () => {
  await script([full, full, { text: 'It rains.' }])
  const asked = { ...request, tools }
  const whole = (await client().chat.completions.create(asked)).choices[0]
  assert.equal(whole.finish_reason, 'tool_calls')
  const streamed = (await client().chat.completions.stream(asked).finalChatCompletion()).choices[0]
  for (const { message } of [whole, streamed]) {
    assert.equal(message.content, 'Let me look.')
    assert.deepEqual(
      message.tool_calls.map((call) => JSON.parse(call.function.arguments).city),
      cities,
    )
  }
  const reply = await client().chat.completions.create({
    ...asked,
    messages: [
      ...request.messages,
      streamed.message,
      ...streamed.message.tool_calls.map((call) => ({
        role: 'tool',
        tool_call_id: call.id,
        content: 'rain',
      })),
    ],
  })
  assert.equal(reply.choices[0].message.content, 'It rains.')
  const received = (await journal())[2]
  assert.deepEqual(received.tool_results.map((result) => result.content), ['rain', 'rain'])
  assert.equal(received.turns, 4)
})

test('the runner of the client finishes a conversation with tools', async () => {
  const runner = client().chat.completions.runTools({
    model: 'm',
    messages: [{ role: 'user', content: 'get weather in Rome' }],
    tools: [
      {
        type: 'function',
        function: {
          name: 'get_weather',
          parameters: weather,
          parse: JSON.parse,
          function: ({ city }) => `rain in ${city}`,
        },
      },
    ],
  })
  assert.equal(await runner.finalContent(), 'The tool said: rain in Rome')
})

test('a response, whole and streamed', async () => {
  await simulator.script('openai-responses', full, full)
  const asked = {
    model: 'm',
    input: 'Hello',
    tools: [{ type: 'function', name: 'get_weather', parameters: weather, strict: false }],
  }
  const whole = await client().responses.create(asked)
  const events = []
  const stream = client().responses.stream(asked)
  for await (const event of stream) {
    events.push(event.type)
  }
  assert.equal(events[0], 'response.created')
  assert.equal(events.at(-1), 'response.completed')
  for (const response of [whole, await stream.finalResponse()]) {
    assert.equal(response.output_text, 'Let me look.')
    assert.equal(response.output[0].summary[0].text, full.thinking)
    assert.deepEqual(
      response.output
        .filter((item) => item.type === 'function_call')
        .map((call) => JSON.parse(call.arguments).city),
      cities,
    )
    assert.equal(response.usage.input_tokens_details.cached_tokens, 30)
    assert.equal(response.usage.total_tokens, 150)
  }
  const reply = await client().responses.create({
    ...asked,
    input: [
      { role: 'user', content: 'Hello' },
      ...whole.output,
      ...whole.output
        .filter((item) => item.type === 'function_call')
        .map((call) => ({ type: 'function_call_output', call_id: call.call_id, output: 'rain' })),
    ],
  })
  assert.equal(reply.output_text, 'The tool said: rain; rain')
})

test('an error in mid-stream is an error of the client', async () => {
  const failing = { error_after_events: 3, error_text: 'Sorry about that!' }
  await script([failing])
  const chat = await client().chat.completions.create({ ...request, stream: true })
  await assert.rejects(async () => {
    for await (const chunk of chat) {
      assert.ok(chunk)
    }
  }, /Sorry about that!/)
  await simulator.script('openai-responses', failing)
  await assert.rejects(
    client().responses.stream({ model: 'm', input: 'Hello' }).finalResponse(),
    /Sorry about that!/,
  )
})

test('an answer that fits a schema', async () => {
  const schema = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] }
  const reply = await client().chat.completions.create({
    ...request,
    response_format: { type: 'json_schema', json_schema: { name: 'n', schema } },
  })
  assert.ok(Number.isInteger(JSON.parse(reply.choices[0].message.content).n))
})

test('embeddings', async () => {
  const asked = { model: 'e', input: ['one', 'two'], dimensions: 5 }
  const packed = await client().embeddings.create(asked)
  const plain = await client().embeddings.create({ ...asked, encoding_format: 'float' })
  assert.equal(packed.data.length, 2)
  assert.equal(packed.data[1].embedding.length, 5)
  for (const [i, number] of plain.data[1].embedding.entries()) {
    assert.ok(Math.abs(packed.data[1].embedding[i] - number) < 1e-6)
  }
})
