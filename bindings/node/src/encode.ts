// From what JavaScript gives to a document for the engine. Nothing is changed silently: what JSON
// cannot carry is refused, naming the field.

import { ValidationError } from './error-classes'
import type { Shape } from './fields'
import { markNumber } from './json'
import { isPlain, kindOf } from './plain'
import { passagesOf, type Passage } from './shapes'

/** Deeper than the engine reads; ends objects that hold themselves. */
const depthMax = 128

/** The way from the top of a document to a value, innermost first. */
interface Path {
  readonly outer: Path | undefined
  readonly step: string
}

/** Values with keys like `__proto__` need an object without a prototype. */
type Plain = Record<string, unknown>

function refuse(path: Path | undefined, problem: string): never {
  let field = ''
  for (let at = path; at !== undefined; at = at.outer) {
    field = field === '' || field.startsWith('[') ? at.step + field : `${at.step}.${field}`
  }
  if (field === '') field = 'request'
  throw new ValidationError(`${field} ${problem}`, { details: { field } })
}

function checkText(text: string, path: Path | undefined): string {
  return text.isWellFormed() ? text : refuse(path, 'must not hold a lone surrogate')
}

function checkNumber(value: number, path: Path | undefined): number {
  if (!Number.isFinite(value)) refuse(path, `must be a finite number, not ${String(value)}`)
  // From 1e21 on numbers print with an exponent and so are no integers to any reader.
  if (Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 1e21) {
    refuse(path, 'must not be a number beyond 2^53, which may have been rounded: give a BigInt')
  }
  return value
}

function encodeScalar(value: unknown, path: Path | undefined): unknown {
  switch (typeof value) {
    case 'string':
      return checkText(value, path)
    case 'number':
      return checkNumber(value, path)
    case 'bigint':
      return markNumber(value.toString())
    case 'boolean':
      return value
    default:
      return value === null ? null : refuse(path, `must not be ${describe(value)}`)
  }
}

function describe(value: unknown): string {
  return value === undefined ? 'undefined' : `a ${typeof value}`
}

/** Objects that print themselves, such as Date, give what JSON.stringify would. */
function unwrap(value: object, path: Path | undefined): unknown {
  if (value instanceof Date && Number.isNaN(value.getTime())) refuse(path, 'must be a valid date')
  const { toJSON } = value as { toJSON?: unknown }
  return typeof toJSON === 'function' ? (toJSON.call(value, path?.step ?? '') as unknown) : value
}

function encodeArray(
  items: readonly unknown[],
  path: Path | undefined,
  depth: number,
  encodeItem: (item: unknown, path: Path, depth: number) => unknown,
): unknown[] {
  // By index, so that holes are seen.
  const encoded: unknown[] = []
  for (let i = 0; i < items.length; i += 1) {
    encoded.push(encodeItem(items[i], { outer: path, step: `[${String(i)}]` }, depth + 1))
  }
  return encoded
}

function checkDepth(path: Path | undefined, depth: number): void {
  if (depth > depthMax) {
    // The whole path would be as long as it is useless.
    let top = path
    while (top?.outer !== undefined) top = top.outer
    refuse(top, 'must not be nested too deep, nor hold itself')
  }
}

/** Data of the user: as it is, if JSON can carry it. A property that is undefined is absent. */
export function encodeData(given: unknown, path?: Path, depth = 0): unknown {
  if (Object.is(given, -0)) return markNumber('-0.0')
  if (typeof given !== 'object' || given === null) return encodeScalar(given, path)
  checkDepth(path, depth)
  const value = unwrap(given, path)
  if (value !== given) return encodeData(value, path, depth + 1)
  if (Array.isArray(value)) return encodeArray(value, path, depth, encodeData)
  if (!isPlain(value)) return refuse(path, `must be plain data, not ${kindOf(value)}`)
  const encoded = Object.create(null) as Plain
  for (const [name, inner] of Object.entries(value)) {
    const inside: Path = { outer: path, step: name }
    if (inner !== undefined) encoded[checkText(name, inside)] = encodeData(inner, inside, depth + 1)
  }
  return encoded
}

function encodeTime(value: Date, time: 'date' | 'date-time', path: Path): string {
  if (Number.isNaN(value.getTime())) refuse(path, 'must be a valid date')
  const iso = value.toISOString()
  return time === 'date' ? iso.slice(0, 'YYYY-MM-DD'.length) : iso
}

function encodeField(value: unknown, passage: Passage, path: Path, depth: number): unknown {
  if (passage.data) return encodeData(value, path, depth)
  if (value instanceof Date && passage.time !== undefined) {
    return encodeTime(value, passage.time, path)
  }
  return encodeValue(value, passage.shape, path, depth)
}

function encodeValue(
  value: unknown,
  shape: Shape | undefined,
  path: Path | undefined,
  depth: number,
): unknown {
  if (typeof value !== 'object' || value === null) return encodeScalar(value, path)
  checkDepth(path, depth)
  if (Array.isArray(value)) {
    return encodeArray(value, path, depth, (item, at, deeper) =>
      encodeValue(item, shape, at, deeper),
    )
  }
  // Where the contract has no document an object is wrong, and the engine says so.
  if (shape === undefined) return encodeData(value, path, depth)
  if (!isPlain(value)) return refuse(path, `must be an object, not ${kindOf(value)}`)
  return encodeFields(Object.entries(value), shape, path, depth)
}

function encodeFields(
  fields: Iterable<[string, unknown]>,
  shape: Shape,
  path: Path | undefined,
  depth: number,
): Plain {
  const passages = passagesOf(shape)
  const encoded: Plain = {}
  for (const [name, inner] of fields) {
    if (inner === undefined) continue
    const passage = passages.get(name)
    if (passage === undefined) {
      return refuse({ outer: path, step: name }, 'is not a field of this document')
    }
    const inside: Path = { outer: path, step: passage.name }
    encoded[passage.name] = encodeField(inner, passage, inside, depth + 1)
  }
  return encoded
}

/**
 * Makes the document that `print` writes. ValidationError naming the field, as the contract spells
 * it, for what is unknown there or cannot be carried: NaN, infinities, undefined in an array, lone
 * surrogates, functions, symbols, instances of classes that do not print themselves, numbers
 * beyond 2^53 that are no BigInt.
 */
export function encode(fields: Iterable<[string, unknown]>, shape: Shape): unknown {
  return encodeFields(fields, shape, undefined, 0)
}
