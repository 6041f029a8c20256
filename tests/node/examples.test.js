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
  '01_streaming.mjs': ['Roses ', 'for 0.000012 dollars\n'],
  '02_tools.mjs': ['asked for Oslo\n', 'from Met Office by weather\n', 'for 0.000066 dollars\n'],
  '03_structured_output.mjs': ['angry urgent\n', 'for 0.000086 dollars\n', 'not supported\n'],
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

/** What it says, once it has ended well. */
function run(name) {
  fs.copyFileSync(path.join(examples, name), path.join(project, name))
  const { status, stdout, stderr } = spawnSync(process.execPath, [name], {
    cwd: project,
    encoding: 'utf8',
    timeout: 60_000,
  })
  assert.deepEqual([status, stderr], [0, ''])
  return stdout
}

for (const [name, lines] of Object.entries(said)) {
  test(`example ${name}`, () => {
    const stdout = run(name)
    for (const line of lines) assert.ok(stdout.includes(line), stdout)
  })
}

test('a stream is taken up where it was left', () => {
  // How much a reader finds at once depends on when he comes.
  const parts = /^(.+)\(0\.\d+\.0\)\n(.*)\nfor /.exec(run('01_streaming.mjs'))
  assert.equal(parts[1] + parts[2], 'Roses are red.')
})
