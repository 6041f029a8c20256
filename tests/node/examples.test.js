// Each program of examples/node runs as it stands and says what its readers are promised.
'use strict'

const assert = require('node:assert/strict')
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, test } = require('node:test')

const examples = path.join(__dirname, '..', '..', 'examples', 'node')
const said = {
  '01_streaming.mjs': ['Roses (0.6.0)\n', 'are red.\n', 'for 0.000012 dollars\n'],
  '02_tools.mjs': ['asked for Oslo\n', 'from Met Office by weather\n', 'for 0.000066 dollars\n'],
  '03_structured_output.mjs': ['angry urgent\n', 'for 0.000082 dollars\n', 'not supported\n'],
  '04_council.mjs': ['Deploy to staging', 'for 0.0018 dollars\n', '- Winner: member-2'],
}

// A project as a user has it: the program beside the installed package.
const project = fs.mkdtempSync(path.join(os.tmpdir(), 'conclave-'))
fs.symlinkSync(path.join(__dirname, 'node_modules'), path.join(project, 'node_modules'))
after(() => fs.rmSync(project, { recursive: true }))

test('each example is run', () => {
  const found = fs.readdirSync(examples).filter((name) => name.endsWith('.mjs'))
  assert.deepEqual(found.sort(), Object.keys(said))
})

for (const [name, lines] of Object.entries(said)) {
  test(`example ${name}`, () => {
    fs.copyFileSync(path.join(examples, name), path.join(project, name))
    const run = spawnSync(process.execPath, [name], {
      cwd: project,
      encoding: 'utf8',
      timeout: 60_000,
    })
    assert.deepEqual([run.status, run.stderr], [0, ''])
    for (const line of lines) assert.ok(run.stdout.includes(line), run.stdout)
  })
}
