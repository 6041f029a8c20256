// What stands between the brackets of a method's call.

import { ValidationError } from './error-classes'
import { isPlain } from './plain'

/** Texts that go to C must not hold NUL. */
export function checkToken(text: unknown, field: string): string {
  if (typeof text === 'string' && text.isWellFormed() && !text.includes('\0')) return text
  refuse(field, typeof text === 'string' ? 'holds a NUL or a lone surrogate' : 'must be a text')
}

function refuse(field: string, problem: string): never {
  throw new ValidationError(`${field} ${problem}`, { details: { field } })
}

const inContract = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/**
 * The fields of a call by name. They come by position, in an object as the last argument, or both
 * ways; each once.
 */
export function gather(
  positional: readonly string[],
  given: readonly unknown[],
): Map<string, unknown> {
  const fields = new Map<string, unknown>()
  let named: Record<string, unknown> | undefined
  for (let position = 0; position < given.length; position += 1) {
    const argument = given[position]
    if (argument === undefined) continue
    const name = positional[position]
    if (named !== undefined) refuse('options', 'must be one object, the last argument')
    if (isPlain(argument)) named = argument
    else if (name !== undefined) fields.set(name, argument)
    else refuse('options', 'must be an object')
  }
  if (named === undefined) return fields
  for (const name of Object.keys(named)) {
    if (fields.has(name)) refuse(inContract(name), 'is given twice, by position and by name')
    fields.set(name, named[name])
  }
  return fields
}

/** Takes a field out: its value. */
export function takeOut(fields: Map<string, unknown>, name: string): unknown {
  const value = fields.get(name)
  fields.delete(name)
  return value
}

/** Gives the signal if it is one; those of another realm are, too. */
export function checkSignal(signal: unknown): AbortSignal | undefined {
  if (signal === undefined) return undefined
  const { aborted, addEventListener } = (signal ?? {}) as Partial<AbortSignal>
  if (typeof aborted === 'boolean' && typeof addEventListener === 'function') {
    return signal as AbortSignal
  }
  return refuse('signal', 'must be an AbortSignal')
}
