// What the environment says. The library never reads it; a host may.

const { env } = process

export const settings = {
  host: env.HOST || '127.0.0.1',
  port: Number(env.PORT || 3000),
  store: (env.DATABASE_URL || 'file:./dev.db').replace(/^file:/, ''),
  vendorAUrl: env.VENDOR_A_URL || 'http://127.0.0.1:9101/vendor-a/generate',
  vendorBUrl: env.VENDOR_B_URL || 'http://127.0.0.1:9101/vendor-b/complete',
}
