/** Snapshot: a server that begins with one goes on as the first would have. */
import { describe, expect, it } from 'vitest'
import type { EmbeddedZooKeeper, Snapshot } from '../../src/index.js'
import {
  auth,
  bytes,
  codeOf,
  connectRaw,
  create,
  RawCnxn,
  remove,
  START_MS,
  setACL,
  setData,
  startServer,
  startWorld,
} from '../semantics/fixture.js'

/** A server in which everything that a snapshot holds is there. */
function startFilled(): { readonly zoo: EmbeddedZooKeeper; readonly owner: RawCnxn } {
  const { zoo } = startServer()
  const owner = connectRaw(zoo)
  owner.ask(auth('digest', 'alice:pw'))
  owner.ask(create('/null'))
  owner.ask(create('/empty', { data: bytes('') }))
  owner.ask(create('/text', { data: bytes('text'), acl: [{ perms: 31, scheme: 'auth', id: '' }] }))
  owner.ask(create('/e', { mode: 'EPHEMERAL' }))
  owner.ask(create('/c', { mode: 'CONTAINER' }))
  owner.ask(create('/c/x'))
  owner.ask(remove('/c/x'))
  owner.ask(create('/t', { mode: 'PERSISTENT_WITH_TTL', ttlMs: 5000 }))
  owner.ask(create('/q'))
  owner.ask(create('/q/n', { mode: 'PERSISTENT_SEQUENTIAL' }))
  owner.ask(setData('/q', 'new'))
  owner.ask(setACL('/q'))
  return { zoo, owner }
}

describe('a snapshot', () => {
  it('is the same after a round trip', () => {
    const { zoo } = startFilled()

    const second = startServer({ snapshot: zoo.snapshot() }).zoo

    expect(second.snapshot()).toEqual(zoo.snapshot())
  })

  it('survives structuredClone', () => {
    const { zoo } = startFilled()
    const snapshot = zoo.snapshot()

    const clone = structuredClone(snapshot)

    expect(clone).toEqual(snapshot)
    expect(startServer({ snapshot: clone }).zoo.snapshot()).toEqual(snapshot)
  })

  it('is plain data in the format that it names', () => {
    const { zoo } = startServer()
    connectRaw(zoo).ask(create('/a', { data: bytes('x') }))

    const { format, zxid, sessions, znodes, nextSessionId } = zoo.snapshot()

    const node = znodes.find(({ path }) => path === '/a')
    expect({ format, zxid, znodes: znodes.length }).toEqual({
      format: 'zoolet-snapshot-1',
      zxid: 2n,
      znodes: 5,
    })
    expect(nextSessionId).toBe((sessions[0]?.id ?? 0n) + 1n)
    expect(sessions).toEqual([
      { id: sessions[0]?.id, password: new Uint8Array(16).fill(1), timeoutMs: 30_000 },
    ])
    expect(node).toEqual({
      path: '/a',
      data: bytes('x'),
      acl: [{ perms: 31, scheme: 'world', id: 'anyone' }],
      czxid: 2n,
      mzxid: 2n,
      pzxid: 2n,
      ctime: START_MS,
      mtime: START_MS,
      version: 0,
      aversion: 0,
      createdCount: 0,
      owner: 0n,
    })
  })

  it('keeps Stats, ACLs, data and kinds', () => {
    const { zoo } = startFilled()

    const second = startServer({ snapshot: zoo.snapshot() }).zoo

    expect(second.reports.znodes()).toEqual(zoo.reports.znodes())
    expect(second.reports.counts()).toEqual({ ...zoo.reports.counts(), watches: 0 })
  })

  it('goes on with the zxid, the sequence numbers and the session ids of the first', () => {
    const { zoo, owner } = startFilled()
    const second = startServer({ snapshot: zoo.snapshot() }).zoo

    const newcomer = connectRaw(second)
    const reply = newcomer.ask(create('/q/n', { mode: 'PERSISTENT_SEQUENTIAL' }))

    expect(newcomer.sessionId).toBe(owner.sessionId + 1n)
    expect(reply).toMatchObject({
      zxid: Number(zoo.reports.counts().zxid) + 2,
      response: { path: '/q/n0000000001' },
    })
  })

  it('lets its sessions come back to their ephemerals', () => {
    const { zoo, owner } = startFilled()
    const second = startServer({ snapshot: zoo.snapshot() }).zoo

    const resumed = new RawCnxn(second).open({ id: owner.sessionId, password: owner.password })

    expect(resumed.ask({ type: 'getEphemerals', path: '/' })?.response).toMatchObject({ ephemerals: ['/e'] })
  })

  it('lets no other password in', () => {
    const { zoo, owner } = startFilled()
    const second = startServer({ snapshot: zoo.snapshot() }).zoo

    const stranger = new RawCnxn(second).open({ id: owner.sessionId, password: new Uint8Array(16) })

    expect(stranger.log).toEqual(['refused', 'closed'])
  })

  it('gives its sessions a full timeout to come back in', async () => {
    const { zoo } = startFilled()
    const { zoo: second, clock } = startServer({ snapshot: zoo.snapshot() })
    const seen: number[] = []

    for (const ms of [30_000, 2_000]) {
      await clock.advance(ms)
      seen.push(second.reports.counts().ephemerals)
    }

    expect(seen).toEqual([1, 0])
  })

  it('goes on sweeping', async () => {
    const { zoo } = startFilled()
    const { zoo: second, clock } = startServer({ snapshot: zoo.snapshot() })

    await clock.advance(60_000)

    expect(Object.keys(second.dump())).toEqual(['/null', '/empty', '/text', '/q', '/q/n0000000000'])
  })

  it('leaves out the watches, which are of the connections', async () => {
    const { zoo, zk } = await startWorld()
    await zk.addWatch('/', () => undefined)

    const second = startServer({ snapshot: zoo.snapshot() }).zoo

    expect(second.reports.counts().watches).toBe(0)
  })

  it('keeps ACLs in force', async () => {
    const { zoo } = startFilled()
    const second = startServer({ snapshot: zoo.snapshot() }).zoo
    const [anybody, alice] = [
      await second.connect(),
      await second.connect({ auth: [{ scheme: 'digest', auth: 'alice:pw' }] }),
    ]

    expect([await codeOf(anybody.getData('/text')), await codeOf(alice.getData('/text'))]).toEqual([
      'NOAUTH',
      'OK',
    ])
  })

  it('of a restored server that nobody changed costs nothing in order: parents stand before children', () => {
    const { zoo } = startFilled()
    const paths = startServer({ snapshot: zoo.snapshot() })
      .zoo.snapshot()
      .znodes.map(({ path }) => path)

    const misplaced = paths.filter((path, i) => {
      const parent = path.slice(0, Math.max(path.lastIndexOf('/'), 1))
      return path !== '/' && paths.indexOf(parent) >= i
    })

    expect(misplaced).toEqual([])
  })
})

