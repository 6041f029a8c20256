// The REST surface below /v1: routes, and what each of them does.

import { Body, refuse } from './body.js'
import * as documents from './documents.js'
import { answerError } from './errors.js'
import { vendors } from './service.js'

const agentFields = ['name', 'primaryProvider', 'fallbackProvider', 'systemPrompt']

// --- Pieces of requests --------------------------------------------------------------------------

function vendor(name, field) {
  return vendors.includes(name) ? name : refuse(field, `must be one of ${vendors.join(' ')}`)
}

/** Absent: no change. null: no fallback. */
function fallbacks(body) {
  const field = 'fallbackProvider'
  if (body.isNull(field)) return []
  const name = body.maybeText(field)
  return name === undefined ? undefined : [vendor(name, field)]
}

function day(query, name) {
  return query[name] || refuse(name, 'is missing')
}

function page({ limit, cursor }) {
  if (limit !== undefined && !/^-?[0-9]{1,15}$/.test(limit)) {
    refuse('limit', 'must be a whole number')
  }
  return { limit: limit === undefined ? undefined : Number(limit), cursor }
}

// --- Routes --------------------------------------------------------------------------------------

/** Needs `request.tenant`, which carries the request's id, and `request.idempotencyKey`. */
export async function routes(app, { gateway }) {
  app.setErrorHandler(answerError)

  app.get('/me', async ({ tenant, id: requestId }) => {
    const record = await gateway.tenants.get(tenant.id, { requestId })
    return documents.me(record, await gateway.prices.list({ requestId }))
  })

  app.get('/agents', async ({ tenant }) => {
    const agents = []
    let cursor
    do {
      const { items, nextCursor } = await tenant.agents.list({ limit: 1000, cursor })
      agents.push(...items.map(documents.agent))
      cursor = nextCursor ?? undefined
    } while (cursor !== undefined)
    return { agents }
  })

  app.post('/agents', async (request, reply) => {
    const body = new Body(request.body, ...agentFields)
    const agent = await request.tenant.agents.create({
      name: body.text('name'),
      primary: vendor(body.text('primaryProvider'), 'primaryProvider'),
      fallbacks: fallbacks(body),
      instructions: body.maybeText('systemPrompt'),
    })
    reply.code(201)
    return { agent: documents.agent(agent) }
  })

  app.get('/agents/:id', async ({ tenant, params }) => {
    return { agent: documents.agent(await tenant.agents.get(params.id)) }
  })

  app.put('/agents/:id', async (request) => {
    const body = new Body(request.body, ...agentFields)
    const primary = body.maybeText('primaryProvider')
    const agent = await request.tenant.agents.update(request.params.id, {
      name: body.maybeText('name'),
      primary: primary === undefined ? undefined : vendor(primary, 'primaryProvider'),
      fallbacks: fallbacks(body),
      instructions: body.maybeText('systemPrompt'),
    })
    return { agent: documents.agent(agent) }
  })

  app.post('/sessions', async (request, reply) => {
    const body = new Body(request.body, 'agentId', 'customerId', 'metadata')
    const session = await request.tenant.sessions.create({
      agentId: body.text('agentId'),
      customerId: body.maybeText('customerId'),
      metadata: body.maybeObject('metadata'),
    })
    reply.code(201)
    return { session: documents.session(session) }
  })

  app.get('/sessions/:id/transcript', async ({ tenant, params, query }) => {
    const part = await tenant.sessions.transcript(params.id, page(query))
    return {
      session: documents.session(part.session),
      messages: part.messages.map(documents.message),
      nextCursor: part.nextCursor,
    }
  })

  app.post('/sessions/:id/messages', async (request, reply) => {
    const { tenant, idempotencyKey, params } = request
    const body = new Body(request.body, 'role', 'content')
    if ((body.maybeText('role') ?? 'user') !== 'user') refuse('role', 'must be `user`')
    const answer = await tenant.messages.send(params.id, body.text('content'), { idempotencyKey })
    reply.code(answer.metadata.idempotency.replayed ? 200 : 201)
    return documents.reply(answer)
  })

  app.get('/usage/rollup', async ({ tenant, query }) => {
    const range = { from: day(query, 'from'), to: day(query, 'to') }
    return documents.rollup(await tenant.usage.rollup(range))
  })

  app.get('/usage/events', async ({ tenant, query }) => {
    const range = { from: day(query, 'from'), to: day(query, 'to') }
    const part = await tenant.usage.events({ ...range, ...page(query) })
    return { events: part.items.map(documents.event), nextCursor: part.nextCursor }
  })
}
