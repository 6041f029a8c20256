#!/usr/bin/env node
// Runs the conformance cases through the Node.js package.
//
// usage: run_node.mjs [--case NAME] [--package FOLDER] [-v]
//
// The package is found as `require` would from FOLDER, by default bindings/node of this repository.
// Exit status 77 means skipped: it cannot be loaded.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import * as contract from './contract_names.mjs'
import { brief, fillIn, find, joined, loadCases, match, matchError, Mismatch } from './suite.mjs'

const { values: options } = parseArgs({
  options: {
    case: { type: 'string', default: '' },
    package: {
      type: 'string',
      default: fileURLToPath(new URL('../../bindings/node/', import.meta.url)),
    },
    v: { type: 'boolean', short: 'v', default: false },
  },
})

const conclave = load(resolve(options.package))

function load(folder) {
  try {
    return createRequire(join(folder, 'package.json'))('conclave')
  } catch (error) {
    console.log(`skipped: ${error.message.split('\n')[0]}`)
    process.exit(77)
  }
}

/** The gateways of one case. */
class Host {
  #gateways = []
  #handlers
  #asked = new Map()
  wrong

  constructor(handlers) {
    this.#handlers = handlers
  }

  get gateway() {
    return this.#gateways.at(-1)
  }

  async open(document) {
    const { store, ...rest } = contract.rename(document, contract.OPEN, true)
    if (Array.isArray(rest.providers)) {
      rest.providers = Object.fromEntries(
        rest.providers.map(({ name, ...provider }) => [name, this.#withHandler(name, provider)]),
      )
    }
    this.#gateways.push(await conclave.open(store, rest))
    return {}
  }

  async close() {
    for (const gateway of this.#gateways) await gateway.close({ drainMs: 0 })
  }

  /** The provider or tool with what the case plans for it. */
  #withHandler(name, document, isTool = false) {
    if (!isTool && document.kind !== 'callback') return document
    const handler = (request) => {
      const count = this.#asked.get(name) ?? 0
      this.#asked.set(name, count + 1)
      const planned = this.#handlers[name][count]
      try {
        const asked = isTool ? request : contract.rename(request, contract.PROVIDER_REQUEST, false)
        match(planned.request, asked, 'request')
      } catch (error) {
        this.wrong ??= error
      }
      if (planned.error !== undefined) throw errorOf(planned.error)
      return isTool
        ? planned.answer
        : contract.rename(planned.answer, contract.PROVIDER_ANSWER, true)
    }
    return { ...document, handler }
  }

  async #scope(order) {
    if (order.api_key !== undefined) return this.gateway.authenticate(order.api_key)
    return order.tenant === undefined ? this.gateway : this.gateway.tenant(order.tenant)
  }

  /** The method and its arguments. */
  async #bound(name, order) {
    const steps = name.split('.').map(contract.camel)
    if (steps[0] === 'gateway') steps.shift()
    const verb = steps.pop()
    let target = await this.#scope(order)
    for (const noun of steps) target = target[noun]
    let fields = contract.rename(order.in ?? {}, contract.operations[name].in, true)
    if (name === 'providers.register' || name === 'tools.register') {
      fields = this.#withHandler(String(fields.name), fields, name === 'tools.register')
    }
    if (order.request_id !== undefined) fields.requestId = order.request_id
    if (order.signal !== undefined) fields.signal = order.signal
    return target[verb].bind(target, ...spread(name, fields))
  }

  async call(name, order) {
    const call = await this.#bound(name, order)
    const result = await call()
    if (name === 'authenticate') return this.call('tenants.get', { in: { id: result.id } })
    if (result === undefined) return {}
    if (typeof result === 'string') return { text: result }
    const document = Array.isArray(result) ? { items: result, nextCursor: null } : result
    return contract.rename(document, contract.operations[name].out, false)
  }

  async stream(name, order) {
    const begin = await this.#bound(name, order)
    const events = []
    for await (const event of begin()) {
      events.push(contract.rename(event, contract.STREAM_EVENT, false))
    }
    return joined(events)
  }
}

