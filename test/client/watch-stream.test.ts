/**
 * zk.watch(): a lasting watch to iterate over. It yields events in their order, one gap for each time it was away, and never
 * hides a loss; leaving the loop takes the watch away at the server too.
 */
import { describe, expect, it } from 'vitest'
import { Op, type WatchItem, type WatchStream, type ZooKeeper } from '../../src/index.js'
import { codeOf, failureOf, messageOf, startWorld } from '../semantics/fixture.js'
import { watchLines } from '../semantics/watches/trigger-matrix.js'

describe('what it yields', () => {
  it('are the events of its path, in their order', async () => {
    const { zk } = await startWorld()
    const stream = zk.watch('/a')

    await zk.create('/a')
    await zk.setData('/a', 'x')
    await zk.create('/a/b')
    await zk.delete('/a/b')
    await zk.delete('/a')

    const events = [
      'NodeCreated',
      'NodeDataChanged',
      'NodeChildrenChanged',
      'NodeChildrenChanged',
      'NodeDeleted',
    ]
    expect(await take(stream, 5)).toEqual(events.map((type) => `${type} /a`))
  })

  it('are those of everything below, if it is recursive', async () => {
    const { zk } = await startWorld()
    const stream = zk.watch('/', { recursive: true })

    await zk.multi([Op.create('/a'), Op.create('/a/b'), Op.setData('/a/b', 'x')])

    expect(await take(stream, 3)).toEqual(['NodeCreated /a', 'NodeCreated /a/b', 'NodeDataChanged /a/b'])
  })

  it('begins where it is ready: a change before that may be missed, one after it is not', async () => {
    const { zk } = await startWorld()
    await zk.create('/a')
    const stream = zk.watch('/a')

    await stream.ready
    await zk.setData('/a', 'x')

    expect(await take(stream, 1)).toEqual(['NodeDataChanged /a'])
  })

  it('begins at the call, since it is armed at once', async () => {
    const { zk } = await startWorld()

    const stream = zk.watch('/a')
    void zk.create('/a')

    expect(await take(stream, 1)).toEqual(['NodeCreated /a'])
  })

  it('comes to each reader in turn, if several wait at once', async () => {
    const { zk } = await startWorld()
    const stream = zk.watch('/a')
    const readers = [stream.next(), stream.next(), stream.next()]

    await zk.create('/a')
    await zk.setData('/a', 'x')
    await zk.delete('/a')

    const lines = (await Promise.all(readers)).map(({ value }) => value && lineOf(value))
    expect(lines).toEqual(['NodeCreated /a', 'NodeDataChanged /a', 'NodeDeleted /a'])
  })

  it('goes to each of two streams of one path', async () => {
    const { zk } = await startWorld()
    const streams = [zk.watch('/a'), zk.watch('/a')]

    await zk.create('/a')

    expect(await Promise.all(streams.map((stream) => take(stream, 1)))).toEqual([
      ['NodeCreated /a'],
      ['NodeCreated /a'],
    ])
  })

  it('is not what happens elsewhere', async () => {
    const { zk } = await startWorld()
    const stream = zk.watch('/a')

    await zk.create('/b')
    await zk.create('/a')

    expect(await take(stream, 1)).toEqual(['NodeCreated /a'])
  })
})

