/** Containers and TTL znodes (reference 10): when a sweep takes them, and what keeps them. */
import { describe, expect, it } from 'vitest'
import { EmbeddedZooKeeper, Op, type ZooKeeper } from '../../src/index.js'
import type { Request } from '../../src/protocol/message.js'
import {
  codeOf,
  connectRaw,
  create,
  recordEvents,
  remove,
  setData,
  startServer,
  startWorld,
  text,
  worldACL,
} from './fixture.js'

const MINUTE_MS = 60_000
const CONTAINER = { mode: 'CONTAINER' } as const

describe('a container', () => {
  it('goes with the first sweep after its last child', async () => {
    const { clock, zk } = await startWorld()
    await zk.create('/c', null, CONTAINER)
    await zk.create('/c/x')
    await zk.delete('/c/x')
    const seen: boolean[] = []

    for (const ms of [MINUTE_MS - 1, 1]) {
      await clock.advance(ms)
      seen.push((await zk.exists('/c')) !== null)
    }

    expect(seen).toEqual([true, false])
  })

  it('stays while it has a child', async () => {
    const { clock, zk } = await startWorld()
    await zk.create('/c', null, CONTAINER)
    await zk.create('/c/x')

    await clock.advance(10 * MINUTE_MS)

    expect(await zk.exists('/c')).not.toBeNull()
  })

  it('stays for ever if it never had a child [trap 20]', async () => {
    const { clock, zk } = await startWorld()
    await zk.create('/c', null, CONTAINER)

    await clock.advance(1000 * MINUTE_MS)

    expect(await zk.exists('/c')).not.toBeNull()
  })

  it('goes unused after maxNeverUsedContainerMs if that is set', async () => {
    const { clock, zk } = await startWorld({ server: { maxNeverUsedContainerMs: 5 * MINUTE_MS } })
    await zk.create('/c', null, CONTAINER)
    const seen: boolean[] = []

    for (const ms of [5 * MINUTE_MS, MINUTE_MS]) {
      await clock.advance(ms)
      seen.push((await zk.exists('/c')) !== null)
    }

    expect(seen).toEqual([true, false])
  })

  it('is younger after a setData, for maxNeverUsedContainerMs', async () => {
    const { clock, zk } = await startWorld({ server: { maxNeverUsedContainerMs: 5 * MINUTE_MS } })
    await zk.create('/c', null, CONTAINER)
    await clock.advance(4 * MINUTE_MS)
    await zk.setData('/c', 'x')

    await clock.advance(4 * MINUTE_MS)

    expect(await zk.exists('/c')).not.toBeNull()
  })

  it('goes when its ephemeral children went with their session', async () => {
    const { zoo, clock, zk } = await startWorld()
    const owner = await zoo.connect()
    await zk.create('/c', null, CONTAINER)
    await owner.create('/c/e', null, { mode: 'EPHEMERAL' })
    await owner.close()

    await clock.advance(MINUTE_MS)

    expect(await zk.exists('/c')).toBeNull()
  })

  it('goes whatever its ACL and its data say', async () => {
    const { clock, zk } = await startWorld()
    await zk.create('/c', 'x', CONTAINER)
    await zk.create('/c/x')
    await zk.delete('/c/x')
    await zk.setACL('/c', worldACL(0))
    await zk.setACL('/', worldACL(31 & ~8))

    await clock.advance(MINUTE_MS)

    expect(await codeOf(zk.getData('/c'))).toBe('NONODE')
  })

  it('is deleted with the events of any delete', async () => {
    const { clock, zk } = await startWorld()
    await zk.create('/c', null, CONTAINER)
    await zk.create('/c/x')
    await zk.delete('/c/x')
    const { events, watcher } = recordEvents()
    await zk.getChildren('/', { watcher })
    await zk.getData('/c', { watcher })

    await clock.advance(MINUTE_MS)

    expect(events).toEqual(['NodeDeleted /c', 'NodeChildrenChanged /'])
  })

  it('in a container goes one sweep before it', async () => {
    const { clock, zk } = await startWorld()
    await zk.create('/c', null, CONTAINER)
    await zk.create('/c/d', null, CONTAINER)
    await zk.create('/c/d/x')
    await zk.delete('/c/d/x')
    const seen: boolean[][] = []

    for (let sweep = 0; sweep < 2; sweep++) {
      await clock.advance(MINUTE_MS)
      seen.push([(await zk.exists('/c')) !== null, (await zk.exists('/c/d')) !== null])
    }

    expect(seen).toEqual([
      [true, false],
      [false, false],
    ])
  })
})

