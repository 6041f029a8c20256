// The official Google Gen AI client must accept the vendor simulator's Gemini dialect.
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { ApiError, GoogleGenAI } from '@google/genai'
import { cities, full, journal, reset, script as scriptOf, url, weather } from './simulator.mjs'

const request = { model: 'gemini-simulated', contents: 'Hello' }
const config = {
  tools: [{ functionDeclarations: [{ name: 'get_weather', parametersJsonSchema: weather }] }],
}

const client = new GoogleGenAI({ apiKey: 'test', vertexai: false, httpOptions: { baseUrl: url } })
const script = (...scenarios) => scriptOf('gemini', ...scenarios)

async function collect(stream) {
  const chunks = []
  for await (const chunk of stream) {
    chunks.push(chunk)
  }
  return chunks
}

beforeEach(reset)

test('generated content', async () => {
  await script({ text: 'Good day.', tokens_in: 45, cached_tokens_in: 5, tokens_out: 67 })
  const reply = await client.models.generateContent(request)
  assert.equal(reply.text, 'Good day.')
  assert.equal(reply.modelVersion, 'gemini-simulated')
  assert.equal(reply.candidates[0].finishReason, 'STOP')
  assert.equal(reply.usageMetadata.promptTokenCount, 45)
  assert.equal(reply.usageMetadata.cachedContentTokenCount, 5)
  assert.equal(reply.usageMetadata.candidatesTokenCount, 67)
  const received = (await journal())[0]
  assert.equal(received.last_user_content, 'Hello')
  assert.equal(received.model, 'gemini-simulated')
})

test('a stream', async () => {
  await script({ text: 'Grüße aus Köln', chunks: 5, tokens_out: 67 })
  const chunks = await collect(await client.models.generateContentStream(request))
  assert.equal(chunks.map((chunk) => chunk.text ?? '').join(''), 'Grüße aus Köln')
  assert.equal(chunks.length, 6)
  assert.equal(chunks.at(-1).candidates[0].finishReason, 'STOP')
  assert.equal(chunks.at(-1).usageMetadata.candidatesTokenCount, 67)
  assert.equal((await journal())[0].stream, true)
})

test('thoughts and parallel calls, whole and streamed, and their results', async () => {
  await script(full, full, { text: 'It rains.' })
  const whole = await client.models.generateContent({ ...request, config })
  const chunks = await collect(await client.models.generateContentStream({ ...request, config }))
  const streamed = chunks.flatMap((chunk) => chunk.candidates[0].content.parts)
  for (const parts of [whole.candidates[0].content.parts, streamed]) {
    const thoughts = parts.filter((part) => part.thought)
    assert.equal(thoughts.map((part) => part.text).join(''), full.thinking)
    assert.deepEqual(
      parts.filter((part) => part.functionCall).map((part) => part.functionCall.args.city),
      cities,
    )
  }
  assert.equal(whole.functionCalls.length, 2)
  assert.equal(whole.usageMetadata.thoughtsTokenCount, 12)
  assert.equal(whole.usageMetadata.candidatesTokenCount, 38)
  const reply = await client.models.generateContent({
    ...request,
    config,
    contents: [
      { role: 'user', parts: [{ text: 'Hello' }] },
      { role: 'model', parts: streamed },
      {
        role: 'user',
        parts: whole.functionCalls.map((call) => ({
          functionResponse: { name: call.name, response: { result: 'rain' } },
        })),
      },
    ],
  })
  assert.equal(reply.text, 'It rains.')
  assert.equal((await journal())[2].tool_results.length, 2)
})

test('a tool that the user asks for is called without a scenario', async () => {
  const reply = await client.models.generateContent({
    ...request,
    contents: 'get weather in Rome',
    config,
  })
  assert.deepEqual(reply.functionCalls, [{ name: 'get_weather', args: { city: 'Rome' } }])
})

test('a chat of the client keeps its history', async () => {
  const chat = client.chats.create({ model: request.model })
  await chat.sendMessage({ message: 'One' })
  const reply = await chat.sendMessage({ message: 'Two' })
  assert.equal(reply.text, 'You said: Two')
  assert.equal((await journal())[1].turns, 3)
})

test('errors arrive with status and message', async () => {
  for (const status of [400, 403, 404, 429, 500, 503]) {
    await script({ status, text: `no: ${status}`, retry_after_ms: 1500 })
    await assert.rejects(client.models.generateContent(request), (error) => {
      assert.ok(error instanceof ApiError)
      assert.equal(error.status, status)
      assert.ok(error.message.includes(`no: ${status}`))
      assert.ok(error.message.includes('"retryDelay":"1.500s"'))
      return true
    })
  }
})

test('an error in mid-stream is an error of the client', async () => {
  await script({ error_after_events: 1, error_status: 503, error_text: 'Overloaded' })
  const stream = await client.models.generateContentStream(request)
  await assert.rejects(collect(stream), /Overloaded/)
})

test('an answer that fits a schema', async () => {
  const reply = await client.models.generateContent({
    ...request,
    config: {
      responseMimeType: 'application/json',
      responseSchema: {
        type: 'OBJECT',
        properties: { n: { type: 'INTEGER' } },
        required: ['n'],
      },
    },
  })
  assert.ok(Number.isInteger(JSON.parse(reply.text).n))
})

test('embeddings', async () => {
  const reply = await client.models.embedContent({
    model: 'e',
    contents: ['one', 'two'],
    config: { outputDimensionality: 5 },
  })
  assert.equal(reply.embeddings.length, 2)
  assert.equal(reply.embeddings[1].values.length, 5)
})