describe('a gap', () => {
  it('stands where events may be missing, with the zxids of its ends', async () => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    const stream = zk.watch('/a')
    const { stat } = await zk.create('/a', null, { withStat: true })

    zoo.disconnect(zk)
    const missed = await other.setData('/a', 'missed')
    zoo.reconnect(zk)
    const seen = await other.setData('/a', 'seen')

    const items = await takeItems(stream, 3)
    expect(items).toEqual([
      { type: 'NodeCreated', state: 'SyncConnected', path: '/a', zxid: stat.czxid },
      { kind: 'gap', fromZxid: stat.czxid, toZxid: missed.mzxid },
      { type: 'NodeDataChanged', state: 'SyncConnected', path: '/a', zxid: seen.mzxid },
    ])
  })

  it('begins before the last event, if that is newer than the last reply: its transaction may have had more', async () => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    const stream = zk.watch('/a')
    await stream.ready
    const { stat } = await other.create('/a', null, { withStat: true })
    await zoo.settle()

    zoo.disconnect(zk)
    zoo.reconnect(zk)

    const [, gap] = await takeItems(stream, 2)
    expect(gap).toEqual({ kind: 'gap', fromZxid: stat.czxid - 1n, toZxid: stat.czxid })
  })

  it('comes once for each time the client was away, also if nothing was missed', async () => {
    const { zoo, zk } = await startWorld()
    const stream = zk.watch('/a')
    await stream.ready

    for (let times = 0; times < 3; times++) {
      zoo.disconnect(zk)
      zoo.reconnect(zk)
      await zoo.settle()
    }
    await zk.create('/a')

    expect(await take(stream, 4)).toEqual(['gap', 'gap', 'gap', 'NodeCreated /a'])
  })

  it('comes to a recursive stream too, and to each stream once', async () => {
    const { zoo, zk } = await startWorld()
    const streams = [zk.watch('/a', { recursive: true }), zk.watch('/b', { recursive: true }), zk.watch('/b')]
    await Promise.all(streams.map(({ ready }) => ready))

    zoo.disconnect(zk)
    zoo.reconnect(zk)
    await zoo.settle()
    await zk.multi([Op.create('/a'), Op.create('/b')])

    expect(await Promise.all(streams.map((stream) => take(stream, 2)))).toEqual([
      ['gap', 'NodeCreated /a'],
      ['gap', 'NodeCreated /b'],
      ['gap', 'NodeCreated /b'],
    ])
  })

  it('comes once if the watches are sent in several batches', async () => {
    const { zoo, zk } = await startWorld()
    await zk.exists(`/${'x'.repeat(128 * 1024 - 1)}`, { watcher: () => undefined })
    const streams = [zk.watch('/a'), zk.watch('/a', { recursive: true })]
    await Promise.all(streams.map(({ ready }) => ready))

    zoo.disconnect(zk)
    zoo.reconnect(zk)
    await zoo.settle()
    await zk.create('/a')

    expect(await Promise.all(streams.map((stream) => take(stream, 2)))).toEqual([
      ['gap', 'NodeCreated /a'],
      ['gap', 'NodeCreated /a'],
    ])
  })

  it('does not come while the client is still away', async () => {
    const { zoo, zk } = await startWorld()
    const stream = zk.watch('/a')
    await stream.ready
    const first = stream.next()

    zoo.disconnect(zk)
    await zoo.settle()
    const isPending = await Promise.race([first.then(() => false), Promise.resolve(true)])

    expect(isPending).toBe(true)
  })

  it('does not come to a stream that was armed after the connection', async () => {
    const { zoo, zk } = await startWorld()
    zoo.disconnect(zk)
    const stream = zk.watch('/a')
    zoo.reconnect(zk)
    await stream.ready

    await zk.create('/a')

    expect(await take(stream, 1)).toEqual(['NodeCreated /a'])
  })
})

