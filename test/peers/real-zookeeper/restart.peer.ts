/**
 * A real Apache ZooKeeper that is killed and started again while zoolet's clients write: whatever was acknowledged is there, and
 * every client goes on with its session. And what becomes of clients while it is away.
 */
import { describe, expect, it, onTestFinished } from 'vitest'
import { dial, dialRecorded, until } from '../../node/network.js'
import { codeOf } from '../../semantics/fixture.js'
import { describePeer } from '../peer.js'
import { REAL_SERVER_NEED, RestartableServer } from './restartable-server.js'
import { Writer } from './writers.js'

const PATIENCE_MS = 60_000
const WRITERS = 4
const RESTARTS = 2
/** Of each writer, before each restart and after the last. */
const WRITES = 100

async function startServer(): Promise<RestartableServer> {
  const server = await RestartableServer.start()
  onTestFinished(() => server.remove())
  return server
}

interface Crew {
  readonly writers: readonly Writer[]
  /** What each of their clients heard. */
  readonly heard: readonly (readonly string[])[]
}

async function startWriters(connectString: string): Promise<Crew> {
  const options = { sessionTimeoutMs: 10_000, connectTimeoutMs: 30_000 }
  const clients = Array.from({ length: WRITERS }, () => dialRecorded(connectString, options))
  const all = await Promise.all(clients)
  const writers = all.map(({ zk }, i) => new Writer(zk, `/writer${i}`))
  await Promise.all(writers.map((writer) => writer.start()))
  return { writers, heard: all.map(({ events }) => events) }
}

/** Waits until each has so many more acknowledged. */
async function untilWritten(writers: readonly Writer[], count: number): Promise<void> {
  const goals = writers.map(({ acknowledged }) => acknowledged.length + count)
  const isWritten = (writer: Writer, i: number): boolean => writer.acknowledged.length >= (goals[i] ?? 0)
  await until(() => writers.every(isWritten), PATIENCE_MS)
}

describePeer('a real Apache ZooKeeper that is killed', REAL_SERVER_NEED, () => {
  describe('under load', () => {
    it(`and started again, ${RESTARTS} times, has all that it acknowledged, and the clients go on`, async () => {
      const server = await startServer()
      const { writers, heard } = await startWriters(server.connectString)
      const sessionIds = writers.map(({ zk }) => zk.sessionId)

      for (let i = 0; i < RESTARTS; i++) {
        await untilWritten(writers, WRITES)
        await server.kill()
        await server.run()
      }
      await untilWritten(writers, WRITES)
      await Promise.all(writers.map((writer) => writer.stop()))

      const reader = await dial(server.connectString)
      for (const { root, acknowledged, unknown } of writers) {
        const found = new Set((await reader.getChildren(root)).children)
        expect(acknowledged.filter((name) => !found.has(name))).toEqual([])
        expect(found.size).toBeLessThanOrEqual(acknowledged.length + unknown.length)
        // A writer has one call under way; no restart can cost it more.
        expect(unknown.length).toBeLessThanOrEqual(RESTARTS)
      }
      const alive = await Promise.all(writers.map(({ root }) => reader.exists(`${root}-alive`)))
      expect(alive.map((stat) => stat?.ephemeralOwner)).toEqual(sessionIds)
      const life = [
        'None SyncConnected',
        ...new Array(RESTARTS).fill(['None Disconnected', 'None SyncConnected']),
      ]
      expect(heard).toEqual(new Array(WRITERS).fill(life.flat()))
    })
  })

  describe('and stays away', () => {
    it('ends a client that expires by itself, and another one tries on, and comes back to its short session', async () => {
      const server = await startServer()
      const options = { sessionTimeoutMs: 2000, connectTimeoutMs: 1000 }
      const mortal = await dialRecorded(server.connectString, { ...options, expiresLocally: true })
      const patient = await dialRecorded(server.connectString, options)
      const { sessionId } = patient.zk
      await patient.zk.create('/e', null, { mode: 'EPHEMERAL' })

      await server.kill()
      await until(() => mortal.zk.state === 'CLOSED', PATIENCE_MS)
      const meanwhile = [patient.zk.state, await codeOf(patient.zk.exists('/e'))]
      await server.run()
      await until(() => patient.events.length === 3, PATIENCE_MS)

      expect(mortal.events).toEqual(['None SyncConnected', 'None Disconnected', 'None Expired'])
      expect(meanwhile).toEqual(['CONNECTING', 'CONNECTIONLOSS'])
      expect(patient.events).toEqual(['None SyncConnected', 'None Disconnected', 'None SyncConnected'])
      expect((await patient.zk.exists('/e'))?.ephemeralOwner).toBe(sessionId)
    })
  })
})