describe('a TTL znode', () => {
  const ttl = (ttlMs: number): { mode: 'PERSISTENT_WITH_TTL'; ttlMs: number } => ({
    mode: 'PERSISTENT_WITH_TTL',
    ttlMs,
  })

  it.each([
    ['over its time at the sweep', MINUTE_MS - 1, true],
    ['exactly as old as its TTL', MINUTE_MS, false],
    ['younger than its TTL', MINUTE_MS + 1, false],
  ])('that is %s (%d ms) goes: %s', async (_, ttlMs, goes) => {
    const { clock, zk } = await startWorld()
    await zk.create('/t', null, ttl(ttlMs))

    await clock.advance(MINUTE_MS)

    expect((await zk.exists('/t')) === null).toBe(goes)
  })

  it('lives on from each setData [trap 20]', async () => {
    const { clock, zk } = await startWorld()
    await zk.create('/t', null, ttl(90_000))
    await clock.advance(MINUTE_MS)
    await zk.setData('/t', 'x')
    const seen: boolean[] = []

    for (let sweep = 0; sweep < 2; sweep++) {
      await clock.advance(MINUTE_MS)
      seen.push((await zk.exists('/t')) !== null)
    }

    expect(seen).toEqual([true, false])
  })

  it.each(['setACL', 'a child that comes and goes', 'a read'])(
    'does not live on from %s [trap 20]',
    async (what) => {
      const { clock, zk } = await startWorld()
      await zk.create('/t', null, ttl(90_000))
      await clock.advance(MINUTE_MS)

      if (what === 'setACL') await zk.setACL('/t', worldACL(31))
      else if (what === 'a read') await zk.getData('/t')
      else {
        await zk.create('/t/x')
        await zk.delete('/t/x')
      }
      await clock.advance(MINUTE_MS)

      expect(await zk.exists('/t')).toBeNull()
    },
  )

  it('stays while it has a child, and goes at the first sweep after that [trap 20]', async () => {
    const { clock, zk } = await startWorld()
    await zk.create('/t', null, ttl(1))
    await zk.create('/t/x')
    await clock.advance(10 * MINUTE_MS)
    const before = await zk.exists('/t')

    await zk.delete('/t/x')
    await clock.advance(MINUTE_MS)

    expect([before === null, await zk.exists('/t')]).toEqual([false, null])
  })

  it('with the longest TTL is still there after years', async () => {
    const { clock, zk } = await startWorld({ server: { containerCheckIntervalMs: 2 ** 38 } })
    await zk.create('/t', 'kept', ttl(2 ** 40 - 1))

    await clock.advance(2 ** 39)

    expect(text((await zk.getData('/t')).data)).toBe('kept')
  })
})

