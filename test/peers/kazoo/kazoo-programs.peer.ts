/** Programs of ours that use kazoo, the ZooKeeper client for Python, on a server: each says which of its checks passed. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describePeer, type ServeProcess } from '../peer.js'
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
      const { stdout, stderr } = await runPython(server, [`${name}.py`])

      const last = stdout.trim().split('\n').at(-1)
      if (!last?.startsWith('{')) throw new Error(`${name}.py did not report: ${stderr}`)
      const report: Report = JSON.parse(last)
      expect(report.failed).toEqual({})
      expect(report.passed).toHaveLength(count)
    })
  }
})
