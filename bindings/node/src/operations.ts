// The operations of the contract. Written by script/generate-node from
// capi/contract/contract.json; not edited by hand.

import type {
  Agent,
  ApiKey,
  CheckReport,
  CouncilRanking,
  CreatedApiKey,
  EmbeddingVectors,
  Health,
  Page,
  PriceVersion,
  Provider,
  Reply,
  Resolution,
  Session,
  SpendReport,
  Tenant,
  Tool,
  Transcript,
  UnknownSend,
  UsageEvent,
  UsageRollup,
} from './documents'

/** By name; `positional` fields may be given by position in a call. */
export const operations = {
  'providers.register': {
    in: 'new_provider',
    out: 'provider',
    gives: 'document',
    positional: ['name'],
  },
  'providers.list': { in: 'nothing', out: 'provider_list', gives: 'items', positional: [] },
  'tools.register': { in: 'new_tool', out: 'tool', gives: 'document', positional: ['name'] },
  'tools.list': { in: 'nothing', out: 'tool_list', gives: 'items', positional: [] },
  'prices.set': {
    in: 'new_price',
    out: 'price_version',
    gives: 'document',
    positional: ['provider', 'model'],
  },
  'prices.load': { in: 'price_source', out: 'price_list', gives: 'items', positional: [] },
  'prices.list': { in: 'price_filter', out: 'price_list', gives: 'items', positional: [] },
  'tenants.create': { in: 'new_tenant', out: 'tenant', gives: 'document', positional: [] },
  'tenants.get': { in: 'by_id', out: 'tenant', gives: 'document', positional: ['id'] },
  'tenants.list': { in: 'page_request', out: 'tenant_page', gives: 'document', positional: [] },
  'tenants.update': { in: 'tenant_update', out: 'tenant', gives: 'document', positional: ['id'] },
  'tenants.suspend': { in: 'by_id', out: 'tenant', gives: 'document', positional: ['id'] },
  'tenants.activate': { in: 'by_id', out: 'tenant', gives: 'document', positional: ['id'] },
  'tenants.delete': { in: 'by_id', out: 'nothing', gives: 'nothing', positional: ['id'] },
  authenticate: { in: 'authentication', out: 'tenant', gives: 'document', positional: ['apiKey'] },
  'gateway.check': { in: 'nothing', out: 'check_report', gives: 'document', positional: [] },
  'gateway.health': { in: 'nothing', out: 'health', gives: 'document', positional: [] },
  'gateway.metrics': { in: 'nothing', out: 'document_text', gives: 'text', positional: [] },
  'gateway.new_idempotency_key': {
    in: 'nothing',
    out: 'document_text',
    gives: 'text',
    positional: [],
  },
  'gateway.backup': {
    in: 'backup_request',
    out: 'nothing',
    gives: 'nothing',
    positional: ['path'],
  },
  'gateway.advance': {
    in: 'advance_request',
    out: 'nothing',
    gives: 'nothing',
    positional: ['ms'],
  },
  'gateway.close': { in: 'close_request', out: 'nothing', gives: 'nothing', positional: [] },
  'api_keys.create': {
    in: 'new_api_key',
    out: 'created_api_key',
    gives: 'document',
    positional: [],
  },
  'api_keys.list': { in: 'page_request', out: 'api_key_page', gives: 'document', positional: [] },
  'api_keys.revoke': {
    in: 'api_key_revocation',
    out: 'api_key',
    gives: 'document',
    positional: ['id', 'reason'],
  },
  'agents.create': { in: 'new_agent', out: 'agent', gives: 'document', positional: [] },
  'agents.get': { in: 'by_id', out: 'agent', gives: 'document', positional: ['id'] },
  'agents.list': { in: 'page_request', out: 'agent_page', gives: 'document', positional: [] },
  'agents.update': { in: 'agent_update', out: 'agent', gives: 'document', positional: ['id'] },
  'agents.delete': { in: 'by_id', out: 'nothing', gives: 'nothing', positional: ['id'] },
  'sessions.create': { in: 'new_session', out: 'session', gives: 'document', positional: [] },
  'sessions.get': { in: 'by_id', out: 'session', gives: 'document', positional: ['id'] },
  'sessions.list': { in: 'session_filter', out: 'session_page', gives: 'document', positional: [] },
  'sessions.update': {
    in: 'session_update',
    out: 'session',
    gives: 'document',
    positional: ['id'],
  },
  'sessions.close': { in: 'by_id', out: 'session', gives: 'document', positional: ['id'] },
  'sessions.delete': { in: 'by_id', out: 'nothing', gives: 'nothing', positional: ['id'] },
  'sessions.transcript': {
    in: 'transcript_request',
    out: 'transcript',
    gives: 'document',
    positional: ['id'],
  },
  'sessions.export': {
    in: 'export_request',
    out: 'document_text',
    gives: 'text',
    positional: ['id', 'format'],
  },
  'messages.send': {
    in: 'send_request',
    out: 'reply',
    gives: 'document',
    positional: ['sessionId', 'content'],
  },
  'messages.stream': {
    in: 'stream_request',
    out: 'reply',
    gives: 'document',
    positional: ['sessionId', 'content'],
  },
  'messages.resolve': {
    in: 'resolve_request',
    out: 'resolution',
    gives: 'document',
    positional: [],
  },
  'messages.list_unknown': {
    in: 'page_request',
    out: 'unknown_send_page',
    gives: 'document',
    positional: [],
  },
  'embeddings.create': {
    in: 'embeddings_request',
    out: 'embedding_vectors',
    gives: 'document',
    positional: ['route', 'inputs'],
  },
  'council.run': { in: 'council_request', out: 'reply', gives: 'document', positional: [] },
  'council.reaggregate': {
    in: 'council_rule',
    out: 'council_ranking',
    gives: 'document',
    positional: ['messageId', 'rule'],
  },
  'usage.rollup': {
    in: 'rollup_request',
    out: 'usage_rollup',
    gives: 'document',
    positional: ['from', 'to'],
  },
  'usage.events': {
    in: 'usage_range',
    out: 'usage_event_page',
    gives: 'document',
    positional: ['from', 'to'],
  },
  'usage.spend': {
    in: 'usage_range',
    out: 'spend_report',
    gives: 'document',
    positional: ['from', 'to'],
  },
} as const

