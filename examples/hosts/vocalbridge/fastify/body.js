// Reads the JSON body of a request and refuses what it does not know.

import { PayloadTooLargeError, ValidationError } from 'conclave'

const bodyBytesMax = 1536 * 1024
// A client that sends more than it may can still read the answer, up to here.
const unreadBytesMax = 16 * bodyBytesMax
const depthMax = 64
const utf8 = new TextDecoder('utf-8', { fatal: true })

export function refuse(field, problem) {
  throw new ValidationError(`${field} ${problem}`, { details: { field } })
}

/** The bytes of a body. One that is too large is refused once it has passed by. */
export async function readBytes(stream) {
  const pieces = []
  let bytes = 0
  for await (const piece of stream) {
    bytes += piece.length
    if (bytes <= bodyBytesMax) pieces.push(piece)
    if (bytes > unreadBytesMax) break
  }
  if (bytes <= bodyBytesMax) return Buffer.concat(pieces)
  throw new PayloadTooLargeError('The body is too large', { details: { max_bytes: bodyBytesMax } })
}

/** A JSON object. Whatever is wrong with it is a ValidationError naming the field. */
export class Body {
  #document

  /** `known` are the fields that may stand in it. */
  constructor(bytes, ...known) {
    this.#document = parse(bytes)
    for (const field of Object.keys(this.#document)) {
      if (!known.includes(field)) refuse(field, 'is not a known field')
    }
  }

  isNull(field) {
    return this.#get(field) === null
  }

  text(field) {
    return this.maybeText(field) ?? refuse(field, 'is missing')
  }

  maybeText(field) {
    const value = this.#get(field)
    if (value !== undefined && typeof value !== 'string') refuse(field, 'must be a string')
    return value
  }

  maybeObject(field) {
    const value = this.#get(field)
    if (value !== undefined && !isObject(value)) refuse(field, 'must be an object')
    return value
  }

  #get(field) {
    return Object.hasOwn(this.#document, field) ? this.#document[field] : undefined
  }
}

function parse(bytes) {
  const document = parseJson(bytes)
  if (isDeeper(document, depthMax)) refuse('body', `must not be nested deeper than ${depthMax}`)
  return isObject(document) ? document : refuse('body', 'must be a JSON object')
}

function parseJson(bytes) {
  try {
    return JSON.parse(utf8.decode(bytes))
  } catch {
    return refuse('body', 'must be valid JSON in UTF-8')
  }
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isDeeper(value, depth) {
  if (typeof value !== 'object' || value === null) return false
  return depth === 0 || Object.values(value).some((inner) => isDeeper(inner, depth - 1))
}
