// Errors in the words and shape of this system.

import { ConclaveError } from 'conclave'

// Fields whose name here differs by more than its case.
const renamed = {
  primary: 'primaryProvider',
  fallbacks: 'fallbackProvider',
  instructions: 'systemPrompt',
  idempotency_key: 'Idempotency-Key',
}

const camelCase = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase())
const fieldHere = (name) => renamed[name.split('[')[0]] ?? camelCase(name)

export const unknownRoute = () => new ConclaveError('RESOURCE_NOT_FOUND', 'There is no such route')

/** Answers {"error": {code, message, details, requestId}} with the status of its code. */
export function answerError(error, request, reply) {
  const known = error instanceof ConclaveError ? error : ownError(error, request)
  const { code, httpStatus } = known
  const details = {}
  for (const [name, value] of Object.entries(known.details)) {
    details[camelCase(name)] = name === 'field' ? fieldHere(value) : value
  }
  const document = { code, message: messageHere(known), details, requestId: request.id }
  return reply.code(httpStatus).header('x-request-id', request.id).send({ error: document })
}

/** What Fastify refuses itself, and what nobody expected. */
function ownError(error, request) {
  if (error.code === 'FST_ERR_BAD_URL') return unknownRoute()
  if (error.statusCode >= 400 && error.statusCode < 500) {
    return new ConclaveError('VALIDATION_ERROR', 'request cannot be read', {
      details: { field: 'request' },
    })
  }
  request.log.error({ exception: error.name }, 'unexpected')
  return new ConclaveError('INTERNAL_ERROR', 'Unexpected error')
}

function messageHere({ code, message, details }) {
  const absent = 'not found or does not belong to this tenant'
  if (code === 'AGENT_NOT_FOUND' && details.agent_id !== undefined) {
    return `Agent with id '${details.agent_id}' ${absent}`
  }
  if (code === 'RESOURCE_NOT_FOUND' && details.session_id !== undefined) {
    return `Session with id '${details.session_id}' ${absent}`
  }
  const { field } = details
  if (field && message.startsWith(field)) return fieldHere(field) + message.slice(field.length)
  return message
}
