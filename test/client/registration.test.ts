/**
 * Which watcher a call binds, and when its registration counts: at the reply, by its code. Each registration has a twin that
 * leaves nothing, at the client or the server.
 */
import { describe, expect, it } from 'vitest'
import type { ZooKeeper } from '../../src/index.js'
import { allBut, codeOf, messageOf, recordEvents, startServer, startWorld } from '../semantics/fixture.js'
import { watchLines } from '../semantics/watches/trigger-matrix.js'

const NO_DEFAULT =
  'TypeError: There is no default watcher: pass a watcher here, or { watcher } to connect(), or call register()'

describe('the default watcher', () => {
  it('gets the events of reads with watch: true', async () => {
    const { zk, events } = await startWorld()
    await zk.create('/a')
    await zk.exists('/b', { watch: true })
    await zk.getData('/a', { watch: true })
    await zk.getChildren('/a', { watch: true })

    await zk.create('/b')
    await zk.delete('/a')

    expect(events).toEqual(['None SyncConnected', 'NodeCreated /b', 'NodeDeleted /a'])
  })

  it('gets no events of reads with watch: false or without', async () => {
    const { zoo, zk, events } = await startWorld()
    await zk.exists('/b', { watch: false })
    await zk.exists('/b', {})
    await zk.exists('/b')

    await zk.create('/b')

    expect(events).toEqual(['None SyncConnected'])
    expect(watchLines(zoo)).toEqual([])
  })

  it('gets the events of a lasting watch without a watcher', async () => {
    const { zk, events } = await startWorld()
    await zk.addWatch('/b')

    await zk.create('/b')
    await zk.delete('/b')

    expect(events).toEqual(['None SyncConnected', 'NodeCreated /b', 'NodeDeleted /b'])
  })

  it('is bound when the call is made: register() does not redirect what is armed [trap 33]', async () => {
    const { zk, events } = await startWorld()
    const later = recordEvents()
    await zk.exists('/a', { watch: true })

    zk.register(later.watcher)
    await zk.exists('/b', { watch: true })
    await zk.create('/a')
    await zk.create('/b')

    expect(events).toEqual(['None SyncConnected', 'NodeCreated /a'])
    expect(later.events).toEqual(['NodeCreated /b'])
  })

  it('is bound when the call is made, even while the call waits for a connection', async () => {
    const { zoo, zk, events } = await startWorld()
    const later = recordEvents()
    zoo.disconnect(zk)
    const call = zk.exists('/a', { watch: true })
    zk.register(later.watcher)
    zoo.reconnect(zk)
    await call

    await zk.create('/a')

    expect(events).toContain('NodeCreated /a')
    expect(later.events).not.toContain('NodeCreated /a')
  })

  it('that was replaced hears of no more changes of state, the new one does', async () => {
    const { zoo, zk, events } = await startWorld()
    const later = recordEvents()

    zk.register(later.watcher)
    zoo.disconnect(zk)
    await zoo.settle()

    expect(events).toEqual(['None SyncConnected'])
    expect(later.events).toEqual(['None Disconnected'])
  })

  it.each([
    ['exists', (zk: ZooKeeper) => zk.exists('/', { watch: true })],
    ['getData', (zk: ZooKeeper) => zk.getData('/', { watch: true })],
    ['getChildren', (zk: ZooKeeper) => zk.getChildren('/', { watch: true })],
    ['addWatch', (zk: ZooKeeper) => zk.addWatch('/')],
  ] as const)('is asked for by %s where there is none, before anything is sent', async (_name, call) => {
    const { zoo } = startServer()
    const zk = await zoo.connect()

    expect(await messageOf(() => call(zk))).toBe(NO_DEFAULT)
    expect(watchLines(zoo)).toEqual([])
  })

  it('must be a function', async () => {
    const { zk } = await startWorld()

    expect(() => Reflect.apply(zk.register, zk, ['no function'])).toThrow(
      new TypeError('Invalid watcher "no function": pass a function'),
    )
  })

  it('is not what a read with a watcher of its own is for', async () => {
    const { zk, events } = await startWorld()
    const own = recordEvents()

    await zk.exists('/a', { watch: true, watcher: own.watcher })
    await zk.create('/a')

    expect(own.events).toEqual(['NodeCreated /a'])
    expect(events).toEqual(['None SyncConnected'])
  })

  it('and no watcher at all cannot be asked for in one call', async () => {
    const { zk } = await startWorld()

    expect(await messageOf(() => zk.exists('/', { watch: false, watcher: () => undefined }))).toBe(
      'TypeError: Pass either a watcher or watch: false, not both',
    )
  })
})

