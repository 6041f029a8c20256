// The gateway as this system uses it: two vendors with their wire, policy and price. A vendor needs
// no code: a request template and JSON pointers describe it.

import { open } from 'conclave'

import { settings } from './settings.js'

export const vendors = ['vendorA', 'vendorB']

const vendorA = {
  kind: 'mapped',
  baseUrl: settings.vendorAUrl,
  policy: 'vocalbridge',
  mapped: {
    requestTemplate: '{"messages": "{{messages}}"}',
    text: '/outputText',
    tokensIn: '/tokensIn',
    tokensOut: '/tokensOut',
    errorCode: '/error/code',
    errorMessage: '/error/message',
  },
}

const vendorB = {
  kind: 'mapped',
  baseUrl: settings.vendorBUrl,
  policy: 'vocalbridge',
  mapped: {
    requestTemplate: '{"input": "{{messages}}"}',
    text: '/choices/0/message/content',
    tokensIn: '/usage/input_tokens',
    tokensOut: '/usage/output_tokens',
    errorCode: '/error/type',
    errorMessage: '/error/message',
    retryAfterMs: '/error/retryAfterMs',
  },
}

/** Opens the store with both vendors registered and priced. */
export function openService() {
  return open(settings.store, {
    providers: { vendorA, vendorB },
    prices: [
      { provider: 'vendorA', model: '*', usdPer1kTokens: '0.002' },
      { provider: 'vendorB', model: '*', usdPer1kTokens: '0.003' },
    ],
  })
}
