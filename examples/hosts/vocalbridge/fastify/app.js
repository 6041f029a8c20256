// The application: what is done around every request, and the routes.

import { randomBytes } from 'node:crypto'

import { conclaveFastify } from 'conclave/fastify'
import Fastify, { LogController } from 'fastify'

import { readBytes } from './body.js'
import { answerError, unknownRoute } from './errors.js'
import { print } from './exact-json.js'
import { routes } from './routes.js'

/** JSON lines on standard output; `requestId` in each that a request causes. */
const logger = {
  base: null,
  timestamp: () => `,"time":"${new Date().toISOString()}"`,
  formatters: { level: (level) => ({ level }) },
}

/** One line for each request: its path, but nothing of its headers, query or body. */
function logAnswer(request, reply) {
  const path = request.url.split('?')[0]
  const latencyMs = Math.round(reply.elapsedTime)
  request.log.info({ method: request.method, path, status: reply.statusCode, latencyMs })
}

/** For a path that cannot be read: neither routes nor hooks see it. */
function answerFrameworkError(error, request, reply) {
  answerError(error, request, reply)
  logAnswer(request, reply)
}

/** Closes the gateway when it is closed itself. */
export function createApp(gateway) {
  const app = Fastify({
    logger,
    logController: new LogController({
      disableRequestLogging: true, // the hook below writes one line for each request
      requestIdLogLabel: 'requestId',
    }),
    genReqId: () => `req_${randomBytes(16).toString('hex')}`,
    exposeHeadRoutes: false,
    frameworkErrors: answerFrameworkError,
  })

  app.setReplySerializer(print)
  app.setErrorHandler(answerError)
  app.setNotFoundHandler((request, reply) => answerError(unknownRoute(), request, reply))
  // A body is read as JSON whatever it says it is, and by the route that knows its fields.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, stream) => readBytes(stream))

  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })
  app.addHook('onResponse', async (request, reply) => logAnswer(request, reply))
  app.addHook('onClose', () => gateway.close())

  app.get('/health', async () => ({ status: 'ok' }))
  app.register(
    async (v1) => {
      await v1.register(conclaveFastify, { gateway })
      // Inside a scope of their own, where this system's shape of errors comes before the plugin's.
      await v1.register(routes, { gateway })
    },
    { prefix: '/v1' },
  )
  return app
}
