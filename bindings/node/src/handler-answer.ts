// What a handler gives: a value, or text in pieces and then the rest.

import { encodeData } from './encode'
import { ValidationError } from './error-classes'
import { print } from './json'
import { isPlain } from './plain'

/** Text in pieces; what a generator returns at its end is the rest of the answer. */
export type Pieces<Answer> =
  | AsyncGenerator<string, Answer | undefined, undefined>
  | Generator<string, Answer | undefined, undefined>
  | AsyncIterable<string>

function checkPiece(piece: unknown): string {
  if (typeof piece === 'string' && piece.isWellFormed()) return piece
  throw new TypeError('a handler must yield well-formed texts')
}

type AnyPieces = AsyncGenerator<unknown, unknown> | Generator<unknown, unknown>

function piecesOf(answer: unknown): AnyPieces | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined
  if (Symbol.asyncIterator in answer) {
    return (answer as AsyncGenerator)[Symbol.asyncIterator]()
  }
  // An array is data.
  if (Symbol.iterator in answer && !Array.isArray(answer)) {
    return (answer as Generator)[Symbol.iterator]()
  }
  return undefined
}

/** Walks the pieces to the end and gives what the generator returns. */
async function walk(pieces: AnyPieces, each: (piece: unknown) => void): Promise<unknown> {
  try {
    for (;;) {
      const step = await pieces.next()
      if (step.done === true) return step.value
      each(step.value)
    }
  } catch (error) {
    // A plain iterator may have no end to tell.
    await (pieces as Partial<AnyPieces>).return?.(undefined)
    throw error
  }
}

/** The answer's document; its pieces go to `visible` as they come. */
export async function readProviderAnswer(
  answer: unknown,
  visible: (piece: string) => void,
): Promise<Record<string, unknown>> {
  const pieces = piecesOf(answer)
  if (pieces === undefined) return providerDocument(answer)
  const rest = await walk(pieces, (piece) => {
    visible(checkPiece(piece))
  })
  return rest === undefined ? {} : providerDocument(rest)
}

function providerDocument(answer: unknown): Record<string, unknown> {
  if (typeof answer === 'string') return { text: answer }
  if (isPlain(answer)) return answer
  throw new ValidationError('a provider must answer with a text or a plain object')
}

/** Whether an answer has the text apart from where it comes from. */
function namesSources(answer: unknown): answer is { content: unknown; sources: unknown } {
  if (Object.prototype.toString.call(answer) !== '[object Object]') return false
  const keys = Object.keys(answer as object).sort()
  return keys.length === 2 && keys[0] === 'content' && keys[1] === 'sources'
}

/** The answer's document: the text that the model is told, and its sources if it names any. */
export async function readToolAnswer(answer: unknown): Promise<Record<string, unknown>> {
  if (namesSources(answer)) {
    return { content: toolText(answer.content), sources: answer.sources }
  }
  return { content: await wholeText(answer) }
}

async function wholeText(answer: unknown): Promise<string> {
  const pieces = piecesOf(answer)
  if (pieces === undefined) return toolText(answer)
  let whole = ''
  const rest = await walk(pieces, (piece) => {
    whole += checkPiece(piece)
  })
  return rest === undefined ? whole : whole + toolText(rest)
}

function toolText(answer: unknown): string {
  if (typeof answer === 'string') return answer
  if (answer === undefined) return ''
  return print(encodeData(answer))
}
