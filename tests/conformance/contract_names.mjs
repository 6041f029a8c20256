// Names of the contract's fields in JavaScript and back, taken from contract.json itself and not
// from the tables of the package, which are what is tested.

import { readFileSync } from 'node:fs'

import { isObject, objectOf } from './suite.mjs'

const CONTRACT = new URL('../../capi/contract/contract.json', import.meta.url)
const contract = JSON.parse(readFileSync(CONTRACT, 'utf8'))

export const { operations } = contract

export function camel(name) {
  return name.replace(/_([a-z0-9])/g, (_all, letter) => letter.toUpperCase())
}

function resolved(schema) {
  return schema?.$ref === undefined ? schema : contract.$defs[schema.$ref.split('/').at(-1)]
}

/** The names of a document's fields in the contract. */
export function fieldsOf(schema) {
  return Object.keys(resolved(schema).properties)
}

/** The branch of a choice that an object or an array can stand in. */
function branch(schema, value) {
  const plain = resolved(schema)
  if (plain?.anyOf === undefined) return plain
  const type = Array.isArray(value) ? 'array' : 'object'
  return plain.anyOf.map(resolved).find((one) => [one.type].flat().includes(type)) ?? plain
}

/** Renames the fields of a document, `inward` those of the contract to those of JavaScript. */
export function rename(value, schema, inward) {
  const shape = branch(schema, value)
  if (shape === undefined || shape['x-data'] === true) return value
  if (Array.isArray(value)) return value.map((item) => rename(item, shape.items, inward))
  if (!isObject(value) || shape.properties === undefined) return value
  const fields = Object.entries(shape.properties)
  const known = new Map(
    fields.map(([name, inner]) =>
      inward ? [name, [camel(name), inner]] : [camel(name), [name, inner]],
    ),
  )
  return objectOf(
    Object.entries(value).map(([name, inner]) => {
      const [other, itsSchema] = known.get(name) ?? [name, undefined]
      return [other, itsSchema === undefined ? inner : rename(inner, itsSchema, inward)]
    }),
  )
}

export const ERROR = { $ref: '#/$defs/error' }
export const OPEN = { $ref: '#/$defs/open' }
export const STREAM_EVENT = { $ref: '#/$defs/stream_event' }
export const PROVIDER_REQUEST = { $ref: '#/$defs/provider_request' }
export const PROVIDER_ANSWER = { $ref: '#/$defs/provider_answer' }
