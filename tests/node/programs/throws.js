// An exception that nobody catches, with calls in flight.
'use strict'

const { open } = require('conclave')

process.on('uncaughtException', () => {
  console.log('done')
  process.exit(7)
})

async function main() {
  const gateway = await open('app.db')
  await gateway.tenants.list()
  for (let i = 0; i < 50; i += 1) gateway.tenants.create({ name: `Tenant ${i}` })
  setImmediate(() => {
    throw new Error('for nobody')
  })
}

main()
