// The vendor simulator as the tests of the official clients see it.
import assert from 'node:assert/strict'

export const url = process.env.SIMULATOR_URL

async function post(path, document) {
  const answer = await fetch(url + path, { method: 'POST', body: JSON.stringify(document) })
  assert.equal(answer.status, 200, await answer.text())
}

// The scenarios of one vendor; later requests are answered correctly.
export const script = (target, ...scenarios) =>
  post('/_control', { target, scenarios, default: {} })
export const journal = async () => (await fetch(`${url}/_journal`)).json()
export const reset = () => post('/_reset', {})

export const weather = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
}

// A scenario with everything a model says.
export const full = {
  thinking: 'Two cities, so two calls.',
  text: 'Let me look.',
  tool_calls: [
    { name: 'get_weather', arguments: { city: 'Köln' } },
    { name: 'get_weather', arguments: { city: 'São Paulo' } },
  ],
  tokens_in: 100,
  cached_tokens_in: 30,
  tokens_out: 50,
  reasoning_tokens: 12,
}
export const cities = ['Köln', 'São Paulo']
