// Whom TLS trusts: options first, then the environment, then the system.
'use strict'

const assert = require('node:assert/strict')
const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const https = require('node:https')
const os = require('node:os')
const path = require('node:path')
const { after, test } = require('node:test')

const { open } = require('conclave')
const { converse, freshKey } = require('./world')

const variables = ['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS']
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'conclave-'))
const missing = path.join(folder, 'missing')
const key = path.join(folder, 'key.pem')
const certificate = path.join(folder, 'certificate.pem')

const outside = variables.map((name) => [name, process.env[name]])
after(() => {
  for (const [name, value] of outside) setVariable(name, value)
  fs.rmSync(folder, { recursive: true })
})

function setVariable(name, value) {
  if (value === undefined) delete process.env[name]
  else process.env[name] = value
}

/** Opens a gateway in an environment that says nothing else of certificates. */
function openIn(environment, options = {}) {
  for (const name of variables) setVariable(name, environment[name])
  return open(':memory:', options)
}

/** The option that the engine finds wrong, if any. */
async function wrongOption(environment, options) {
  const gateway = await openIn(environment, options)
  try {
    await gateway.health()
    return undefined
  } catch (error) {
    assert.equal(error.code, 'VALIDATION_ERROR')
    assert.ok(!error.message.includes(folder), error.message)
    return error.details.field
  } finally {
    await gateway.close()
  }
}

test('variables stand in for options', async () => {
  assert.equal(await wrongOption({}), undefined)
  assert.equal(await wrongOption({ SSL_CERT_FILE: missing }), 'ca_file')
  assert.equal(await wrongOption({ SSL_CERT_DIR: missing }), 'ca_dir')
  assert.equal(await wrongOption({ SSL_CERT_DIR: `${missing}:${folder}` }), undefined)
  assert.equal(await wrongOption({ SSL_CERT_FILE: '', SSL_CERT_DIR: '' }), undefined)
})

test('an option is asked before them', async () => {
  const environment = { SSL_CERT_FILE: missing, SSL_CERT_DIR: missing }
  assert.equal(await wrongOption(environment, { caDir: folder }), undefined)
  assert.equal(await wrongOption(environment, { options: { caDir: folder } }), undefined)
  assert.equal(await wrongOption({}, { extraCaFile: missing }), 'extra_ca_file')
})

test('extra certificates that cannot be loaded are done without', async () => {
  const garbage = path.join(folder, 'garbage.pem')
  fs.writeFileSync(garbage, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')
  for (const file of [missing, folder, garbage]) {
    assert.equal(await wrongOption({ NODE_EXTRA_CA_CERTS: file }), undefined)
  }
})

/** A vendor with a certificate that it signed itself; false without the program openssl. */
function makeCertificate() {
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  const files = ['-keyout', key, '-out', certificate]
  try {
    execFileSync('openssl', ['req', '-x509', ...made, ...subject, ...files], { stdio: 'pipe' })
    return true
  } catch (error) {
    if (error.code === 'ENOENT') return false
    throw error
  }
}

async function serve(body) {
  const answer = JSON.stringify({
    choices: [{ message: { role: 'assistant', content: 'secret' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 1 },
  })
  const options = { key: fs.readFileSync(key), cert: fs.readFileSync(certificate) }
  const server = https.createServer(options, (request, response) => {
    request.resume().on('end', () => response.end(answer))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await body(`https://localhost:${server.address().port}/v1`)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

/** What a vendor behind TLS answers, or the code of the error. */
async function ask(baseUrl, environment, options) {
  const policy = { retries: 0 }
  const providers = { vendor: { kind: 'openai', baseUrl, apiKey: 'sk', policy } }
  const gateway = await openIn(environment, { ...options, providers })
  try {
    const tenant = gateway.tenant((await gateway.tenants.create({ name: 'Acme' })).id)
    const { session } = await converse(tenant, 'vendor/model')
    const reply = await tenant.messages.send(session.id, 'x', { idempotencyKey: freshKey() })
    return reply.message.content
  } catch (error) {
    return error.code
  } finally {
    await gateway.close()
  }
}

test('extra certificates are trusted beside all others', async (t) => {
  if (!makeCertificate()) return t.skip('there is no openssl')
  // In OpenSSL's form: the certificate under the hash of its subject.
  const hashed = path.join(folder, 'hashed')
  fs.mkdirSync(hashed)
  const words = ['x509', '-noout', '-subject_hash', '-in', certificate]
  const hash = execFileSync('openssl', words, { encoding: 'utf8' }).trim()
  fs.copyFileSync(certificate, path.join(hashed, `${hash}.0`))

  await serve(async (baseUrl) => {
    assert.notEqual(await ask(baseUrl, {}), 'secret')
    const extra = { NODE_EXTRA_CA_CERTS: certificate }
    assert.equal(await ask(baseUrl, extra), 'secret')
    assert.equal(await ask(baseUrl, { ...extra, SSL_CERT_DIR: folder }), 'secret')
    assert.equal(await ask(baseUrl, { SSL_CERT_FILE: certificate }), 'secret')
    assert.equal(await ask(baseUrl, { SSL_CERT_DIR: hashed }), 'secret')
    assert.equal(await ask(baseUrl, {}, { caDir: folder, extraCaFile: certificate }), 'secret')
    assert.notEqual(await ask(baseUrl, extra, { caDir: folder }), 'secret')
  })
})