describe('a registration', () => {
  it.each(['getData', 'getChildren'] as const)('of %s counts only if the znode is there', async (read) => {
    const { zoo, zk } = await startWorld()
    const { events, watcher } = recordEvents()

    const code = await codeOf(zk[read]('/a', { watcher }))
    await zk.create('/a')
    zoo.disconnect(zk)
    zoo.reconnect(zk)
    await zoo.settle()

    expect(code).toBe('NONODE')
    expect(events).toEqual([])
    expect(watchLines(zoo)).toEqual([])
  })

  it.each(['exists', 'getData', 'getChildren'] as const)(
    'of %s does not count without READ',
    async (read) => {
      const { zoo, zk } = await startWorld()
      const { events, watcher } = recordEvents()
      await zk.create('/a', null, { acl: allBut('READ') })

      const code = await codeOf(zk[read]('/a', { watcher }))
      await zk.delete('/a')
      await zk.close()

      expect(code).toBe('NOAUTH')
      expect(events).toEqual([])
      expect(watchLines(zoo)).toEqual([])
    },
  )

  it('does not count if its call fails with CONNECTIONLOSS', async () => {
    const { zoo, zk } = await startWorld()
    const { events, watcher } = recordEvents()
    zoo.loseNextReply(zk)

    const code = await codeOf(zk.exists('/a', { watcher }))
    await zk.create('/a')
    await zoo.settle()

    expect(code).toBe('CONNECTIONLOSS')
    expect(events).toEqual([])
    expect(watchLines(zoo)).toEqual([])
  })

  it('of a lasting watch does not count if its call fails with CONNECTIONLOSS', async () => {
    const { zoo, zk } = await startWorld()
    const { events, watcher } = recordEvents()
    zoo.loseNextReply(zk)

    const code = await codeOf(zk.addWatch('/a', watcher))
    await zk.create('/a')

    expect(code).toBe('CONNECTIONLOSS')
    expect(events).toEqual([])
  })

  it('over the limit of watches is QUOTAEXCEEDED and does not count', async () => {
    const { zoo, zk } = await startWorld({ server: { limits: { maxWatchesPerSession: 1 } } })
    const { events, watcher } = recordEvents()
    await zk.exists('/full', { watcher: () => undefined })

    const codes = [await codeOf(zk.exists('/a', { watcher })), await codeOf(zk.addWatch('/a', watcher))]
    await zk.create('/a')

    expect(codes).toEqual(['QUOTAEXCEEDED', 'QUOTAEXCEEDED'])
    expect(events).toEqual([])
    expect(watchLines(zoo)).toEqual(['/full data standard'])
  })

  it('waits for the reply: an event that was sent before it reaches only who was there', async () => {
    const { zk } = await startWorld()
    const [early, late] = [recordEvents(), recordEvents()]
    await zk.exists('/a', { watcher: early.watcher })

    await Promise.all([zk.create('/a'), zk.exists('/a', { watcher: late.watcher })])
    await zk.setData('/a', 'x')

    expect(early.events).toEqual(['NodeCreated /a'])
    expect(late.events).toEqual(['NodeDataChanged /a'])
  })
})

it('a recursive watcher never hears NodeChildrenChanged, whatever else its connection watches', async () => {
  const { zk } = await startWorld()
  const [recursive, child] = [recordEvents(), recordEvents()]
  await zk.create('/p')
  await zk.addWatch('/p', recursive.watcher, { recursive: true })
  await zk.getChildren('/p', { watcher: child.watcher })

  await zk.create('/p/n')

  expect(child.events).toEqual(['NodeChildrenChanged /p'])
  expect(recursive.events).toEqual(['NodeCreated /p/n'])
})
