// conclave for Node.js: an embeddable, multi-tenant AI agent gateway.

import { native } from './native'

export type * from './documents'
export type { ErrorCode } from './error-table'
export { ConclaveError, type ErrorFacts } from './errors'
export * from './error-classes'
export { Gateway } from './gateway'
export type { Pieces } from './handler-answer'
export type {
  HandlerContext,
  HandlerErrorMessage,
  ProviderHandler,
  ToolContext,
  ToolHandler,
} from './host-handlers'
export { MessageStream } from './message-stream'
export type { SendOptions, StreamOptions } from './messages'
export { open, type OpenOptions } from './open'
export type { NamedProvider, ProviderOptions } from './providers'
export type { CallOptions } from './scope'
export { toSSE } from './sse'
export type * from './stream-event'
export { TenantScope } from './tenant-scope'
export type { ToolOptions, UnnamedTool } from './tools'

/** The version of the engine. */
export const version: string = native.version()

/** The contract: every operation with the JSON Schemas of its documents, every error. */
export function describe(): unknown {
  return JSON.parse(native.describe())
}
