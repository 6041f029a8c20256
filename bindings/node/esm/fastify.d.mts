// For import: the same instance that require gives.
export * from '../dist/fastify.js'
export { conclaveFastify as default } from '../dist/fastify.js'
