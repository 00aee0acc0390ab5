// The official Bluesky PDS and a PLC directory in memory, both on 127.0.0.1 and on ports of the system's choice.
//
// node atnet.mjs PUBLIC_PORT FOLDER SITE HOST
//
// The PDS calls itself https://HOST, or http://localhost:PUBLIC_PORT if HOST is localhost; whatever listens there passes requests on to it (tests/pds.py
// does, and breaks some). It reads SITE's https documents from http://localhost:PUBLIC_PORT/site instead.
// One line of JSON says where both listen. They end with standard input, so they never outlive who started them.
import crypto from 'node:crypto'
import path from 'node:path'
import fs from 'node:fs'

const [publicPort, folder, site, hostname] = process.argv.slice(2)
const secret = (bytes) => crypto.randomBytes(bytes).toString('hex')

const realFetch = globalThis.fetch
globalThis.fetch = (input, init) => {
  const url = new URL(input.url ?? input)
  if (url.origin !== site) return realFetch(input, init)
  return realFetch(`http://127.0.0.1:${publicPort}/site${url.pathname}`, { headers: { accept: 'application/json' } })
}
const { Database, PlcServer } = await import('@did-plc/server')
const { PDS } = await import('@atproto/pds')

// Both would listen on every interface.
function onLoopback(app) {
  const listen = app.listen.bind(app)
  app.listen = () => listen(0, '127.0.0.1')
}

const plc = PlcServer.create({ db: Database.mock(), port: 0 })
onLoopback(plc.app)
const plcUrl = `http://127.0.0.1:${(await plc.start()).address().port}`

fs.mkdirSync(path.join(folder, 'blobs'), { recursive: true })
const pds = await PDS.fromEnv({
  devMode: true,
  hostname,
  port: Number(publicPort),
  dataDirectory: folder,
  blobstoreDiskLocation: path.join(folder, 'blobs'),
  didPlcUrl: plcUrl,
  plcRotationKeyK256PrivateKeyHex: secret(32),
  jwtSecret: secret(16),
  dpopSecret: secret(32),
  adminPassword: secret(16),
  serviceHandleDomains: ['.test'],
  inviteRequired: false,
  disableSsrfProtection: true,
  rateLimitsEnabled: true,
  rateLimitBypassKey: 'bypass',
})
onLoopback(pds.app)
const pdsUrl = `http://127.0.0.1:${(await pds.start()).address().port}`
console.log(JSON.stringify({ plc: plcUrl, pds: pdsUrl }))

async function end() {
  await pds.destroy()
  await plc.destroy()
  process.exit(0)
}
process.stdin.resume()
process.stdin.on('end', end)
process.on('SIGTERM', end)
