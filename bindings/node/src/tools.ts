// Tools of the process, and their handlers.

import { gather } from './arguments'
import type { NewTool, Tool } from './documents'
import { ValidationError } from './error-classes'
import type { HostHandlers, ToolHandler } from './host-handlers'
import { ToolOperations } from './nouns'
import { operations } from './operations'
import type { CallOptions, Scope } from './scope'

/** A tool with the handler that runs inside the send. */
export type ToolOptions<Arguments> = NewTool & { readonly handler: ToolHandler<Arguments> }

/** The same without its name. */
export type UnnamedTool<Arguments> = Omit<NewTool, 'name'> & {
  readonly handler: ToolHandler<Arguments>
}

/** Gives the handler if it is a function. */
export function checkHandler(handler: unknown): (...given: never[]) => unknown {
  if (typeof handler === 'function') return handler as () => unknown
  throw new ValidationError('handler must be a function', { details: { field: 'handler' } })
}

/** `tools.*` */
export class Tools extends ToolOperations {
  readonly #handlers: HostHandlers

  /** @internal */
  constructor(scope: Scope, handlers: HostHandlers) {
    super(scope)
    this.#handlers = handlers
  }

  /** Adds a tool or takes the place of one of the same name. */
  register<Arguments = Record<string, unknown>>(
    name: string,
    tool: UnnamedTool<Arguments> & CallOptions,
  ): Promise<Tool>
  register<Arguments = Record<string, unknown>>(
    tool: ToolOptions<Arguments> & CallOptions,
  ): Promise<Tool>
  async register(...given: unknown[]): Promise<Tool> {
    const { positional } = operations['tools.register']
    const { handler, ...document } = Object.fromEntries(gather(positional, given))
    const checked = checkHandler(handler) as ToolHandler
    const undo = this.#handlers.addTool(String(document['name']), checked)
    try {
      return await this.scope.call('tools.register', [document])
    } catch (error) {
      undo()
      throw error
    }
  }
}