describe('the end', () => {
  it('of the loop by break takes the watch away at the server', async () => {
    const { zoo, zk } = await startWorld()
    const seen: string[] = []
    const stream = zk.watch('/a')
    await zk.create('/a')
    await zk.setData('/a', 'x')

    for await (const item of stream) {
      seen.push(lineOf(item))
      break
    }

    expect(seen).toEqual(['NodeCreated /a'])
    expect(watchLines(zoo)).toEqual([])
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  it('of the loop by an error takes the watch away too', async () => {
    const { zoo, zk } = await startWorld()
    await zk.create('/a')
    const stream = zk.watch('/a', { recursive: true })
    await zk.setData('/a', 'x')

    const loop = (async () => {
      for await (const item of stream) throw new Error(lineOf(item))
    })()

    expect(await messageOf(() => loop)).toBe('Error: NodeDataChanged /a')
    expect(watchLines(zoo)).toEqual([])
  })

  it('of one stream leaves another of the same path and its watch alone', async () => {
    const { zoo, zk } = await startWorld()
    const [one, other] = [zk.watch('/a'), zk.watch('/a')]
    await other.ready

    await one.return()
    await zk.create('/a')

    expect(watchLines(zoo)).toEqual(['/a data persistent', '/a child persistent'])
    expect(await take(other, 1)).toEqual(['NodeCreated /a'])
  })

  it('resolves every reader that waits', async () => {
    const { zk } = await startWorld()
    const stream = zk.watch('/a')
    const readers = [stream.next(), stream.next()]

    await stream.return()

    expect(await Promise.all(readers)).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ])
  })

  it('while disconnected ends the loop without waiting, and the watch is not armed again', async () => {
    const { zoo, zk, clock } = await startWorld()
    const stream = zk.watch('/a')
    await stream.ready
    zoo.disconnect(zk)

    const returned = stream.return()
    await clock.advance(30_000)
    await returned
    zoo.reconnect(zk)
    await zk.sync('/')

    expect(watchLines(zoo)).toEqual([])
  })

  it('by abort is a normal one, and takes the watch away', async () => {
    const { zoo, zk } = await startWorld()
    const controller = new AbortController()
    const stream = zk.watch('/a', { signal: controller.signal })
    await zk.create('/a')
    const seen: string[] = []

    for await (const item of stream) {
      seen.push(lineOf(item))
      controller.abort()
    }
    await zoo.settle()

    expect(seen).toEqual(['NodeCreated /a'])
    expect(watchLines(zoo)).toEqual([])
  })

  it('by abort wakes a reader that waits', async () => {
    const { zk } = await startWorld()
    const controller = new AbortController()
    const reader = zk.watch('/a', { signal: controller.signal }).next()

    controller.abort()

    expect(await reader).toEqual({ done: true, value: undefined })
  })

  it('comes at once if the signal is aborted already: ready rejects with its reason, and nothing is armed', async () => {
    const { zoo, zk } = await startWorld()

    const stream = zk.watch('/a', { signal: AbortSignal.abort(new Error('too late')) })

    expect(await failureOf(() => stream.ready)).toEqual(new Error('too late'))
    expect(await stream.next()).toEqual({ done: true, value: undefined })
    expect(watchLines(zoo)).toEqual([])
  })

  it('by abort before it is armed leaves no watch, at the client or the server', async () => {
    const { zoo, zk } = await startWorld()
    const controller = new AbortController()
    zoo.disconnect(zk)
    const stream = zk.watch('/a', { signal: controller.signal })

    controller.abort()
    zoo.reconnect(zk)
    await stream.ready.catch(() => null)
    await zoo.settle()

    expect(watchLines(zoo)).toEqual([])
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  it('by return before it is armed leaves no watch, at the client or the server', async () => {
    const { zoo, zk } = await startWorld()
    zoo.disconnect(zk)
    const stream = zk.watch('/a')

    await stream.return()
    zoo.reconnect(zk)
    await stream.ready.catch(() => null)
    await zoo.settle()

    expect(watchLines(zoo)).toEqual([])
  })

  it('by removeWatches is a failure: NOWATCHER', async () => {
    const { zk } = await startWorld()
    const stream = zk.watch('/a')
    await stream.ready

    await zk.removeWatches('/a')

    expect(await codeOf(stream.next())).toBe('NOWATCHER')
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })
})

describe('the failure', () => {
  it.each([
    ['the session expires', 'SESSIONEXPIRED', 'expire'],
    ['the client is closed', 'SESSIONEXPIRED', 'close'],
    ['the credentials are refused', 'AUTHFAILED', 'refuse'],
  ] as const)('when %s reaches a reader that waits as %s', async (_name, code, how) => {
    const { zoo, zk } = await startWorld()
    const stream = zk.watch('/a')
    await stream.ready
    const reader = codeOf(stream.next())

    if (how === 'expire') zoo.expire(zk)
    else if (how === 'close') await zk.close()
    else await codeOf(zk.addAuthInfo('unknown', 'x'))

    expect(await reader).toBe(code)
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  it('comes after the events that were there before it, and once', async () => {
    const { zoo, zk } = await startWorld()
    const stream = zk.watch('/a')
    await zk.create('/a')
    zoo.expire(zk)
    await zoo.settle()

    const seen = await take(stream, 1)

    expect(seen).toEqual(['NodeCreated /a'])
    expect(await codeOf(stream.next())).toBe('SESSIONEXPIRED')
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  it('of a reader that is too slow says how far behind it was, and takes the watch away', async () => {
    const { zoo, zk } = await startWorld()
    const stream = zk.watch('/', { recursive: true, bufferSize: 2 })
    await zk.multi([Op.create('/a'), Op.create('/b'), Op.create('/c'), Op.create('/d')])
    await zoo.settle()

    const seen = await take(stream, 2)

    expect(seen).toEqual(['NodeCreated /a', 'NodeCreated /b'])
    expect(await messageOf(() => stream.next())).toBe(
      'RangeError: The reader of zk.watch() is over 2 events behind: read faster, or raise bufferSize',
    )
    expect(watchLines(zoo)).toEqual([])
  })

  it('does not come to a reader that is just fast enough', async () => {
    const { zoo, zk } = await startWorld()
    const stream = zk.watch('/', { recursive: true, bufferSize: 2 })
    await zk.multi([Op.create('/a'), Op.create('/b')])
    await zoo.settle()
    await take(stream, 2)
    await zk.multi([Op.create('/c'), Op.create('/d')])

    expect(await take(stream, 2)).toEqual(['NodeCreated /c', 'NodeCreated /d'])
  })

  it('to arm rejects ready and the first read', async () => {
    const { zk } = await startWorld({ server: { limits: { maxWatchesPerSession: 0 } } })
    const stream = zk.watch('/a')

    expect(await codeOf(stream.ready)).toBe('QUOTAEXCEEDED')
    expect(await codeOf(stream.next())).toBe('QUOTAEXCEEDED')
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  it('to arm is no unhandled rejection if only the loop is looked at', async () => {
    const { zoo, zk, clock } = await startWorld({ client: { connectTimeoutMs: 100 } })
    zoo.disconnect(zk)
    const stream = zk.watch('/a')

    const reader = codeOf(stream.next())
    await clock.advance(100)

    expect(await reader).toBe('CONNECTIONLOSS')
  })

  it('wakes every reader that waits: the first with the error, the others with the end', async () => {
    const { zoo, zk } = await startWorld()
    const stream = zk.watch('/a')
    await stream.ready
    const readers = [codeOf(stream.next()), stream.next()]

    zoo.expire(zk)

    expect(await Promise.all(readers)).toEqual(['SESSIONEXPIRED', { done: true, value: undefined }])
  })
})

describe('bad arguments', () => {
  it.each([
    ['a path that is none', () => (zk: ZooKeeper) => zk.watch('a'), '"a"'],
    [
      'an option that does not exist',
      () => (zk: ZooKeeper) => Reflect.apply(zk.watch, zk, ['/a', { deep: true }]),
      'Unknown option "deep"',
    ],
    [
      'a buffer without room',
      () => (zk: ZooKeeper) => zk.watch('/a', { bufferSize: 0 }),
      'Invalid bufferSize 0',
    ],
    [
      'a buffer of no size',
      () => (zk: ZooKeeper) => zk.watch('/a', { bufferSize: Number.NaN }),
      'Invalid bufferSize NaN',
    ],
  ] as const)('%s is thrown at once, and nothing is armed', async (_name, makeCall, message) => {
    const { zoo, zk } = await startWorld()

    const error = await failureOf(() => makeCall()(zk))

    expect(String(error)).toContain(message)
    expect(watchLines(zoo)).toEqual([])
  })
})

it('below a chroot yields paths of the client, and gaps', async () => {
  const { zoo, zk } = await startWorld()
  await zk.create('/base')
  const below = await zoo.connect({ chroot: '/base' })
  const stream = below.watch('/a')
  await stream.ready

  zoo.disconnect(below)
  zoo.reconnect(below)
  await zoo.settle()
  await zk.create('/base/a')

  expect(await take(stream, 2)).toEqual(['gap', 'NodeCreated /a'])
})

async function take(stream: WatchStream, count: number): Promise<string[]> {
  return (await takeItems(stream, count)).map(lineOf)
}

async function takeItems(stream: WatchStream, count: number): Promise<WatchItem[]> {
  const items: WatchItem[] = []
  while (items.length < count) {
    const { value } = await stream.next()
    if (value === undefined) throw new Error(`the stream ended after ${items.map(lineOf).join(', ')}`)
    items.push(value)
  }
  return items
}

function lineOf(item: WatchItem): string {
  return item.kind ?? `${item.type} ${item.path}`
}
