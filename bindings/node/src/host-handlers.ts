// Handlers of this process, callback providers and tools, asked by the engine.

import type { Channel, HostCall, HostCallListener } from './channel'
import { decode } from './decode'
import type { ProviderAnswer, ProviderRequest } from './documents'
import { encode, encodeData } from './encode'
import { errorTable } from './error-table'
import { captureOrigin } from './error-document'
import { ConclaveError } from './errors'
import { parse, print } from './json'

/** What goes with every call of a handler. */
export interface HandlerContext {
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal
}

/** What goes with a call of a tool. */
export interface ToolContext extends HandlerContext {
  readonly toolCallId: string
  readonly sessionId: string | undefined
}

/** Text in pieces; what a generator returns at its end is the rest of the answer. */
export type Pieces<Answer> =
  | AsyncGenerator<string, Answer | undefined, undefined>
  | Generator<string, Answer | undefined, undefined>
  | AsyncIterable<string>
type Awaitable<Value> = Value | PromiseLike<Value>

/**
 * Answers for a callback provider, on the thread that registered it and in the asynchronous context
 * of the call that caused it: a text, an answer, or text in pieces. What it throws is told to the
 * engine: of a ConclaveError code and retryAfterMs, of anything else INTERNAL_ERROR.
 */
export type ProviderHandler = (
  request: ProviderRequest,
  context: HandlerContext,
) => Awaitable<string | ProviderAnswer | Pieces<ProviderAnswer>>

/**
 * Answers a call of a tool, like a ProviderHandler. A text goes to the model as it is, any other
 * value as JSON. What it throws is told to the model as the tool's error, TOOL_FAILED.
 */
export type ToolHandler<Arguments = Record<string, unknown>> = (
  arguments_: Arguments,
  context: ToolContext,
) => unknown

interface ToolRequest {
  readonly toolCallId: string
  readonly arguments: unknown
  readonly sessionId?: string
}

/** What a host call brings. */
interface Wanted {
  readonly kind: 'provider' | 'tool'
  readonly name: string
  readonly request: unknown
}

type Handlers = Map<string, (request: unknown, call: OpenCall) => Promise<string>>

/** A host call that waits for its answer. */
interface OpenCall {
  readonly context: HandlerContext
  /** Makes text visible before the answer is whole. */
  readonly text: (piece: string) => void
}

export class HostHandlers implements HostCallListener {
  readonly #channel: Channel
  readonly #providers: Handlers = new Map()
  readonly #tools: Handlers = new Map()
  readonly #running = new Map<bigint, AbortController>()

  constructor(channel: Channel) {
    this.#channel = channel
    channel.hostCalls = this
  }

  /** Gives what undoes it. */
  addProvider(name: string, handler: ProviderHandler): () => void {
    return put(this.#providers, name, async (request, call) => {
      const answer = await handler(request as ProviderRequest, call.context)
      return print(encode(await readProviderAnswer(answer, call), 'provider_answer'))
    })
  }

  addTool(name: string, handler: ToolHandler): () => void {
    return put(this.#tools, name, async (request, call) => {
      const { toolCallId, arguments: arguments_, sessionId } = request as ToolRequest
      const context: ToolContext = { ...call.context, toolCallId, sessionId }
      const answer: unknown = await handler(arguments_ as Record<string, unknown>, context)
      return print(encode({ content: await readToolAnswer(answer) }, 'tool_result'))
    })
  }

  called({ call, document, run }: HostCall): void {
    const abort = new AbortController()
    this.#running.set(call, abort)
    run(() => {
      void this.#serve(call, document, abort.signal)
    })
  }

  ended(call: bigint): void {
    this.#running.get(call)?.abort()
    this.#running.delete(call)
  }

  /** Never rejects. */
  async #serve(call: bigint, document: string, signal: AbortSignal): Promise<void> {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- names the frame to leave out
    const origin = captureOrigin(this.called)
    const wanted = parse(document) as Wanted
    try {
      const answer = await this.#ask(wanted, this.#openCall(call, signal))
      const refused = this.#channel.reply(call, 0, answer, origin)
      if (refused !== undefined) throw refused
    } catch (error) {
      const { status, document: failure } = failureOf(error, wanted.kind)
      this.#channel.reply(call, status, failure, origin)
    } finally {
      this.#running.delete(call)
    }
  }

  #openCall(call: bigint, signal: AbortSignal): OpenCall {
    return {
      context: { signal },
      text: (piece) => {
        this.#channel.replyText(call, checkPiece(piece))
      },
    }
  }

  async #ask(wanted: Wanted, call: OpenCall): Promise<string> {
    const provider = wanted.kind === 'provider'
    const handler = (provider ? this.#providers : this.#tools).get(wanted.name)
    if (handler === undefined) {
      throw new Error(`the ${wanted.kind} ${wanted.name} has no handler in this gateway`)
    }
    return handler(decode(wanted.request, provider ? 'provider_request' : 'tool_request'), call)
  }
}

function put<Value>(map: Map<string, Value>, name: string, value: Value): () => void {
  const before = map.get(name)
  map.set(name, value)
  return () => {
    if (before === undefined) map.delete(name)
    else map.set(name, before)
  }
}

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

async function readProviderAnswer(
  answer: unknown,
  call: OpenCall,
): Promise<Record<string, unknown>> {
  const pieces = piecesOf(answer)
  if (pieces === undefined) return providerDocument(answer)
  const rest = await walk(pieces, (piece) => {
    if (call.context.signal.aborted) throw new Error('nobody waits for the answer any more')
    call.text(piece as string)
  })
  return rest === undefined ? {} : providerDocument(rest)
}

function providerDocument(answer: unknown): Record<string, unknown> {
  if (typeof answer === 'string') return { text: answer }
  if (Object.prototype.toString.call(answer) === '[object Object]') {
    return answer as Record<string, unknown>
  }
  throw new TypeError('a provider must answer with a text or an object')
}

async function readToolAnswer(answer: unknown): Promise<string> {
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

function failureOf(error: unknown, kind: Wanted['kind']): { status: number; document: string } {
  const code = kind === 'tool' ? 'TOOL_FAILED' : 'INTERNAL_ERROR'
  const message = error instanceof Error ? error.message : String(error)
  const known = error instanceof ConclaveError
  const document: Record<string, unknown> = { message: message.toWellFormed() }
  if (known && error.retryAfterMs !== null) document['retry_after_ms'] = error.retryAfterMs
  return {
    status: errorTable[known ? error.code : code].number,
    document: JSON.stringify(document),
  }
}