describe('a snapshot that is none', () => {
  function broken(change: (snapshot: Snapshot) => unknown): () => void {
    const snapshot = startServer().zoo.snapshot()
    return () => void startServer({ snapshot: change(snapshot) as never })
  }

  const more = (s: Snapshot, path: string): Snapshot => ({
    ...s,
    znodes: [...s.znodes, ...s.znodes.slice(0, 1).map((node) => ({ ...node, path }))],
  })

  it.each([
    ['an empty object', () => ({}), 'its format is undefined, not zoolet-snapshot-1'],
    [
      'one of another format',
      (s: Snapshot) => ({ ...s, format: 'zoolet-snapshot-2' }),
      'its format is "zoolet-snapshot-2", not zoolet-snapshot-1',
    ],
    ['no znodes', (s: Snapshot) => ({ ...s, znodes: [] }), 'the reserved znode / is missing'],
    [
      'one without /zookeeper/quota',
      (s: Snapshot) => ({ ...s, znodes: s.znodes.filter(({ path }) => path !== '/zookeeper/quota') }),
      'the reserved znode /zookeeper/quota is missing',
    ],
    ['a znode twice', (s: Snapshot) => more(s, '/'), 'znode "/": it is there twice'],
    [
      'a child without a parent',
      (s: Snapshot) => more(s, '/a/b'),
      'znode "/a/b": its parent has to stand before it',
    ],
    [
      'a child before its parent',
      (s: Snapshot) => ({ ...s, znodes: [...s.znodes].reverse() }),
      'znode "/zookeeper/quota": its parent has to stand before it',
    ],
    ['a bad path', (s: Snapshot) => more(s, '/a/'), 'znode "/a/": it must not end with "/"'],
  ])('is refused: %s', (_, change, fault) => {
    expect(broken(change)).toThrow(new TypeError(`Invalid snapshot: ${fault}; take one with snapshot()`))
  })
})
