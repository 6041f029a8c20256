// What loading the package leaves behind.
'use strict'

const fs = require('node:fs')

const threads = () => fs.readdirSync('/proc/self/task').length
const before = process.getActiveResourcesInfo()
const threadsBefore = threads()
require('conclave')
const threadsAfter = threads()
const handles = process.getActiveResourcesInfo().filter((name) => !before.includes(name))
console.log(JSON.stringify({ handles, threadsBefore, threadsAfter }))
