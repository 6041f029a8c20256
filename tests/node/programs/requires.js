// What loading the package leaves behind.
'use strict'

const fs = require('node:fs')

const count = () => ({
  threads: fs.readdirSync('/proc/self/task').length,
  descriptors: fs.readdirSync('/proc/self/fd').length,
})
const handlesBefore = process.getActiveResourcesInfo()
const before = count()
require('conclave')
const after = count()
const handles = process.getActiveResourcesInfo().filter((name) => !handlesBefore.includes(name))
console.log(JSON.stringify({ before, after, handles }))
