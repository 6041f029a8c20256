// The same types for CommonJS, and those of the Fastify plugin.
import conclave = require('conclave')
import { conclaveFastify } from 'conclave/fastify'
import fastify = require('fastify')

async function main(): Promise<void> {
  const gateway: conclave.Gateway = await conclave.open(':memory:')
  const app = fastify()
  await app.register(conclaveFastify, { gateway, header: 'x-api-key' })
  app.get('/', async (request, reply) => {
    const { tenant, idempotencyKey } = request
    return reply.sse(tenant.messages.stream('ses_1', 'Hi', { idempotencyKey }))
  })
  // @ts-expect-error -- the gateway is missing
  await app.register(conclaveFastify, {})
}

void main()
