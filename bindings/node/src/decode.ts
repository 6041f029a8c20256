// From a document of the engine to what JavaScript sees: contract fields renamed, data untouched.

import { decoders, inside } from './decoders'

/** The name of a document that the engine gives. */
export type OutwardShape = keyof typeof decoders

/**
 * Renames the fields of a document, and of those inside it. The engine is the addon of this very
 * package: it writes no field that the decoders do not know.
 */
export function decode(value: unknown, shape: OutwardShape): unknown {
  return inside(value, decoders[shape])
}
