// Which objects are plain data.

const tagOf = (value: unknown): string => Object.prototype.toString.call(value)

/**
 * Objects that a literal or JSON.parse makes, in this realm or another, or that have no prototype;
 * instances of classes are more than their fields.
 */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || tagOf(value) !== '[object Object]') {
    return false
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** What else it is, for words. */
export function kindOf(value: object): string {
  const tag = tagOf(value).slice('[object '.length, -1)
  return tag === 'Object' ? 'an instance of a class' : tag
}
