/** Buffers at every border (law 8): their `slice` is a view and not a copy, so each of them is a trap of its own. */
import { describe, expect, it } from 'vitest'
import { EmbeddedZooKeeper, Op, type Snapshot, type ZooKeeper } from '../../../src/index.js'
import { codeOf, connectRaw, RawCnxn, startServer, startWorld, text } from '../fixture.js'

describe('a Buffer that was handed in', () => {
  it('may be changed afterwards: data', async () => {
    const { zk } = await startWorld()
    const [one, two] = [Buffer.from('hello'), Buffer.alloc(2000, 'x')]

    const calls = [zk.create('/a', one), zk.create('/b', two)]
    one.fill(0)
    two.fill(0)
    await Promise.all(calls)

    expect(text((await zk.getData('/a')).data)).toBe('hello')
    expect(text((await zk.getData('/b')).data)).toBe('x'.repeat(2000))
  })

  it('may be changed while the requests wait for a connection', async () => {
    const { zoo, zk } = await startWorld()
    await zk.create('/d')
    const buffers = ['one', 'two', 'three', 'four'].map((word) => Buffer.from(word))
    zoo.disconnect(zk)

    const calls = writeAll(zk, buffers)
    for (const buffer of buffers) buffer.fill(0)
    zoo.reconnect(zk)
    await Promise.all(calls)

    expect(zoo.dump()).toEqual({ '/a': 'three', '/c': 'four', '/d': 'two' })
  })

  it('may be changed while the requests wait for the end of a turn', async () => {
    const { zoo, zk } = await startWorld()
    await zk.create('/d')
    const buffers = ['one', 'two', 'three', 'four'].map((word) => Buffer.from(word))
    const calls: Promise<unknown>[] = []
    const stop = zoo.inspect(({ kind }) => {
      if (kind !== 'txn' || calls.length > 0) return
      calls.push(...writeAll(zk, buffers))
      for (const buffer of buffers) buffer.fill(0)
    })

    await zk.setData('/d', null)
    stop()
    await Promise.all(calls)

    expect(zoo.dump()).toEqual({ '/a': 'three', '/c': 'four', '/d': 'two' })
  })

  it('may say of itself that it is shorter than it is', async () => {
    class Liar extends Uint8Array {
      override get length(): number {
        return 1
      }
    }
    const { zoo, zk } = await startWorld()
    await zk.multi([Op.create('/a', 'aaaaaaaa'), Op.create('/b', 'bbbbbbbb')])

    await zk.setData('/a', new Liar(24).fill(0x7a))
    await zk.setData('/a', 'short')

    expect(zoo.dump()).toEqual({ '/a': 'short', '/b': 'bbbbbbbb' })
  })

  it('may be changed afterwards: credentials that a later connection needs', async () => {
    const { zoo, zk } = await startWorld()
    const auth = Buffer.from('alice:pw')
    await zk.addAuthInfo('digest', auth)
    auth.fill(0)

    zoo.disconnect(zk)
    zoo.reconnect(zk)

    expect((await zk.whoAmI())[1]).toEqual({ scheme: 'digest', user: 'alice' })
  })

  it('may be changed afterwards: the credentials of connect', async () => {
    const { zoo } = await startWorld()
    const auth = Buffer.from('alice:pw')
    const zk = await zoo.connect({ auth: [{ scheme: 'digest', auth }] })
    auth.fill(0)

    zoo.disconnect(zk)
    zoo.reconnect(zk)

    expect((await zk.whoAmI())[1]).toEqual({ scheme: 'digest', user: 'alice' })
  })

  it('may be changed afterwards: the password of a session', async () => {
    const { zoo, zk } = await startWorld()
    const session = { id: zk.sessionId, password: Buffer.from(zk.sessionPassword) }
    zoo.disconnect(zk)
    const resumed = await zoo.connect({ session })
    session.password.fill(0)

    zoo.disconnect(resumed)
    zoo.reconnect(resumed)

    expect(await codeOf(resumed.exists('/'))).toBe('OK')
  })

  it('may be changed afterwards: what a random source returned', () => {
    const pool = Buffer.alloc(16, 7)
    const zoo = new EmbeddedZooKeeper({ randomBytes: () => pool })
    const cnxn = connectRaw(zoo)

    pool.fill(0)
    const resumed = new RawCnxn(zoo).open({ id: cnxn.sessionId, password: new Uint8Array(16).fill(7) })

    expect(resumed.log).toEqual(['connected'])
  })

  it('may be changed afterwards: the parts of a snapshot', () => {
    const first = startServer().zoo
    connectRaw(first)
    const snapshot = withBuffers(first.snapshot())
    const second = startServer({ snapshot }).zoo
    const before = structuredClone(second.snapshot())

    for (const { data } of snapshot.znodes) data?.fill(9)
    for (const { password } of snapshot.sessions) password.fill(9)

    expect(second.snapshot()).toEqual(before)
  })
})

describe('what was handed out of a server with Buffers inside', () => {
  const randomBytes = (length: number): Buffer => Buffer.alloc(length, 7)

  it('may be changed: the password of a session', async () => {
    const { zoo, zk } = await startWorld({ server: { randomBytes } })
    zk.sessionPassword.fill(0)

    zoo.disconnect(zk)
    zoo.reconnect(zk)

    expect(await codeOf(zk.exists('/'))).toBe('OK')
  })

  it('may be changed: its snapshot', () => {
    const first = startServer({ randomBytes }).zoo
    connectRaw(first)
    const zoo = startServer({ snapshot: withBuffers(first.snapshot()) }).zoo
    const before = structuredClone(zoo.snapshot())

    const { znodes, sessions } = zoo.snapshot()
    for (const { data } of znodes) data?.fill(9)
    for (const { password } of sessions) password.fill(9)

    expect(zoo.snapshot()).toEqual(before)
  })

  it('may be changed: its reports and inspection events', async () => {
    const first = startServer().zoo
    const zoo = startServer({ snapshot: withBuffers(first.snapshot()) }).zoo
    const zk = await zoo.connect()
    zoo.inspect((event) => {
      if (event.kind === 'txn' && event.txn.type === 'create') event.txn.data?.fill(0)
      if (event.kind === 'request' && event.request.type === 'create') event.request.data?.fill(0)
    })
    await zk.create('/b', Buffer.from('kept'))
    for (const { data } of zoo.reports.znodes()) data?.fill(0)

    expect(zoo.dump()).toEqual({ '/a': 'abc', '/b': 'kept' })
  })
})

/** Every kind of write that takes data. */
function writeAll(zk: ZooKeeper, [one, two, three, four]: readonly Buffer[]): Promise<unknown>[] {
  if (one === undefined || two === undefined || three === undefined || four === undefined)
    throw new Error('there are four')
  const update = { ...Op.setData('/a', null), data: three }
  return [zk.create('/a', one), zk.setData('/d', two), zk.multi([update, Op.create('/c', four)])]
}

/** The same state with a Buffer in each place of bytes, and a znode /a. */
function withBuffers(snapshot: Snapshot): Snapshot {
  const nodes = snapshot.znodes.map((node) => ({
    ...node,
    data: node.data === null ? null : Buffer.from(node.data),
  }))
  const [root] = nodes
  if (root === undefined) throw new Error('a snapshot has a root')
  return {
    ...snapshot,
    znodes: [...nodes, { ...root, path: '/a', data: Buffer.from('abc') }],
    sessions: snapshot.sessions.map((session) => ({ ...session, password: Buffer.from(session.password) })),
  }
}