/** Fields that the package takes by position: whose id, what a send says. */
function positions(name) {
  switch (name) {
    case 'authenticate':
      return ['apiKey']
    case 'gateway.backup':
      return ['path']
    case 'gateway.advance':
      return ['ms']
    case 'messages.send':
    case 'messages.stream':
      return ['sessionId', 'content']
    case 'sessions.export':
      return ['id', 'format']
    default:
      return contract.fieldsOf(contract.operations[name].in).includes('id') ? ['id'] : []
  }
}

function spread(name, fields) {
  const rest = { ...fields }
  const given = positions(name).map((field) => {
    const value = rest[field]
    delete rest[field]
    return value
  })
  return [...given, rest]
}

/** The error of a handler, by the class of its code. */
function errorOf({ code, message, retry_after_ms: retryAfterMs }) {
  const made = Object.values(conclave).find(
    (one) => one?.prototype instanceof conclave.ConclaveError && new one('').code === code,
  )
  return new made(message, { retryAfterMs })
}

/** One case on its way. */
class Run {
  #saved
  #started = new Map()

  constructor(host, folder) {
    this.host = host
    this.#saved = new Map([['tmp', folder]])
  }

  open(document) {
    return this.host.open(fillIn(document, this.#saved))
  }

  async step(step) {
    const order = {}
    for (const name of ['tenant', 'api_key', 'request_id', 'in', 'open']) {
      if (step[name] !== undefined) order[name] = fillIn(step[name], this.#saved)
    }
    if (step.advance !== undefined) {
      await this.host.gateway.advance(step.advance)
    } else if (step.cancel !== undefined) {
      this.#started.get(step.cancel).controller.abort()
    } else if (step.as !== undefined) {
      const controller = new AbortController()
      const outcome = this.#outcome(step, { ...order, signal: controller.signal })
      this.#started.set(step.as, { controller, outcome })
      await new Promise(setImmediate) // it begins before what comes next
    } else if (step.await !== undefined) {
      this.#judge(step, await this.#started.get(step.await).outcome)
    } else {
      this.#judge(step, await this.#outcome(step, order))
    }
    if (this.host.wrong !== undefined) throw this.host.wrong
  }

  async #outcome(step, order) {
    try {
      if (step.open !== undefined) return { document: await this.host.open(order.open) }
      if (step.stream !== undefined) return { document: await this.host.stream(step.stream, order) }
      return { document: await this.host.call(step.call, order) }
    } catch (error) {
      if (!(error instanceof conclave.ConclaveError)) throw error
      if (error.constructor === conclave.ConclaveError) {
        throw new Mismatch(`${error.code} has no class of its own`)
      }
      return { error: contract.rename(error.toJSON(), contract.ERROR, false) }
    }
  }

  #judge(step, { document, error }) {
    if (error !== undefined) {
      if (step.error === undefined) throw new Mismatch(`failed: ${brief(error)}`)
      matchError(fillIn(step.error, this.#saved), error)
      return
    }
    if (step.error !== undefined) throw new Mismatch(`succeeded: ${brief(document)}`)
    for (const key of ['out', 'events']) {
      if (step[key] !== undefined) match(fillIn(step[key], this.#saved), document)
    }
    for (const [name, pointer] of Object.entries(step.save ?? {})) {
      this.#saved.set(name, find(document, pointer))
    }
  }
}

/** What went wrong, or undefined. */
async function runCase(one) {
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'))
  const host = new Host(one.handlers)
  const run = new Run(host, folder)
  let at = 'open'
  try {
    for (const [name, text] of Object.entries(one.files)) writeFileSync(join(folder, name), text)
    await run.open(one.open)
    for (const [number, step] of one.steps.entries()) {
      at = `step ${number} (${Object.entries(step)[0].slice(0, 2).map(brief).join(' ')})`
      await run.step(step)
    }
    return undefined
  } catch (error) {
    return `${at}: ${error instanceof Mismatch ? error.message : error.stack}`
  } finally {
    await host.close()
    rmSync(folder, { recursive: true })
  }
}

let passed = 0
let failed = 0
for (const one of loadCases()) {
  if (!one.name.includes(options.case)) continue
  const problem = await runCase(one)
  if (problem === undefined) passed += 1
  else failed += 1
  if (problem !== undefined) console.log(`FAILED ${one.name}: ${problem}`)
  else if (options.v) console.log(`passed ${one.name}`)
}
console.log(`node: ${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0
