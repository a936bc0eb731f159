/** load_gen of ZooKeeper's C client: it creates, writes and deletes znodes without a pause, and can delete the tree of them. */
import { existsSync } from 'node:fs'
import { expect, it, onTestFinished } from 'vitest'
import { describePeer, run, startServe } from '../peer.js'

const PATH = '/usr/lib/zookeeper/bin/load_gen'
const LOAD_GEN = {
  name: 'load_gen',
  find: () => existsSync(PATH),
  install: 'apt-get install zookeeper-bin',
}
/** It writes until it is killed. */
const LOAD_MS = 5000

describePeer('load_gen of the C client', LOAD_GEN, () => {
  it('writes as long as it is let, and leaves nothing when it is told to clean up', async () => {
    const server = await startServe()
    onTestFinished(async () => void (await server.stop()))

    const load = await run(PATH, [server.connectString, '/load', '2000'], { timeoutMs: LOAD_MS })
    const clean = await run(PATH, [server.connectString, '/load', 'clean'])

    expect(load.stderr).toContain('Starting the write cycle for path /load')
    expect(clean.stderr).toMatch(/Successfully deleted a subtree starting at \/load \(\d+ nodes\)/)
    expect(clean.code).toBe(0)
  })
})
