// For import: the same instance that require gives.
export { conclaveFastify, conclaveFastify as default } from '../dist/fastify.js'
