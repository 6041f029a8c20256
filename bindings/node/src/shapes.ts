// The rename tables in the form in which encoding reads them.

import { fields, type Field, type Shape } from './fields'

/** A field by its name in JavaScript. */
export interface Passage {
  /** Its name in the contract. */
  readonly name: string
  readonly shape: Shape | undefined
  readonly data: boolean
  readonly time: 'date' | 'date-time' | undefined
}

// Made at first use: most programs need few of the documents.
const tables = new Map<Shape, ReadonlyMap<string, Passage>>()

function table(shape: Shape): ReadonlyMap<string, Passage> {
  const made = new Map<string, Passage>()
  for (const [name, field] of Object.entries<Field>(fields[shape])) {
    const { shape: inner, data = false, time } = field
    made.set(field.name, { name, shape: inner as Shape | undefined, data, time })
  }
  tables.set(shape, made)
  return made
}

/** The fields of a document by their names in JavaScript. */
export function passagesOf(shape: Shape): ReadonlyMap<string, Passage> {
  return tables.get(shape) ?? table(shape)
}
