// What the package holds and shows.
'use strict'

const assert = require('node:assert/strict')
const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')

const root = path.dirname(require.resolve('conclave/package.json'))
const addon = path.join(root, 'prebuilds', `linux-${process.arch}`, 'conclave.node')

const nm = (option) =>
  execFileSync('nm', ['-D', option, addon], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(' ').at(-1))

test('the addon shows two symbols', () => {
  assert.deepEqual(nm('--defined-only').sort(), [
    'napi_register_module_v1',
    'node_api_module_get_api_version_v1',
  ])
})

test('the addon takes Node-API and the C library from outside, and no more', () => {
  const foreign = /^(uv_|v8|_ZN2v8|_ZN4node|sqlite3|SSL_|EVP_|CRYPTO_|OPENSSL|_ZNSt)/
  assert.deepEqual(
    nm('--undefined-only').filter((name) => foreign.test(name)),
    [],
  )
  const libraries = [
    ...execFileSync('readelf', ['-d', addon], { encoding: 'utf8' }).matchAll(/NEEDED.*\[(.*)\]/g),
  ]
  const system = new Set([
    'libc.so.6',
    'libm.so.6',
    'ld-linux-x86-64.so.2',
    'ld-linux-aarch64.so.1',
  ])
  assert.deepEqual(
    libraries.map(([, name]) => name).filter((name) => !system.has(name)),
    [],
  )
})

test('the package has no dependencies and nothing that runs at install', () => {
  const { scripts = {}, dependencies } = require('conclave/package.json')
  assert.equal(dependencies, undefined)
  for (const name of ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish']) {
    assert.equal(scripts[name], undefined, name)
  }
})

test('the package holds what it needs and no sources', () => {
  const files = fs
    .readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath ?? entry.path, entry.name)))
  const expected = [
    /^(LICENSE|README\.md|package\.json)$/,
    /^dist\/[\w-]+\.(js|d\.ts)$/,
    /^dist\/prices\/\d{4}-\d\d-\d\d\.json$/,
    /^esm\/\w+\.(mjs|d\.mts)$/,
    /^prebuilds\/linux-\w+\/conclave\.node$/,
  ]
  assert.deepEqual(
    files.filter((name) => !expected.some((pattern) => pattern.test(name))),
    [],
  )
})

test('the version is that of the engine', () => {
  assert.equal(require('conclave').version, require('conclave/package.json').version)
})