describe('a sweep', () => {
  async function emptied(zk: ZooKeeper): Promise<void> {
    await zk.create('/c', null, CONTAINER)
    await zk.create('/c/x')
    await zk.delete('/c/x')
  }

  it('comes at whole intervals after the start of a server that began later than its clock', async () => {
    const { clock } = startServer()
    await clock.advance(40_000)
    const zoo = new EmbeddedZooKeeper({ clock })
    await emptied(await zoo.connect())
    const seen: string[][] = []

    for (const ms of [59_999, 1]) {
      await clock.advance(ms)
      seen.push(Object.keys(zoo.dump()))
    }

    expect(seen).toEqual([['/c'], []])
  })

  it('does not come early because a session expires', async () => {
    const { zoo, clock, zk } = await startWorld()
    await emptied(zk)
    connectRaw(zoo).hangUp()

    await clock.advance(50_000)

    expect([zoo.reports.counts().sessions, Object.keys(zoo.dump())]).toEqual([1, ['/c']])
  })

  it('comes at whole intervals after the start of the server', async () => {
    const { clock, zk } = await startWorld({ server: { containerCheckIntervalMs: 1000 } })
    await clock.advance(700)
    await zk.create('/t', null, { mode: 'PERSISTENT_WITH_TTL', ttlMs: 1 })
    const seen: boolean[] = []

    for (const ms of [299, 1]) {
      await clock.advance(ms)
      seen.push((await zk.exists('/t')) !== null)
    }

    expect(seen).toEqual([true, false])
  })

  it('is waited for only while there is something to sweep', async () => {
    const { clock, zk } = await startWorld()
    const timers = [clock.pendingTimers]

    await zk.create('/c', null, CONTAINER)
    timers.push(clock.pendingTimers)
    await zk.delete('/c')
    timers.push(clock.pendingTimers)

    expect(timers).toEqual([0, 1, 0])
  })

  it('comes again and again while something stays', async () => {
    const { clock, zk } = await startWorld()
    await zk.create('/c', null, CONTAINER)

    await clock.advance(5 * MINUTE_MS)

    expect(clock.pendingTimers).toBe(1)
  })

  it('takes containers before TTL znodes and 10,000 at most', async () => {
    const { zoo, clock, zk } = await startWorld()
    await zk.create('/t', null, { mode: 'PERSISTENT_WITH_TTL', ttlMs: 1 })
    await zk.create('/c', null, CONTAINER)
    for (let first = 0; first < 10_000; first += 500) {
      const paths = Array.from({ length: 500 }, (_, i) => `/c/${first + i}`)
      await zk.multi(paths.flatMap((path) => [Op.create(path, null, CONTAINER), Op.create(`${path}/x`)]))
      await zk.multi(paths.map((path) => Op.delete(`${path}/x`)))
    }
    const left: string[][] = []

    for (let sweep = 0; sweep < 2; sweep++) {
      await clock.advance(MINUTE_MS)
      left.push(Object.keys(zoo.dump()))
    }

    expect(left).toEqual([['/t', '/c'], []])
  })

  it.each([
    ['has a child by then', create('/d/x')],
    ['is set by then', setData('/d', 'x')],
  ])('asks again before each deletion: a znode that %s stays', async (_, request) => {
    const { zoo, clock, zk } = await startWorld()
    const other = connectRaw(zoo)
    await zk.create('/c', null, { mode: 'PERSISTENT_WITH_TTL', ttlMs: 1 })
    await zk.create('/d', null, { mode: 'PERSISTENT_WITH_TTL', ttlMs: 1 })
    const stop = zoo.inspect((event) => {
      if (event.kind === 'txn' && event.txn.type === 'delete') other.ask(request)
    })

    await clock.advance(MINUTE_MS)
    stop()

    expect([await zk.exists('/c'), await zk.exists('/d')]).toEqual([null, expect.anything()])
  })

  it('leaves alone what was deleted and made again as something that stays', async () => {
    const { zoo, clock, zk } = await startWorld()
    const other = connectRaw(zoo)
    await zk.create('/c', null, { mode: 'PERSISTENT_WITH_TTL', ttlMs: 1 })
    await zk.create('/d', null, { mode: 'PERSISTENT_WITH_TTL', ttlMs: 1 })
    const stop = zoo.inspect((event) => {
      const isSweep = event.kind === 'txn' && event.txn.type === 'delete' && event.txn.path === '/c'
      if (isSweep) other.ask({ type: 'multi', ops: [remove('/d'), create('/d')] })
    })

    await clock.advance(MINUTE_MS)
    stop()

    expect(Object.keys(zoo.dump())).toEqual(['/d'])
  })

  it('takes nothing of a server that is closed', async () => {
    const { zoo, clock, zk } = await startWorld()
    await zk.create('/t', null, { mode: 'PERSISTENT_WITH_TTL', ttlMs: 1 })
    await zoo.close()

    await clock.advance(10 * MINUTE_MS)

    expect([Object.keys(zoo.dump()), clock.pendingTimers]).toEqual([['/t'], 0])
  })
})

describe('a sweep that is answered by requests', () => {
  /** What is left of /b, a container like /a, when a listener answers the end of /a with these requests. */
  async function leftOfB(...answer: readonly Request[]): Promise<unknown> {
    const { zoo, clock, zk } = await startWorld()
    const errors: unknown[] = []
    zoo.on('watcherError', (error) => errors.push(error))
    for (const path of ['/a', '/b']) {
      await zk.create(path, null, CONTAINER)
      await zk.create(`${path}/x`)
      await zk.delete(`${path}/x`)
    }
    const cnxn = connectRaw(zoo)
    zoo.inspect((event) => {
      if (event.kind === 'txn' && event.txn.type === 'delete' && event.txn.path === '/a')
        for (const request of answer) cnxn.ask(request)
    })
    await clock.advance(MINUTE_MS)
    return [Object.keys(zoo.dump()), errors]
  }

  it('leaves alone what somebody else has deleted meanwhile', async () => {
    expect(await leftOfB(remove('/b'))).toEqual([[], []])
  })

  it('leaves alone what has become another znode meanwhile', async () => {
    const answer = [remove('/b'), create('/b'), create('/b/x'), remove('/b/x')]

    expect(await leftOfB(...answer)).toEqual([['/b'], []])
  })
})
