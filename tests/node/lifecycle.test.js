// Beginnings and ends: processes, workers, cluster, both module systems.
'use strict'

const assert = require('node:assert/strict')
const { spawn } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { test } = require('node:test')

const programs = path.join(__dirname, 'programs')
const rounds = Number(process.env.CONCLAVE_ROUNDS ?? 2)

/** Runs a program to its end in a folder of its own. */
function run(program, args = [], node = process.execPath) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'conclave-'))
  return new Promise((resolve, reject) => {
    const child = spawn(node, [path.join(programs, program), ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    })
    let output = ''
    let noise = ''
    child.stdout.on('data', (piece) => (output += piece))
    child.stderr.on('data', (piece) => (noise += piece))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      fs.rmSync(folder, { recursive: true })
      resolve({ code, signal, output, noise })
    })
  })
}

const ends = [
  ['a program that never closes', 'never_closes.js', [], 0],
  ['a program that leaves a send unfinished in process.exit', 'exits.js', [], 3],
  ['a program whose calls were all aborted', 'aborts_all.js', [], 0],
  ['a program that throws with calls in flight', 'throws.js', [], 7],
  ['a program in ESM', 'esm.mjs', [], 0],
  ['a program with await using', 'disposes.js', [], 0],
  ['workers that come to their end', 'workers.js', ['natural'], 0],
  ['workers that call process.exit', 'workers.js', ['exit'], 0],
  ['workers that are terminated', 'workers.js', ['terminate'], 0],
  ['a worker whose provider is in another thread', 'shares_handler.js', [], 0],
  ['a cluster on one store', 'cluster.js', [], 0],
]

for (const [name, program, args, expected] of ends) {
  test(`${name} ends as it should`, async () => {
    for (let round = 0; round < rounds; round += 1) {
      const { code, signal, output, noise } = await run(program, args)
      assert.deepEqual(
        { code, signal, noise, output },
        { code: expected, signal: null, noise: '', output: 'done\n' },
      )
    }
  })
}

test('requiring the package starts no thread and opens nothing', async () => {
  const { code, output } = await run('requires.js')
  assert.equal(code, 0)
  const { before, after, handles } = JSON.parse(output)
  assert.deepEqual(after, before)
  assert.deepEqual(handles, [])
})
