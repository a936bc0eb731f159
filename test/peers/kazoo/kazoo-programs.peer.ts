/** Programs of ours that use kazoo, the ZooKeeper client for Python, on a server: each says which of its checks passed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { LOCALHOST } from '../../cli/certificates.js'
import { describePeer, type ServeProcess, startServe } from '../peer.js'
import { KAZOO, runPython, startServer } from './kazoo-peer.js'

/** How many checks each program has. Fewer fail. */
const programs = {
  operations: 24,
  refusals: 14,
  transactions: 10,
  acls: 12,
  chroots: 7,
  watches: 18,
  sessions: 17,
  locks: 14,
  gatherings: 14,
} as const

interface Report {
  readonly passed: readonly string[]
  readonly failed: Readonly<Record<string, string>>
}

describePeer('programs with kazoo', KAZOO, () => {
  let server: ServeProcess
  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(() => server.stop())

  for (const [name, count] of Object.entries(programs)) {
    it(`${name}.py: all of its ${count} checks pass`, async () => {
      const { passed, failed } = await reportOf(name, server)

      expect(failed).toEqual({})
      expect(passed).toHaveLength(count)
    })
  }
})

describePeer('programs with kazoo over TLS', KAZOO, () => {
  const folder = mkdtempSync(join(tmpdir(), 'zoolet-kazoo-'))
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  let server: ServeProcess
  beforeAll(async () => {
    writeFileSync(files.cert, LOCALHOST.cert)
    writeFileSync(files.key, LOCALHOST.key)
    server = await startServe(['--tls-cert', files.cert, '--tls-key', files.key, '--four-letter-words', '*'])
  })
  afterAll(async () => {
    await server.stop()
    rmSync(folder, { recursive: true })
  })

  for (const name of ['operations', 'acls', 'watches'] as const) {
    it(`${name}.py: all of its ${programs[name]} checks pass`, async () => {
      const { passed, failed } = await reportOf(name, server, { KAZOO_PEER_CERTIFICATE: files.cert })

      expect(failed).toEqual({})
      expect(passed).toHaveLength(programs[name])
    })
  }
})

async function reportOf(name: string, server: ServeProcess, env?: Record<string, string>): Promise<Report> {
  const { stdout, stderr } = await runPython(server, [`${name}.py`], env)
  const last = stdout.trim().split('\n').at(-1)
  if (!last?.startsWith('{')) throw new Error(`${name}.py did not report: ${stderr}`)
  const report: Report = JSON.parse(last)
  return report
}
