// JSON in which every number survives: integers beyond 2^53 as BigInt, and -0.

// A lone surrogate marks such a number on its way through the built-in functions. No text has one:
// they are refused on the way in, and what the engine gives is UTF-8.
const mark = '\ud800'

// Strings, to step over them, and integers long enough to be beyond 2^53.
const longInteger = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g
const markedNumber = /"\\ud800(-?[\d.]+)"/g

function revive(_key: string, value: unknown): unknown {
  return typeof value === 'string' && value.startsWith(mark) ? BigInt(value.slice(1)) : value
}

/** So many digits may be beyond 2^53. */
const longDigits = 16

function isDigit(text: string, at: number): boolean {
  const unit = text.charCodeAt(at)
  return unit >= 48 && unit <= 57
}

/** Looks at every 16th character: a run of 16 digits has one of them. */
function hasLongDigits(text: string): boolean {
  for (let at = longDigits - 1; at < text.length; at += longDigits) {
    if (!isDigit(text, at)) continue
    let begin = at
    while (isDigit(text, begin - 1)) begin -= 1
    let end = at + 1
    while (isDigit(text, end)) end += 1
    if (end - begin >= longDigits) return true
  }
  return false
}

/** Reads a document of the engine. */
export function parse(text: string): unknown {
  if (!hasLongDigits(text)) return JSON.parse(text)
  const marked = text.replace(longInteger, (token) => {
    if (token.startsWith('"') || Number.isSafeInteger(Number(token))) return token
    return `"${mark}${token}"`
  })
  return JSON.parse(marked, marked === text ? undefined : revive)
}

/** Stands in a value given to `print` for a number that JSON.stringify cannot write. */
export function markNumber(digits: string): string {
  return mark + digits
}

function markNumbers(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return markNumber(value.toString())
  return Object.is(value, -0) ? markNumber('-0.0') : value
}

/** Writes a value that `parse` gave, its numbers as they were. */
export function printParsed(value: unknown): string {
  return print(value, markNumbers)
}

/** Writes a value that `encode` made. */
export function print(value: unknown, replacer?: (key: string, inner: unknown) => unknown): string {
  const text = JSON.stringify(value, replacer)
  return text.includes('\\ud800') ? text.replace(markedNumber, '$1') : text
}
