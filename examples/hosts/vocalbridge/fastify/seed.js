// Creates two tenants, two agents each, and prints their API keys as `name: key`, which are shown
// this once. Each run makes new ones.

import { openService } from './service.js'

const gateway = await openService()
for (const name of ['Acme Corporation', 'Globex Industries']) {
  const tenant = gateway.tenant((await gateway.tenants.create({ name })).id)
  await tenant.agents.create({
    name: 'Sales Agent',
    primary: 'vendorB',
    fallbacks: ['vendorA'],
    instructions: 'You are a friendly sales agent.',
  })
  await tenant.agents.create({
    name: 'Customer Support Agent',
    primary: 'vendorA',
    fallbacks: ['vendorB'],
    instructions: 'You are a helpful customer support agent.',
  })
  console.log(`${name}: ${(await tenant.apiKeys.create({ name: 'seed' })).secret}`)
}
await gateway.close()
