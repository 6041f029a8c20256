// From a document of the engine to what JavaScript sees: contract fields renamed, data untouched.

import type { Shape } from './fields'
import { outwardPassages } from './shapes'

/** Renames the fields of a document, and of those inside it. */
export function decode(value: unknown, shape: Shape): unknown {
  if (Array.isArray(value)) return value.map((item) => decode(item, shape))
  if (typeof value !== 'object' || value === null) return value
  const passages = outwardPassages(shape)
  const renamed: Record<string, unknown> = {}
  // What JSON.parse made has no names but its own, and this loop is the quickest.
  for (const name in value) {
    const inner = (value as Record<string, unknown>)[name]
    const passage = passages.get(name)
    // A field of a newer engine keeps its name.
    if (passage === undefined) renamed[name] = inner
    else renamed[passage.name] = passage.shape === undefined ? inner : decode(inner, passage.shape)
  }
  return renamed
}
