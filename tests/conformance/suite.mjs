// The cases of cases/*.json: loading, texts that stand for values, patterns. See README.md.

import { readdirSync, readFileSync } from 'node:fs'

const FOLDER = new URL('cases/', import.meta.url)
const ID_DIGITS = '[0-9abcdefghjkmnpqrstvwxyz]{26}'
const PLACEHOLDERS = new Map([
  ['<time>', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/],
  ['<date>', /^\d{4}-\d\d-\d\d$/],
  ['<usd>', /^-?\d+(\.\d+)?$/],
  ['<text>', /^/],
])

/** What a case saw instead of what it says. */
export class Mismatch extends Error {}

// --- JSON with every integer as it stands -------------------------------------------------------

const TEXT_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g
const LONG_INTEGER = /^-?\d{16,}$/
const MARK = '<integer>'

/** Integers beyond 2^53 become BigInt. */
export function parse(text) {
  const marked = text.replace(TEXT_OR_NUMBER, (token) =>
    LONG_INTEGER.test(token) && !Number.isSafeInteger(Number(token)) ? `"${MARK}${token}"` : token,
  )
  return JSON.parse(marked, (_key, value) =>
    typeof value === 'string' && value.startsWith(MARK) ? BigInt(value.slice(MARK.length)) : value,
  )
}

export function brief(value) {
  const text = JSON.stringify(value, (_key, inner) =>
    typeof inner === 'bigint' ? `${inner}n` : inner,
  )
  return text !== undefined && text.length > 300 ? `${text.slice(0, 300)}...` : String(text)
}

export function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A plain object of these members, `__proto__` being one like any other. */
export function objectOf(entries) {
  const made = {}
  for (const [name, value] of entries) {
    Object.defineProperty(made, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    })
  }
  return made
}

function member(value, name) {
  return Object.prototype.hasOwnProperty.call(value, name) ? value[name] : undefined
}

// --- Cases --------------------------------------------------------------------------------------

/** All cases, the steps that a file puts before each of its own already in place. */
export function* loadCases() {
  for (const name of readdirSync(FOLDER).sort()) {
    if (!name.endsWith('.json')) continue
    const file = parse(readFileSync(new URL(name, FOLDER), 'utf8'))
    for (const one of file.cases) {
      yield {
        name: `${name.slice(0, -'.json'.length)}: ${one.name}`,
        open: { store: ':memory:', ...file.open, ...one.open },
        files: one.files ?? {},
        handlers: one.handlers ?? {},
        steps: [...(one.before ?? file.before ?? []), ...one.steps],
      }
    }
  }
}

/** The value with "$name", "${name}" and {"$repeat": [text, count]} replaced. */
export function fillIn(value, saved) {
  if (typeof value === 'string') {
    if (/^\$\w+$/.test(value)) return savedValue(saved, value.slice(1))
    return value.replace(/\$\{(\w+)\}/g, (_all, name) => savedValue(saved, name))
  }
  if (Array.isArray(value)) return value.map((item) => fillIn(item, saved))
  if (!isObject(value)) return value
  if (Object.keys(value).join() === '$repeat') return value.$repeat[0].repeat(value.$repeat[1])
  return objectOf(Object.entries(value).map(([name, inner]) => [name, fillIn(inner, saved)]))
}

function savedValue(saved, name) {
  if (!saved.has(name)) throw new Mismatch(`nothing was saved as ${name}`)
  return saved.get(name)
}

/** What a JSON pointer leads to. */
export function find(value, pointer) {
  let at = value
  for (const step of pointer.split('/').slice(1)) {
    at = typeof at === 'object' && at !== null ? member(at, step) : undefined
    if (at === undefined) throw new Mismatch(`there is nothing at ${pointer}`)
  }
  return at
}

// --- Patterns -----------------------------------------------------------------------------------

function expect(truth, pattern, value, where) {
  if (!truth) throw new Mismatch(`${where || '/'} is ${brief(value)}, not ${brief(pattern)}`)
}

/** Throws Mismatch unless the value is what the pattern says. */
export function match(pattern, value, where = '') {
  if (Array.isArray(pattern)) {
    expect(Array.isArray(value), pattern, value, where)
    const count = `${value.length} items, not ${pattern.length}`
    if (pattern.length !== value.length) throw new Mismatch(`${where} has ${count}`)
    pattern.forEach((wanted, index) => match(wanted, value[index], `${where}/${index}`))
  } else if (isObject(pattern)) {
    if (Object.keys(pattern).join() === '<each>') {
      expect(Array.isArray(value), pattern, value, where)
      value.forEach((item, index) => match(pattern['<each>'], item, `${where}/${index}`))
    } else {
      matchObject(pattern, value, where)
    }
  } else if (typeof pattern === 'string' && pattern.startsWith('<')) {
    expect(fits(pattern, value), pattern, value, where)
  } else {
    expect(pattern === value, pattern, value, where)
  }
}

function matchObject(pattern, value, where) {
  expect(isObject(value), pattern, value, where)
  for (const name of new Set([...Object.keys(pattern), ...Object.keys(value)])) {
    const [wanted, seen] = [member(pattern, name), member(value, name)]
    if (seen === undefined) throw new Mismatch(`${where}/${name} is missing`)
    if (wanted === undefined) {
      throw new Mismatch(`${where}/${name} was not expected: ${brief(seen)}`)
    }
    match(wanted, seen, `${where}/${name}`)
  }
}

function fits(placeholder, value) {
  if (placeholder === '<any>') return true
  if (placeholder === '<int>') return Number.isInteger(value) || typeof value === 'bigint'
  if (typeof value !== 'string') return false
  const id = /^<id:([a-z]{3})>$/.exec(placeholder)
  if (id !== null) return new RegExp(`^${id[1]}_${ID_DIGITS}$`).test(value)
  return PLACEHOLDERS.get(placeholder)?.test(value) ?? placeholder === value
}

/** As match, of the members that the pattern names; `field` is the one of the details. */
export function matchError(pattern, error) {
  for (const [name, wanted] of Object.entries(pattern)) {
    const seen = name === 'field' ? error.details.field : error[name]
    match(wanted, seen ?? null, `error/${name}`)
  }
}

/** Deltas that follow each other as one: how a text is cut depends on who reads it when. */
export function joined(events) {
  const whole = []
  for (const event of events) {
    const last = whole.at(-1)
    if (event.type === 'delta' && last?.type === 'delta') {
      whole[whole.length - 1] = { ...event, text: last.text + event.text }
    } else {
      whole.push(event)
    }
  }
  return whole
}
