// What stands between the brackets of a method's call.

import { ValidationError } from './error-classes'

/** Texts that go to C must not hold NUL. */
export function checkToken(text: unknown, field: string): string {
  if (typeof text === 'string' && text.isWellFormed() && !text.includes('\0')) return text
  throw new ValidationError(`${field} must be a text without NUL`, { details: { field } })
}

function isOptions(value: unknown): value is Record<string, unknown> {
  return Object.prototype.toString.call(value) === '[object Object]'
}

/** The fields of a call by name: those by position first, then those in objects. */
export function gather(
  positional: readonly string[],
  given: readonly unknown[],
): Map<string, unknown> {
  const fields = new Map<string, unknown>()
  let position = 0
  for (const argument of given) {
    if (isOptions(argument)) {
      for (const name of Object.keys(argument)) fields.set(name, argument[name])
      continue
    }
    const name = positional[position]
    position += 1
    if (name !== undefined) {
      fields.set(name, argument)
    } else if (argument !== undefined) {
      throw new ValidationError('options must be an object', { details: { field: 'options' } })
    }
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
  throw new ValidationError('signal must be an AbortSignal', { details: { field: 'signal' } })
}
