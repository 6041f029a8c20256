// import and require give one instance.
import { createRequire } from 'node:module'

import * as conclave from 'conclave'
import fastifyPlugin, { conclaveFastify } from 'conclave/fastify'

const require = createRequire(import.meta.url)
const same = require('conclave')
const names = Object.keys(same).sort()
// What Node adds to the names of a CommonJS module.
const interop = new Set(['__esModule', 'module.exports'])
const imported = Object.keys(conclave).filter((name) => !interop.has(name))

const sameNames = JSON.stringify(imported.sort()) === JSON.stringify(names)
const sameValues = names.every((name) => conclave[name] === same[name])
const plugin = require('conclave/fastify').conclaveFastify
const samePlugin = plugin === conclaveFastify && plugin === fastifyPlugin

const gateway = await conclave.open('app.db')
await gateway.tenants.create({ name: 'Acme' })
const error = await gateway.tenants.get('tnt_none').catch((failure) => failure)
const sameError = error instanceof same.ConclaveError

if (sameNames && sameValues && samePlugin && sameError) console.log('done')
else console.log({ sameNames, sameValues, samePlugin, sameError, imported, names })
