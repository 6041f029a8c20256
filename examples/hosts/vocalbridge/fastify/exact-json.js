// JSON whose decimals are written digit by digit: they never become binary floating point.

/** A number by its decimal text, such as a cost that conclave gives. */
export class Decimal {
  #text

  constructor(text) {
    this.#text = text
  }

  toString() {
    return this.#text
  }
}

/** null stays null. */
export const decimal = (text) => (text === null ? null : new Decimal(text))

export function print(value) {
  if (value instanceof Decimal) return value.toString()
  if (Array.isArray(value)) return `[${value.map(print).join(',')}]`
  if (typeof value === 'bigint') return value.toString()
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const members = Object.entries(value).map(([name, v]) => `${JSON.stringify(name)}:${print(v)}`)
  return `{${members.join(',')}}`
}
