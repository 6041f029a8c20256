// For import: the same instance that require gives.
export * from '../dist/index.js'
