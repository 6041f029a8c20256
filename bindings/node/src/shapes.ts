// The rename tables in the form in which both directions read them.

import { fields, type Field, type Shape } from './fields'

/** A field with its name on the other side. */
export interface Passage {
  /** Its name in the contract when encoding, in JavaScript when decoding. */
  readonly name: string
  readonly shape: Shape | undefined
  readonly data: boolean
  readonly time: 'date' | 'date-time' | undefined
}

export type Passages = ReadonlyMap<string, Passage>

function passage(field: Field, name: string): Passage {
  return {
    name,
    shape: field.shape as Shape | undefined,
    data: field.data ?? false,
    time: field.time,
  }
}

// Made at first use: most programs need few of the documents.
const inwards = new Map<Shape, Passages>()
const outwards = new Map<Shape, Passages>()

function table(cache: Map<Shape, Passages>, shape: Shape, inward: boolean): Passages {
  const made = new Map<string, Passage>()
  for (const [name, field] of Object.entries<Field>(fields[shape])) {
    if (inward) made.set(field.name, passage(field, name))
    else made.set(name, passage(field, field.name))
  }
  cache.set(shape, made)
  return made
}

/** By the names of JavaScript. */
export function inwardPassages(shape: Shape): Passages {
  return inwards.get(shape) ?? table(inwards, shape, true)
}

/** By the names of the contract. */
export function outwardPassages(shape: Shape): Passages {
  return outwards.get(shape) ?? table(outwards, shape, false)
}
