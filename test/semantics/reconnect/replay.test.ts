/**
 * What a client sends on a new connection, and in which order: the identities, the watches in batches, then what was queued.
 * Watches and identities belong to the connection; the session outlives it.
 */
import { describe, expect, it } from 'vitest'
import type { EmbeddedZooKeeper, InspectionEvent } from '../../../src/index.js'
import { encodeRequest } from '../../../src/protocol/codec.js'
import { JuteWriter } from '../../../src/protocol/jute.js'
import type { Request, SetWatchesRequest } from '../../../src/protocol/message.js'
import { connectRaw, RawCnxn, read, startServer, startWorld, text } from '../fixture.js'
import { watchLines } from '../watches/trigger-matrix.js'

const MAX_BATCH_CHARACTERS = 128 * 1024
/** What a batch has for its paths, each with four bytes of length. */
const ROOM_BYTES = 128 * 1024 - 64

describe('on a new connection', () => {
  it('identities come first, then the watches, then queued calls in their order', async () => {
    const { zoo, zk } = await startWorld()
    await zk.addAuthInfo('digest', 'alice:pw')
    await zk.addAuthInfo('digest', 'bob:pw')
    await zk.exists('/a', { watcher: () => undefined })
    const requests = recordRequests(zoo)
    zoo.disconnect(zk)

    const calls = [zk.sync('/queued'), zk.create('/last')]
    zoo.reconnect(zk)
    await Promise.all(calls)

    expect(requests.map(({ type }) => type)).toEqual(['auth', 'auth', 'setWatches', 'sync', 'create'])
  })

  it('a client without watches sends none', async () => {
    const { zoo, zk } = await startWorld()
    const requests = recordRequests(zoo)

    zoo.disconnect(zk)
    zoo.reconnect(zk)
    await zk.sync('/')

    expect(requests.map(({ type }) => type)).toEqual(['sync'])
  })

  it('a one-shot watch that has fired is not sent again', async () => {
    const { zoo, zk } = await startWorld()
    await zk.exists('/a', { watcher: () => undefined })
    await zk.create('/a')
    const requests = recordRequests(zoo)

    zoo.disconnect(zk)
    zoo.reconnect(zk)
    await zk.sync('/')

    expect(requests.map(({ type }) => type)).toEqual(['sync'])
  })

  it('the zxid that the watches are relative to is that of the last reply', async () => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    await zk.exists('/a', { watcher: () => undefined })
    const { czxid } = (await other.create('/b', null, { withStat: true })).stat
    await zk.sync('/')
    await other.setData('/b', 'not seen')
    const requests = recordRequests(zoo)

    zoo.disconnect(zk)
    zoo.reconnect(zk)
    await zoo.settle()

    expect(batches(requests).map(({ relativeZxid }) => BigInt(relativeZxid))).toEqual([czxid])
  })
})

describe('batches', () => {
  it('each list has its own watches, by server path', async () => {
    const { zoo, zk } = await startWorld({ client: { chroot: '/base' } })
    const other = await zoo.connect()
    await other.createAll('/base/a')
    const watcher = (): void => undefined
    await zk.getData('/a', { watcher })
    await zk.exists('/', { watcher })
    await zk.exists('/none', { watcher })
    await zk.getChildren('/', { watcher })
    await zk.addWatch('/p', watcher)
    await zk.addWatch('/r', watcher, { recursive: true })
    const requests = recordRequests(zoo)

    zoo.disconnect(zk)
    zoo.reconnect(zk)
    await zoo.settle()

    expect(batches(requests)).toEqual([
      {
        type: 'setWatches',
        relativeZxid: 3,
        dataWatches: ['/base/a', '/base'],
        existWatches: ['/base/none'],
        childWatches: ['/base'],
        persistentWatches: ['/base/p'],
        persistentRecursiveWatches: ['/base/r'],
      },
    ])
  })

  it('hold at most 128 KiB of paths each, and together all of them in order', async () => {
    const { zoo, zk } = await startWorld()
    const paths = Array.from({ length: 400 }, (_, i) => `/${String(i).padStart(1000, 'x')}`)
    const kindOf = (i: number): 'exist' | 'persistent' => (i % 2 === 0 ? 'exist' : 'persistent')
    for (const [i, path] of paths.entries()) {
      if (kindOf(i) === 'exist') await zk.exists(path, { watcher: () => undefined })
      else await zk.addWatch(path, () => undefined)
    }
    const before = watchLines(zoo)
    const requests = recordRequests(zoo)

    zoo.disconnect(zk)
    zoo.reconnect(zk)
    await zk.sync('/')

    const sent = batches(requests)
    expect(sent.length).toBe(4)
    for (const batch of sent) expect(charactersOf(batch)).toBeLessThanOrEqual(MAX_BATCH_CHARACTERS)
    expect(sent.flatMap(({ existWatches }) => existWatches)).toEqual(paths.filter((_, i) => i % 2 === 0))
    expect(sent.flatMap(({ persistentWatches }) => persistentWatches)).toEqual(
      paths.filter((_, i) => i % 2 === 1),
    )
    expect(watchLines(zoo).toSorted()).toEqual(before.toSorted())
  })

  it.each([
    ['letters', 'a', 1],
    ['letters of two bytes', 'ü', 2],
    ['letters of three bytes', '中', 3],
  ])(
    'fill up with %s to 128 KiB all told, and a longer path has one of its own',
    async (_what, letter, bytes) => {
      const { zoo, zk } = await startWorld()
      const fitting = Math.floor((ROOM_BYTES / 2 - 5) / bytes)
      const halves = ['1', '2'].map((digit) => `/${letter.repeat(fitting - 1)}${digit.repeat(bytes)}`)
      const long = `/${letter.repeat(fitting * 3)}`
      for (const path of [...halves, long]) await zk.exists(path, { watcher: () => undefined })
      const requests = recordRequests(zoo)

      zoo.disconnect(zk)
      zoo.reconnect(zk)
      await zk.sync('/')

      expect(batches(requests).map(({ existWatches }) => existWatches)).toEqual([halves, [long]])
      const out = new JuteWriter()
      encodeRequest(out, 1, batches(requests)[0] ?? { type: 'ping' })
      expect(out.length).toBeGreaterThan(128 * 1024 - 100)
      expect(out.length).toBeLessThanOrEqual(128 * 1024)
    },
  )

  it('carry one zxid, although others write in between', async () => {
    const { zoo, zk } = await startWorld()
    const paths = ['a', 'b', 'c'].map((letter) => `/${letter.repeat(MAX_BATCH_CHARACTERS - 1)}`)
    for (const path of paths) await zk.exists(path, { watcher: () => undefined })
    const requests = recordRequests(zoo)
    zoo.disconnect(zk)

    zoo.reconnect(zk)
    await zk.sync('/')

    expect(batches(requests).map(({ relativeZxid }) => relativeZxid)).toEqual([1, 1, 1])
  })
})

