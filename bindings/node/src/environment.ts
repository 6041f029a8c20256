// What the environment says about TLS. The library reads no environment; users of Node.js expect it
// of a package.

import { readFileSync } from 'node:fs'

import { isPlain } from './plain'

/** Fields of `open`. */
interface Authorities {
  caFile?: string
  caDir?: string
  extraCaFile?: string
}

const fields = ['caFile', 'caDir', 'extraCaFile']

/**
 * The options of certificates that the environment stands in for, as in OpenSSL and Node.js:
 * SSL_CERT_FILE and SSL_CERT_DIR take the system's place, NODE_EXTRA_CA_CERTS comes beside them.
 * None when `options`, or the `options` in them, say whom to trust.
 */
export function environmentAuthorities(options: Record<string, unknown>): Authorities {
  const { options: gathered } = options
  const told = [options, isPlain(gathered) ? gathered : {}]
  if (told.some((some) => fields.some((field) => some[field] !== undefined))) return {}
  const { SSL_CERT_FILE, SSL_CERT_DIR, NODE_EXTRA_CA_CERTS } = process.env
  const found: Authorities = {}
  if (isGiven(SSL_CERT_FILE)) found.caFile = SSL_CERT_FILE
  if (isGiven(SSL_CERT_DIR)) found.caDir = SSL_CERT_DIR
  if (isGiven(NODE_EXTRA_CA_CERTS) && hasCertificate(NODE_EXTRA_CA_CERTS)) {
    found.extraCaFile = NODE_EXTRA_CA_CERTS
  }
  return found
}

function isGiven(value: string | undefined): value is string {
  return value !== undefined && value !== ''
}

/** Node.js itself warns of a file that it cannot load, and goes on without. */
function hasCertificate(file: string): boolean {
  try {
    // Loaded here, because few need it.
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- at first use, not before
    const { X509Certificate } = require('node:crypto') as typeof import('node:crypto')
    new X509Certificate(readFileSync(file))
    return true
  } catch {
    return false
  }
}
