// What `await using` calls, for the engines that do not parse it yet.
'use strict'

const { open } = require('conclave')

async function main() {
  const gateway = await open('app.db')
  await gateway.tenants.create({ name: 'Acme' })
  await gateway[Symbol.asyncDispose]()
  const { code } = await gateway.tenants.list().catch((error) => error)
  if (code === 'HANDLE_CLOSED') console.log('done')
}

main()