describe('what belongs to the connection', () => {
  it('a resumed session has neither watches nor identities until they are sent again [trap 27]', () => {
    const { zoo } = startServer()
    const first = connectRaw(zoo)
    first.ask({ type: 'auth', scheme: 'digest', auth: new TextEncoder().encode('alice:pw') })
    first.ask(read('exists', '/a', true))

    const second = new RawCnxn(zoo).open({ id: first.sessionId, password: first.password })

    expect(second.ask({ type: 'whoAmI' })?.response).toMatchObject({
      clientInfo: [{ scheme: 'ip', user: '127.0.0.1' }],
    })
    expect(watchLines(zoo)).toEqual([])
    expect(first.log.at(-1)).toBe('closed')
  })

  it('a client of this library has both again, without doing anything', async () => {
    const { zoo, zk } = await startWorld()
    await zk.addAuthInfo('digest', 'alice:pw')
    await zk.addWatch('/a', () => undefined, { recursive: true })

    zoo.disconnect(zk)
    zoo.reconnect(zk)

    const users = (await zk.whoAmI()).map(({ scheme, user }) => `${scheme} ${user}`)
    expect(users).toEqual(['ip 127.0.0.1', 'digest alice'])
    expect(watchLines(zoo)).toEqual(['/a data recursive'])
  })

  it('a connection that is cut takes its watches with it, and its session and ephemerals stay', async () => {
    const { zoo, zk } = await startWorld()
    await zk.create('/e', 'mine', { mode: 'EPHEMERAL' })
    await zk.addWatch('/', () => undefined)

    zoo.disconnect(zk)

    expect(watchLines(zoo)).toEqual([])
    expect(zoo.reports.sessions()).toEqual([
      { id: zk.sessionId, timeoutMs: 30_000, isConnected: false, ephemerals: ['/e'] },
    ])
  })

  it('the session goes on where it was: the same id, its ephemerals its own', async () => {
    const { zoo, zk } = await startWorld()
    const { sessionId } = zk
    await zk.create('/e', 'mine', { mode: 'EPHEMERAL' })

    zoo.disconnect(zk)
    zoo.reconnect(zk)

    expect(await zk.getEphemerals()).toEqual(['/e'])
    expect(zk.sessionId).toBe(sessionId)
    expect(text((await zk.getData('/e')).data)).toBe('mine')
  })
})

describe('watches at their limit', () => {
  it('that are refused on a new connection keep the client away, rather than half armed', async () => {
    const { zoo, zk, events, clock } = await startWorld({ server: { limits: { maxWatches: 2 } } })
    const other = await zoo.connect()
    await zk.addWatch('/a', () => undefined)
    zoo.disconnect(zk)
    await other.exists('/b', { watcher: () => undefined })

    zoo.reconnect(zk)
    await clock.advance(5000)

    expect(zk.state).not.toBe('CLOSED')
    expect(watchLines(zoo)).toEqual(['/b data standard'])
    expect(events.slice(0, 2)).toEqual(['None SyncConnected', 'None Disconnected'])
  })
})

function recordRequests(zoo: EmbeddedZooKeeper): Request[] {
  const requests: Request[] = []
  zoo.inspect((event: InspectionEvent) => {
    if (event.kind === 'request') requests.push(event.request)
  })
  return requests
}

function batches(requests: readonly Request[]): SetWatchesRequest[] {
  return requests.filter((request) => request.type === 'setWatches')
}

function charactersOf({ existWatches, persistentWatches }: SetWatchesRequest): number {
  return [...existWatches, ...persistentWatches].join('').length
}
