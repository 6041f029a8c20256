// The official OpenAI client must accept the vendor simulator's OpenAI dialect.
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import OpenAI from 'openai'

const simulator = process.env.SIMULATOR_URL
const request = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hello' }] }

function client(options) {
  return new OpenAI({ apiKey: 'sk-test', baseURL: `${simulator}/v1`, ...options })
}

async function post(path, document) {
  const answer = await fetch(simulator + path, { method: 'POST', body: JSON.stringify(document) })
  assert.equal(answer.status, 200, await answer.text())
}

const script = (scenarios) => post('/_control', { target: 'openai', scenarios, default: {} })
const journal = async () => (await fetch(`${simulator}/_journal`)).json()

beforeEach(() => post('/_reset', {}))

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