/** The name of an operation. */
export type Operation = keyof typeof operations

/** What each operation gives in JavaScript. */
export interface Results {
  'providers.register': Provider
  'providers.list': Provider[]
  'tools.register': Tool
  'tools.list': Tool[]
  'prices.set': PriceVersion
  'prices.load': PriceVersion[]
  'prices.list': PriceVersion[]
  'tenants.create': Tenant
  'tenants.get': Tenant
  'tenants.list': Page<Tenant>
  'tenants.update': Tenant
  'tenants.suspend': Tenant
  'tenants.activate': Tenant
  'tenants.delete': undefined
  authenticate: Tenant
  'gateway.check': CheckReport
  'gateway.health': Health
  'gateway.metrics': string
  'gateway.new_idempotency_key': string
  'gateway.backup': undefined
  'gateway.advance': undefined
  'gateway.close': undefined
  'api_keys.create': CreatedApiKey
  'api_keys.list': Page<ApiKey>
  'api_keys.revoke': ApiKey
  'agents.create': Agent
  'agents.get': Agent
  'agents.list': Page<Agent>
  'agents.update': Agent
  'agents.delete': undefined
  'sessions.create': Session
  'sessions.get': Session
  'sessions.list': Page<Session>
  'sessions.update': Session
  'sessions.close': Session
  'sessions.delete': undefined
  'sessions.transcript': Transcript
  'sessions.export': string
  'messages.send': Reply
  'messages.stream': Reply
  'messages.resolve': Resolution
  'messages.list_unknown': Page<UnknownSend>
  'embeddings.create': EmbeddingVectors
  'council.run': Reply
  'council.reaggregate': CouncilRanking
  'usage.rollup': UsageRollup
  'usage.events': Page<UsageEvent>
  'usage.spend': SpendReport
}
