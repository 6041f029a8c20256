// Sends through the Node.js package against sends in C++, in one run.
//
// usage: node benchmark.js [--baseline PROGRAM] [--seconds N]
//
// PROGRAM is node_baseline, a target of CMake. The package `conclave` is taken from where Node.js
// finds it, for example with NODE_PATH.
'use strict'

const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { parseArgs } = require('node:util')

const callers = 64
const tickerCallers = 100
// Of one caller, by turns with C++: what disturbs a shared machine disturbs both.
const rounds = 5
const turnsPerSession = 8

const { values: options } = parseArgs({
  options: { baseline: { type: 'string' }, seconds: { type: 'string', default: '5' } },
})
const seconds = Number(options.seconds)
// Beside the working directory: a temporary folder may lie in memory, where a sync costs nothing.
const folder = fs.mkdtempSync(path.join(process.cwd(), 'benchmark-'))
process.on('exit', () => fs.rmSync(folder, { recursive: true }))

const now = () => Number(process.hrtime.bigint()) / 1000

function percentile(samples, p) {
  const sorted = Float64Array.from(samples).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? 0
}

/** In a process of its own: how long the package takes to load and to answer first. */
function measureStart(store) {
  const program = `
    const now = () => Number(process.hrtime.bigint()) / 1e6
    const begin = now()
    const { open } = require('conclave')
    const loaded = now()
    open(${JSON.stringify(store)}).then(async (gateway) => {
      await gateway.tenants.list({ limit: 1 })
      console.log(JSON.stringify([loaded - begin, now() - loaded]))
      await gateway.close()
    })`
  const runs = Array.from({ length: 9 }, () =>
    JSON.parse(execFileSync(process.execPath, ['-e', program], { encoding: 'utf8' })),
  )
  return [0, 1].map((i) =>
    percentile(
      runs.map((run) => run[i]),
      0.5,
    ),
  )
}

let stores = 0

/**
 * The same work as workload.hpp, and as there in a store of its own: fresh keys, and a new session
 * after a few turns.
 */
async function withWorkload(durability, count, run) {
  stores += 1
  const store = path.join(folder, `${durability}-${stores}.db`)
  const { open } = require('conclave')
  const replies = [{ text: 'a'.repeat(1024), tokensIn: 45, tokensOut: 67 }]
  const gateway = await open(store, {
    durability,
    providers: { vendor: { kind: 'scripted', replies } },
  })
  await gateway.prices.set('vendor', '*', { usdPer1kTokens: '0.002' })
  const tenant = gateway.tenant((await gateway.tenants.create({ name: 'Benchmark' })).id)
  const agent = await tenant.agents.create({ name: 'Agent', primary: 'vendor' })
  const newSession = async () => (await tenant.sessions.create({ agentId: agent.id })).id
  const sessions = await Promise.all(Array.from({ length: count }, newSession))
  const turns = sessions.map(() => 0)
  let keys = 0
  const send = async (caller) => {
    keys += 1
    await tenant.messages.send(sessions[caller], 'Hello', { idempotencyKey: `key-${keys}` })
    turns[caller] += 1
    if (turns[caller] % turnsPerSession === 0) sessions[caller] = await newSession()
  }
  const result = await run(send)
  await gateway.close()
  return result
}

/** A quarter of the time is not measured: the store's log and the compiled code still grow. */
const runCallers = (durability, count, forSeconds) =>
  withWorkload(durability, count, async (send) => {
    await timeCallers(count, forSeconds / 4, send)
    return timeCallers(count, (forSeconds * 3) / 4, send)
  })

async function timeCallers(count, forSeconds, send) {
  const samples = []
  const begin = now()
  const end = begin + forSeconds * 1e6
  const call = async (_, caller) => {
    while (now() < end) {
      const start = now()
      await send(caller)
      samples.push(now() - start)
    }
  }
  const before = process.cpuUsage()
  await Promise.all(Array.from({ length: count }, call))
  const { user, system } = process.cpuUsage(before)
  const perSecond = samples.length / ((now() - begin) / 1e6)
  return { samples, perSecond, cpu: (user + system) / samples.length }
}

/** How late a ticker of one millisecond is while 100 sends are in flight, at most. */
async function timeTicker(send) {
  await timeCallers(tickerCallers, seconds / 4, send)
  let latest = 0
  let expected = now() + 1000
  const ticker = setInterval(() => {
    latest = Math.max(latest, now() - expected)
    expected = now() + 1000
  }, 1)
  await timeCallers(tickerCallers, (seconds * 3) / 4, send)
  clearInterval(ticker)
  return latest / 1000
}

function baseline(durability, forSeconds, count) {
  const given = [durability, String(forSeconds), String(count)]
  return JSON.parse(execFileSync(options.baseline, given, { encoding: 'utf8' }))
}

const median = (samples) => percentile(samples, 0.5)

async function measureLatency(durability) {
  const ours = []
  const added = []
  for (let round = 0; round < rounds; round += 1) {
    const theirs = options.baseline && baseline(durability, seconds / rounds, 1).p50_us
    ours.push(median((await runCallers(durability, 1, seconds / rounds)).samples))
    if (theirs) added.push(ours.at(-1) - theirs)
  }
  report('p50 of one caller', `${median(ours).toFixed(0)} us`)
  if (!options.baseline) return
  const each = added.sort((a, b) => a - b).map((us) => us.toFixed(0))
  const figure = `${median(added).toFixed(0)} us; rounds ${each.join(', ')}`
  report('added p50 over C++ (below 60 us)', figure)
}

/** By turns with C++: what disturbs a shared machine disturbs both. */
async function measureThroughput(durability) {
  const runs = []
  const theirs = []
  for (let round = 0; round < rounds; round += 1) {
    if (options.baseline) theirs.push(baseline(durability, seconds / 2, callers))
    runs.push(await runCallers(durability, callers, seconds / 2))
  }
  const perSecond = median(runs.map((run) => run.perSecond))
  report(`sends at ${callers} callers`, `${perSecond.toFixed(0)} /s`)
  if (!options.baseline) return
  const ratios = theirs.map((cpp, round) => (runs[round].perSecond / cpp.per_second) * 100)
  const each = ratios.sort((a, b) => a - b).map((percent) => percent.toFixed(0))
  const cpp = median(theirs.map((run) => run.per_second))
  const figure = `${median(ratios).toFixed(0)} % of ${cpp.toFixed(0)} /s; rounds ${each.join(', ')}`
  report('against C++ (at least 80 %)', figure)
  // What a shared machine disturbs least.
  const cpu = median(runs.map((run) => run.cpu)).toFixed(0)
  const cppCpu = median(theirs.map((run) => run.cpu_us)).toFixed(0)
  report('CPU time of one send, all threads', `${cpu} us, C++ ${cppCpu} us`)
}

async function measure(durability) {
  console.log(`durability ${durability}`)
  await measureLatency(durability)
  await measureThroughput(durability)
  const latest = await withWorkload(durability, tickerCallers, timeTicker)
  report('1 ms ticker, latest (at most 20 ms)', `${latest.toFixed(1)} ms`)
}

function report(what, figure) {
  console.log(`  ${what.padEnd(40)} ${figure}`)
}

async function main() {
  await measure('full')
  await measure('process')
  const [load, first] = measureStart(path.join(folder, 'full-1.db'))
  console.log('start')
  report("require('conclave') (below 40 ms)", `${load.toFixed(1)} ms`)
  report('open to first call (below 30 ms)', `${first.toFixed(1)} ms`)
}

main()
