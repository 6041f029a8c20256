// Handlers of this process, callback providers and tools, asked by the engine.

import { channel as diagnosticsChannel } from 'node:diagnostics_channel'

import type { Channel, HostCall, HostCallListener } from './channel'
import { decode } from './decode'
import type { ProviderAnswer, ProviderRequest } from './documents'
import { encode } from './encode'
import { errorTable } from './error-table'
import { ConclaveError } from './errors'
import { readProviderAnswer, readToolAnswer, type Pieces } from './handler-answer'
import { parse, print } from './json'

/** What goes with every call of a handler. */
export interface HandlerContext {
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal
}

/** What goes with a call of a tool. */
export interface ToolContext extends HandlerContext {
  readonly toolCallId: string
}

type Awaitable<Value> = Value | PromiseLike<Value>

/**
 * Answers for a callback provider, on the thread that registered it and in the asynchronous context
 * of the call that caused it: a text, an answer, or text in pieces. What it throws is told to the
 * engine: of a ConclaveError code and retryAfterMs, of anything else INTERNAL_ERROR. The error
 * itself is published on the diagnostics channel `conclave:handler:error`.
 */
export type ProviderHandler = (
  request: ProviderRequest,
  context: HandlerContext,
) => Awaitable<string | ProviderAnswer | Pieces<ProviderAnswer>>

/**
 * Answers a call of a tool, like a ProviderHandler. A text goes to the model as it is, any other
 * value as JSON; of an object of `content` and `sources` alone the content, and the sources go into
 * the reply. What it throws is told to the model as the tool's error, TOOL_FAILED.
 */
export type ToolHandler<Arguments = Record<string, unknown>> = (
  arguments_: Arguments,
  context: ToolContext,
) => unknown

/** What subscribers of the diagnostics channel `conclave:handler:error` get. Since 0.1. */
export interface HandlerErrorMessage {
  readonly kind: 'provider' | 'tool'
  /** Of the provider or tool. */
  readonly name: string
  /** What its handler threw, or why its answer was refused. */
  readonly error: unknown
}

/** For logs of the host: callers are told a code, since the words may be none of their business. */
const handlerErrors = diagnosticsChannel('conclave:handler:error')

interface ToolRequest {
  readonly toolCallId: string
  readonly arguments: unknown
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
  /** Shows text before the answer is whole. Throws when nobody looks any more. */
  readonly visible: (piece: string) => void
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
      const document = await readProviderAnswer(answer, call.visible)
      return print(encode(Object.entries(document), 'provider_answer'))
    })
  }

  addTool(name: string, handler: ToolHandler): () => void {
    return put(this.#tools, name, async (request, call) => {
      const { toolCallId, arguments: arguments_ } = request as ToolRequest
      const context: ToolContext = { ...call.context, toolCallId }
      const answer: unknown = await handler(arguments_ as Record<string, unknown>, context)
      const document = await readToolAnswer(answer)
      return print(encode(Object.entries(document), 'tool_result'))
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
    const wanted = parse(document) as Wanted
    try {
      const answer = await this.#ask(wanted, this.#openCall(call, signal))
      const refused = this.#channel.reply(call, 0, answer)
      if (refused !== undefined) throw refused
    } catch (error) {
      const { kind, name } = wanted
      handlerErrors.publish({ kind, name, error } satisfies HandlerErrorMessage)
      const { status, document: failure } = failureOf(error, wanted.kind)
      const refused = this.#channel.reply(call, status, failure)
      // Facts that the engine does not take, such as a negative delay, are left out.
      if (refused !== undefined) this.#channel.reply(call, status, '{}')
    } finally {
      this.#running.delete(call)
    }
  }

  #openCall(call: bigint, signal: AbortSignal): OpenCall {
    return {
      context: { signal },
      visible: (piece) => {
        if (signal.aborted) throw new Error('nobody waits for the answer any more')
        this.#channel.replyText(call, piece)
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

/** The status of a failing handler, and what the engine is told of it. */
function failureOf(error: unknown, kind: Wanted['kind']): { status: number; document: string } {
  if (!(error instanceof ConclaveError)) {
    const code = kind === 'tool' ? 'TOOL_FAILED' : 'INTERNAL_ERROR'
    return {
      status: errorTable[code].number,
      document: JSON.stringify({ message: wordsOf(error) }),
    }
  }
  const { code, retryAfterMs } = error
  const document: Record<string, unknown> = { message: wordsOf(error) }
  if (retryAfterMs !== null) document['retry_after_ms'] = retryAfterMs
  return { status: errorTable[code].number, document: JSON.stringify(document) }
}

/** Anything can be thrown. */
function wordsOf(error: unknown): string {
  const words: unknown = error instanceof Error ? error.message : error
  return typeof words === 'string' ? words.toWellFormed() : 'the handler threw no Error'
}
