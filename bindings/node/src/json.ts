// JSON in which integers of any size survive: beyond 2^53 they are BigInt.

// A lone surrogate marks a BigInt on its way through the built-in functions. No text has one: they
// are refused on the way in, and what the engine gives is UTF-8.
const mark = '\ud800'

// Strings, to step over them, and integers long enough to be beyond 2^53.
const longInteger = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g
const maybeLong = /\d{16}/
const markedInteger = /"\\ud800(-?\d+)"/g

function revive(_key: string, value: unknown): unknown {
  return typeof value === 'string' && value.startsWith(mark) ? BigInt(value.slice(1)) : value
}

/** Reads a document of the engine. */
export function parse(text: string): unknown {
  if (!maybeLong.test(text)) return JSON.parse(text)
  const marked = text.replace(longInteger, (token) => {
    if (token.startsWith('"') || Number.isSafeInteger(Number(token))) return token
    return `"${mark}${token}"`
  })
  return JSON.parse(marked, marked === text ? undefined : revive)
}

/** Stands for a BigInt in a value given to `print`. */
export function markInteger(value: bigint): string {
  return mark + value.toString()
}

function markIntegers(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? markInteger(value) : value
}

/** Writes a value that `parse` gave, its BigInts as the integers they were. */
export function printParsed(value: unknown): string {
  return print(value, markIntegers)
}

/** Writes a value that `encode` made. */
export function print(value: unknown, replacer?: (key: string, inner: unknown) => unknown): string {
  const text = JSON.stringify(value, replacer)
  return text.includes('\\ud800') ? text.replace(markedInteger, '$1') : text
}
