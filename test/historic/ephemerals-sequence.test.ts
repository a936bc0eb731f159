/**
 * Bugs that ZooKeeper, its clients and its doubles once had with sequence numbers, cversion and pzxid (67 to 70 of the bank). Each
 * test fails if zoolet has the bug.
 */
import { describe, expect, it } from 'vitest'
import { EmbeddedZooKeeper, Op, type Snapshot, type ZooKeeper } from '../../src/index.js'
import { dial, startNetwork } from '../node/network.js'
import { codeOf, connectRaw, create, startServer, startWorld } from '../semantics/fixture.js'

const SEQUENTIAL = { mode: 'PERSISTENT_SEQUENTIAL' } as const

/** The state of a fresh server on whose root so many children were created. */
function snapshotWithCount(createdCount: number): Snapshot {
  const snapshot = startServer().zoo.snapshot()
  const znodes = snapshot.znodes.map((node) => (node.path === '/' ? { ...node, createdCount } : node))
  return { ...snapshot, znodes }
}

describe('67. CK-17700, CK-115457: numbers, cversion and pzxid count the wrong changes', () => {
  describe('CK-17700: a sequence number counts the sequential creates only', () => {
    it('it counts every creation of a child, and no deletion and no failure', async () => {
      const { zk } = await startWorld()
      await zk.create('/p')
      const paths: string[] = []
      const next = async (): Promise<unknown> => paths.push(await zk.create('/p/n', null, SEQUENTIAL))

      await next()
      await zk.create('/p/plain')
      await next()
      await zk.create('/p/e', null, { mode: 'EPHEMERAL' })
      await zk.create('/p/c', null, { mode: 'CONTAINER' })
      await zk.delete('/p/plain')
      await codeOf(zk.create('/p/e'))
      await zk.create('/p/e2')
      await zk.setData('/p', 'x')
      await next()
      await zk.multi([Op.create('/p/m'), Op.delete('/p/m')])
      await next()

      expect(paths).toEqual(['/p/n0000000000', '/p/n0000000002', '/p/n0000000006', '/p/n0000000008'])
    })
  })

  describe('CK-115457: cversion is bumped by the data of a child, pzxid is not by its deletion', () => {
    it('cversion goes 0, 1, 1, 2, and pzxid is the zxid of the creation and of the deletion', async () => {
      const { zoo, zk } = await startWorld()
      const rows: unknown[] = []
      const note = async (): Promise<void> => {
        const stat = await zk.exists('/p')
        const { zxid } = zoo.reports.counts()
        rows.push([stat?.cversion, stat?.pzxid === zxid, stat?.version, stat?.mzxid === stat?.czxid])
      }

      await zk.create('/p')
      await note()
      await zk.create('/p/a')
      await note()
      await zk.setData('/p/a', 'x')
      await note()
      await zk.delete('/p/a')
      await note()

      expect(rows).toEqual([
        [0, true, 0, true],
        [1, true, 0, true],
        [1, false, 0, true],
        [2, true, 0, true],
      ])
    })

    it.each(['close', 'expiry', 'multi', 'sweep'])('pzxid also moves with a deletion by %s', async (how) => {
      const { zoo, zk, clock } = await startWorld()
      await zk.create('/p')
      const owner = await zoo.connect()
      await owner.create('/p/e', null, { mode: 'EPHEMERAL' })
      if (how === 'sweep') await zk.create('/p/t', null, { mode: 'PERSISTENT_WITH_TTL', ttlMs: 1 })

      if (how === 'close') await owner.close()
      if (how === 'expiry') zoo.expire(owner)
      if (how === 'multi') await zk.multi([Op.setData('/p', 'x'), Op.delete('/p/e')])
      if (how === 'sweep') await clock.advance(60_001)

      expect((await zk.exists('/p'))?.pzxid).toBe(zoo.reports.counts().zxid)
    })

    it('neither setACL of a child nor anything below it moves either', async () => {
      const { zk } = await startWorld()
      await zk.createAll('/p/a')
      const before = await zk.exists('/p')

      await zk.setACL('/p/a', [{ perms: 31, scheme: 'world', id: 'anyone' }])
      await zk.create('/p/a/b')
      await zk.delete('/p/a/b')

      expect(await zk.exists('/p')).toEqual(before)
    })
  })
})

