// The block of the public API document, as it stands there.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const http = require('node:http')
const os = require('node:os')
const path = require('node:path')
const { test } = require('node:test')

const { open } = require('conclave')

const AsyncFunction = (async () => {}).constructor

/** A vendor that answers as OpenAI does, with the tokens of the document's example. */
async function startVendor() {
  const server = http.createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      response.setHeader('content-type', 'application/json')
      response.end(
        JSON.stringify({
          id: 'chatcmpl-1',
          object: 'chat.completion',
          model: 'gpt-4o-mini',
          choices: [
            { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Hi!' } },
          ],
          usage: { prompt_tokens: 45, completion_tokens: 67, total_tokens: 112 },
        }),
      )
    })
  })
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
  return server
}

test('the block of the API document runs', async (t) => {
  const vendor = await startVendor()
  t.after(() => vendor.close())
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'conclave-'))
  const before = process.cwd()
  process.chdir(folder)
  t.after(() => {
    process.chdir(before)
    fs.rmSync(folder, { recursive: true })
  })

  const block = fs
    .readFileSync(path.join(__dirname, 'api_block.js.txt'), 'utf8')
    .replace(':9101/', `:${vendor.address().port}/`)
  // The fallback and the price are the host's own; a handle on the same store brings them.
  const host = await open(path.join(folder, 'app.db'))
  await host.providers.register('vendorB', { kind: 'scripted', echo: true })
  await host.prices.set('vendorA', '*', { usdPer1kTokens: '0.002' })

  const printed = []
  const console = { log: (...given) => printed.push(given) }
  const run = new AsyncFunction('require', 'signal', 'console', `${block}\nreturn report`)
  const report = await run(require, new AbortController().signal, console)
  await host.close()

  assert.deepEqual(printed, [['Hi!', '0.000224']])
  assert.equal(report.totals.costUsd, '0.000448')
})
