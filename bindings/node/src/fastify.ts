// conclave behind Fastify: maps headers and errors between HTTP and conclave, and does no more.

import { Readable } from 'node:stream'

import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify'

import { IdempotencyKeyRequiredError } from './error-classes'
import { errorOf } from './error-document'
import { ConclaveError } from './errors'
import type { Gateway } from './gateway'
import { toSSE } from './sse'
import type { StreamEvent } from './stream-event'
import type { TenantScope } from './tenant-scope'

declare module 'fastify' {
  interface FastifyRequest {
    /** Whom the API key of the request belongs to; its calls carry the id of the request. */
    tenant: TenantScope
    /** The header Idempotency-Key; IdempotencyKeyRequiredError when there is none. */
    readonly idempotencyKey: string
  }
  interface FastifyReply {
    /**
     * Answers with server-sent events; an error ahead of them is answered as any other, with its own
     * status. A client that goes away ends the wait, not the call.
     */
    sse(events: AsyncIterable<StreamEvent>): FastifyReply
  }
}

export interface ConclaveFastifyOptions {
  readonly gateway: Gateway
  /** The header with the API key: x-api-key when absent. */
  readonly header?: string
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}

function idempotencyKey(this: FastifyRequest): string {
  const key = headerOf(this, 'idempotency-key')
  if (key !== undefined && key !== '') return key
  throw new IdempotencyKeyRequiredError('the header Idempotency-Key is missing', {
    requestId: this.id,
  })
}

/** An error ahead of all other events is thrown: it has an answer, and a status, of its own. */
async function* serverSent(events: AsyncIterable<StreamEvent>): AsyncGenerator<string> {
  let begun = false
  for await (const event of events) {
    if (event.type === 'error' && !begun) throw errorOf(event.error)
    begun = true
    yield toSSE(event)
  }
}

function sse(this: FastifyReply, events: AsyncIterable<StreamEvent>): FastifyReply {
  return this.header('content-type', 'text/event-stream; charset=utf-8')
    .header('cache-control', 'no-cache')
    .send(Readable.from(serverSent(events)))
}

/** Errors of the application itself may bring no id. */
function documentOf(error: ConclaveError, request: FastifyRequest): Record<string, unknown> {
  return { ...error.toJSON(), requestId: error.requestId === '' ? request.id : error.requestId }
}

/** Any other error is left to the application's own handler. */
function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  if (!(error instanceof ConclaveError)) throw error
  if (error.retryAfterMs !== null) {
    void reply.header('retry-after', String(Math.ceil(error.retryAfterMs / 1000)))
  }
  void reply
    .code(error.httpStatus)
    .type('application/json')
    .send({ error: documentOf(error, request) })
}

const plugin: FastifyPluginCallback<ConclaveFastifyOptions> = (app, options, done) => {
  const header = (options.header ?? 'x-api-key').toLowerCase()
  app.decorateRequest('tenant')
  app.decorateRequest('idempotencyKey', { getter: idempotencyKey })
  app.decorateReply('sse', sse)
  app.setErrorHandler(answerError)
  app.addHook('onRequest', async (request) => {
    const key = headerOf(request, header) ?? ''
    const tenant = await options.gateway.authenticate(key, { requestId: request.id })
    request.tenant = tenant.forRequest(request.id)
  })
  done()
}

/**
 * Register it in the scope whose routes need a tenant: every route there answers 401 without a
 * valid API key and has `request.tenant`, `request.idempotencyKey` and `reply.sse`; errors of
 * conclave become {"error": {...}} with their HTTP status and Retry-After. Since 0.1.
 */
export const conclaveFastify = Object.assign(plugin, {
  // Routes beside it are to see it, not only those inside.
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'conclave',
})

export default conclaveFastify