describe('68. ZK-1046: a sequential create gives NODEEXISTS after a restart', () => {
  it.each([0, 1, 5])('it goes on where it was, after %d of five were deleted', async (deleted) => {
    const { zoo, zk } = await startWorld()
    await zk.create('/p')
    const made: string[] = []
    for (let i = 0; i < 5; i++) made.push(await zk.create('/p/n', null, SEQUENTIAL))
    // The last ones: their numbers would be given out again by whoever counts children.
    for (const path of made.slice(5 - deleted)) await zk.delete(path)
    const restarted = new EmbeddedZooKeeper({ snapshot: structuredClone(zoo.snapshot()) })
    const again = await restarted.connect()

    const paths = [
      await again.create('/p/n', null, SEQUENTIAL),
      await again.create('/p/n', null, { mode: 'EPHEMERAL_SEQUENTIAL' }),
    ]

    expect(paths).toEqual(['/p/n0000000005', '/p/n0000000006'])
    expect((await again.exists('/p'))?.cversion).toBe(5 + deleted + 2)
    await restarted.close()
  })
})

describe('69. ZK-1206, 4372: how a sequence number is written', () => {
  describe('ZK-1206: its digits are those of the locale', () => {
    it.each([0, 7, 1_234_567_890, 2_147_483_647])('%d is written with ten ASCII digits', (count) => {
      const { zoo } = startServer({ snapshot: snapshotWithCount(count) })

      const reply = connectRaw(zoo).ask(create('/n', SEQUENTIAL))

      const digits = String(count).padStart(10, '0')
      expect(reply?.response).toEqual({ type: 'path', path: `/n${digits}` })
    })
  })

  describe('ZK-4372: it is negative after 2,147,483,647', () => {
    it('it goes on and grows, and never collides (D20)', () => {
      const { zoo } = startServer({ snapshot: snapshotWithCount(2 ** 31 - 3) })
      const raw = connectRaw(zoo)

      const paths = Array.from({ length: 6 }, () => raw.ask(create('/n', SEQUENTIAL))?.response)

      expect(paths).toEqual(
        ['2147483645', '2147483646', '2147483647', '2147483648', '2147483649', '2147483650'].map(
          (digits) => ({
            type: 'path',
            path: `/n${digits}`,
          }),
        ),
      )
    })

    it('a state whose number is negative already is written with a sign and nine digits', () => {
      const { zoo } = startServer({ snapshot: snapshotWithCount(-(2 ** 31) + 4) })
      const response = connectRaw(zoo).ask(create('/n', SEQUENTIAL))?.response

      expect(response).toEqual({ type: 'path', path: '/n-2147483644' })
    })
  })
})

describe('70. kz #261, go e6b59f6, kz dd5c4cc: a sequence directly under the root, or without a prefix', () => {
  const clients: Readonly<
    Record<string, (network: Awaited<ReturnType<typeof startNetwork>>) => Promise<ZooKeeper>>
  > = {
    'in process': ({ zoo }) => zoo.connect(),
    'over TCP': ({ endpoint }) => dial(endpoint.connectString),
    'below a chroot': async ({ zoo }) => {
      const whole = await zoo.connect()
      await whole.create('/root')
      return zoo.connect({ chroot: '/root' })
    },
  }

  it.each(Object.keys(clients))('each gives a path that can be read again, %s', async (where) => {
    const zk = await (clients[where]?.(await startNetwork()) ?? Promise.reject(new Error(where)))
    const all: string[] = []

    for (const path of ['/', '/n-', '/q/', '/q/n-', '/q/']) {
      if (path === '/q/' && !all.includes('/q')) all.push(await zk.create('/q'))
      all.push(await zk.create(path, null, SEQUENTIAL))
      all.push((await zk.create(path, null, { mode: 'EPHEMERAL_SEQUENTIAL', withStat: true })).path)
    }
    const [result] = await zk.multi([Op.create('/q/', null, SEQUENTIAL)])

    const found = await Promise.all(all.map((path) => zk.exists(path)))
    const base = Number(all[0]?.slice(1))
    const first = ['/', '/', '/n-', '/n-'].map(
      (prefix, i) => `${prefix}${String(base + i).padStart(10, '0')}`,
    )
    const second = ['/q/', '/q/', '/q/n-', '/q/n-', '/q/', '/q/'].map((prefix, i) => `${prefix}000000000${i}`)
    expect(all).toEqual([...first, '/q', ...second])
    expect(found).not.toContain(null)
    expect(result).toEqual({ type: 'create', path: '/q/0000000006' })
  })
})
