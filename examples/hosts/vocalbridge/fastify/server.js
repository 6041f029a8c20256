// Serves until SIGINT or SIGTERM.

import { createApp } from './app.js'
import { openService } from './service.js'
import { settings } from './settings.js'

const app = createApp(await openService())
await app.listen({ host: settings.host, port: settings.port })

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => app.close())
