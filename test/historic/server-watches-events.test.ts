/**
 * Historic bugs of ZooKeeper and its kin, 13 to 16, 18 and 19: which events a change causes, in which order they leave, what they
 * name, and who may see them. Read at the server: from the log of a raw connection, or from the frames of a peer.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MultiOp } from '../../src/protocol/message.js'
import { runParameters } from '../property/run-parameters.js'
import { toHex, utf8 } from '../protocol/hex.js'
import {
  allBut,
  auth,
  check,
  connectRaw,
  create,
  type RawCnxn,
  recordEvents,
  remove,
  type Server,
  setACL,
  setData,
  startServer,
  startWorld,
} from '../semantics/fixture.js'
import { arm, WATCH_KINDS, type WatchKind, watchLines } from '../semantics/watches/trigger-matrix.js'
import { type Peer, requestFrame, WireWorld } from '../transport/fake-link.js'
import { armRequest, type HeardFrame, setWatches, takeHeardFrames } from './server-watches-requests.js'

describe('13. ZK-1254, CK-28190, CK-69627: a multi that fails tells nobody, wherever it fails', () => {
  const ops: readonly MultiOp[] = [setData('/a'), create('/a/new'), remove('/b'), setData('/c/d')]
  const failures: Readonly<Record<string, MultiOp>> = {
    BADVERSION: check('/a', 99),
    NOAUTH: setData('/locked'),
    NONODE: remove('/none'),
    NODEEXISTS: create('/c'),
    NOTEMPTY: remove('/c'),
  }
  const places = ops.length + 1
  const cases = Object.keys(failures).flatMap((code) =>
    Array.from({ length: places }, (_, position) => ({ code, position })),
  )

  function startWatched(): {
    readonly reader: RawCnxn
    readonly writer: RawCnxn
    readonly zoo: Server['zoo']
  } {
    const { zoo } = startServer()
    const [reader, writer] = [connectRaw(zoo), connectRaw(zoo)]
    for (const path of ['/a', '/b', '/c', '/c/d', '/locked']) writer.ask(create(path))
    writer.ask(setACL('/locked', allBut('WRITE')))
    for (const kind of WATCH_KINDS)
      for (const path of ['/', '/a', '/a/new', '/b', '/c', '/c/d', '/locked'])
        reader.ask(armRequest(kind, path))
    return { reader, writer, zoo }
  }

  it.each(cases)('$code at $position', ({ code, position }) => {
    const { reader, writer, zoo } = startWatched()
    const bad = failures[code]
    const before = { watches: watchLines(zoo), znodes: zoo.reports.znodes() }

    const reply = writer.ask({ type: 'multi', ops: bad === undefined ? [] : ops.toSpliced(position, 0, bad) })

    expect(reply?.response).toMatchObject({
      results: { length: places, [position]: { type: 'error', code } },
    })
    expect(reader.notifications).toEqual([])
    expect({ watches: watchLines(zoo), znodes: zoo.reports.znodes() }).toEqual(before)
  })

  it('and one that succeeds tells of each operation in order; a set on a child is none to the list above it', () => {
    const { reader, writer } = startWatched()

    writer.ask({ type: 'multi', ops })

    expect(eventsOf(reader)).toEqual([
      'NodeDataChanged /a',
      'NodeCreated /a/new',
      'NodeChildrenChanged /a',
      'NodeDeleted /b',
      'NodeChildrenChanged /',
      'NodeDataChanged /c/d',
    ])
  })

  it('nor does a multi after one that was refused find anything half done', () => {
    const { reader, writer, zoo } = startWatched()
    writer.ask({ type: 'multi', ops: [...ops, setData('/locked')] })

    const { code, zxid } = writer.ask({ type: 'multi', ops: [check('/a', 0), create('/a/new')] }) ?? {}

    expect([code, eventsOf(reader)]).toEqual(['OK', ['NodeCreated /a/new', 'NodeChildrenChanged /a']])
    expect(zxid).toBe(Number(zoo.reports.counts().zxid))
  })
})

describe('14. CK-28197, CK-18217: an event never comes before the reply of the read that armed it', () => {
  const step = fc.oneof(
    fc.record({ act: fc.constant('arm' as const), kind: fc.constantFrom(...WATCH_KINDS) }),
    fc.record({ act: fc.constantFrom('set', 'child', 'look', 'flush', 'turn', 'stall', 'read') }),
  )

  it('nor after the first reply that shows its change, whenever bytes leave', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
        const { heard, reads, changes } = runSteps(steps)
        for (const [xid, kind] of reads) expectOrder(heard, changes.get(kind) ?? [], xid)
      }),
      runParameters(300),
    )
  })

  interface Run {
    readonly heard: readonly HeardFrame[]
    /** Which kind each request with a watch left. */
    readonly reads: ReadonlyMap<number, WatchKind>
    /** The zxids that each kind hears of. */
    readonly changes: ReadonlyMap<WatchKind, readonly number[]>
  }

  function runSteps(steps: readonly { readonly act: string; readonly kind?: WatchKind }[]): Run {
    const world = new WireWorld()
    world.zoo.load({ '/a': 'x' })
    const [reader, writer] = [world.connect(), world.connect()]
    const reads = new Map<number, WatchKind>()
    const changes = new Map<WatchKind, number[]>()
    const zxid = (): number => Number(world.zoo.reports.counts().zxid)
    const changed = (kinds: readonly WatchKind[]): void => {
      for (const kind of kinds) changes.set(kind, [...(changes.get(kind) ?? []), zxid()])
    }
    const acts: Readonly<Record<string, (xid: number, kind: WatchKind) => void>> = {
      arm: (xid, kind) => {
        reads.set(xid, kind)
        reader.end.received(requestFrame(xid, armRequest(kind, '/a')))
      },
      set: (xid) => {
        writer.end.received(requestFrame(xid, setData('/a')))
        changed(['data', 'exists', 'persistent', 'recursive'])
      },
      child: (xid) => {
        writer.end.received(requestFrame(xid, create('/a/x', { mode: 'PERSISTENT_SEQUENTIAL' })))
        changed(['child', 'persistent', 'recursive'])
      },
      look: (xid) => reader.end.received(requestFrame(xid, { type: 'sync', path: '/' })),
      flush: () => world.endTask(),
      turn: () => world.turn(),
      stall: () => stop(reader),
      read: () => go(reader),
    }
    for (const [i, { act, kind = 'data' }] of steps.entries()) acts[act]?.(i + 1, kind)
    acts.set?.(1000, 'data')
    acts.child?.(1001, 'data')
    acts.look?.(1002, 'data')
    reader.isReading = true
    world.settle()
    return { heard: takeHeardFrames(reader), reads, changes }
  }

  /** W1 and W2 for one registration: its event comes after its reply, and before any reply that knows of the change. */
  function expectOrder(heard: readonly HeardFrame[], changes: readonly number[], xid: number): void {
    const reply = heard.findIndex((frame) => frame.event === undefined && frame.xid === xid)
    const armedZxid = heard[reply]?.zxid ?? Number.NaN
    const changeZxid = changes.find((zxid) => zxid > armedZxid)
    const event = heard.findIndex(
      (frame, i) => i > reply && frame.event !== undefined && frame.zxid === changeZxid,
    )
    const knowing = heard.findIndex(
      (frame) => frame.event === undefined && frame.zxid >= (changeZxid ?? Number.NaN),
    )
    expect(reply).toBeGreaterThanOrEqual(0)
    expect(event).toBeGreaterThan(reply)
    expect(knowing).toBeGreaterThan(event)
  }

  function stop(peer: Peer): void {
    peer.isReading = false
  }

  function go(peer: Peer): void {
    peer.isReading = true
    peer.read()
  }
})

describe('15. CK-115475: a recursive watch names the znode that changed, not the one it is on', () => {
  it.each(['/', '/w', '/w/x', '/w/x/y'])('on %s', async (place) => {
    const { zoo, zk } = await startWorld()
    const raw = connectRaw(zoo)
    await zk.createAll('/w/x/y')
    const { events, watcher } = recordEvents()
    await zk.addWatch(place, watcher, { recursive: true })
    raw.ask(armRequest('recursive', place))

    await zk.create('/w/x/y/z')
    await zk.setData('/w/x/y/z', 'new')
    await zk.delete('/w/x/y/z')
    await zk.setData('/w/x/y', 'new')

    const expected = [
      'NodeCreated /w/x/y/z',
      'NodeDataChanged /w/x/y/z',
      'NodeDeleted /w/x/y/z',
      'NodeDataChanged /w/x/y',
    ]
    expect([events, eventsOf(raw)]).toEqual([expected, expected])
  })
})

describe('16. CK-98499: the reply to addWatch has a body of four bytes', () => {
  it.each(['PERSISTENT', 'PERSISTENT_RECURSIVE'] as const)('%s', (mode) => {
    const world = new WireWorld()
    const peer = world.connect()

    peer.ask(0x13, { type: 'addWatch', path: '/w', mode })
    peer.ask(0x14, { type: 'checkWatches', path: '/w', watcherType: 'Any' })

    const header = (xid: string): string => `000000${xid}000000000000000100000000`
    expect(peer.takeFrames().map(toHex)).toEqual([`${header('13')}00000000`, header('14')])
  })
})

describe('18. ZK-4799, CVE-2024-23944: no watch tells of a znode that may not be read', () => {
  const secret = '/open/secret'
  const hidden = { acl: allBut('READ') }
  const deeds: Readonly<Record<string, (writer: Peer) => void>> = {
    'created, changed and deleted': (writer) => {
      for (const request of [create(secret, hidden), setData(secret), remove(secret)]) writer.ask(1, request)
    },
    'in a multi': (writer) =>
      writer.ask(1, { type: 'multi', ops: [create(secret, hidden), setData(secret), remove(secret)] }),
    'hidden after the fact': (writer) => {
      const later = [setACL(secret, hidden.acl), setData(secret), remove(secret)]
      for (const request of later) writer.ask(1, request)
    },
    'the ephemeral of a session that ends': (writer) => {
      writer.ask(1, create(secret, { ...hidden, mode: 'EPHEMERAL' }))
      writer.ask(2, { type: 'closeSession' })
    },
  }

  it.each(Object.keys(deeds))('%s', (name) => {
    const world = new WireWorld()
    world.zoo.load({ '/open': 'x' })
    const [reader, writer] = [world.connect(), world.connect()]
    if (name === 'hidden after the fact') writer.ask(1, create(secret))
    const watches = (['persistent', 'recursive'] as const).flatMap((kind) =>
      ['/', '/open', secret].map((path) => armRequest(kind, path)),
    )
    for (const [xid, request] of [...watches, armRequest('exists', secret)].entries())
      reader.ask(xid, request)
    reader.takeFrames()

    deeds[name]?.(writer)
    world.settle()

    const frames = reader.takeFrames().map(toHex)
    expect(frames.join(' ')).not.toContain(toHex(utf8('secret')))
    // What may be read is told all the same: that the children of /open changed.
    expect(frames.length).toBeGreaterThan(0)
  })

  it('not even one that changed while the client was away', () => {
    const { zoo } = startServer()
    const [reader, writer] = [connectRaw(zoo), connectRaw(zoo)]
    for (const path of ['/secret', '/shown']) writer.ask(create(path))
    const relativeZxid = Number(zoo.reports.counts().zxid)
    for (const path of ['/secret', '/shown']) writer.ask(setData(path))
    writer.ask(setACL('/secret', hidden.acl))

    const paths = ['/secret', '/shown']
    reader.ask(setWatches({ relativeZxid, dataWatches: paths, existWatches: paths }))

    expect(eventsOf(reader)).toEqual(['NodeDataChanged /shown', 'NodeCreated /shown'])
  })

  it('but whoever may read it hears of all of it', () => {
    const { zoo } = startServer()
    const [stranger, friend, owner] = [connectRaw(zoo), connectRaw(zoo), connectRaw(zoo)]
    for (const cnxn of [friend, owner]) cnxn.ask(auth('digest', 'alice:pw'))
    for (const cnxn of [stranger, friend]) cnxn.ask(armRequest('recursive', '/'))
    const acl = [{ perms: 31, scheme: 'auth', id: '' }]

    for (const request of [create('/s', { acl }), setData('/s'), remove('/s')]) owner.ask(request)

    expect(eventsOf(friend)).toEqual(['NodeCreated /s', 'NodeDataChanged /s', 'NodeDeleted /s'])
    expect(eventsOf(stranger)).toEqual([])
  })
})

describe('19. Bug of 2008-03 (commit 418a0392f), ZK-682: watches on / fire, below a chroot too', () => {
  const heard: Readonly<Record<WatchKind, readonly string[]>> = {
    data: ['NodeDataChanged /'],
    exists: ['NodeDataChanged /'],
    child: ['NodeChildrenChanged /'],
    persistent: ['NodeChildrenChanged /', 'NodeDataChanged /', 'NodeChildrenChanged /'],
    recursive: ['NodeCreated /a', 'NodeDataChanged /', 'NodeDeleted /a'],
  }

  it.each(['', '/c', '/c/d'].flatMap((chroot) => WATCH_KINDS.map((kind) => ({ chroot, kind }))))(
    '$kind below "$chroot"',
    async ({ chroot, kind }) => {
      const { zoo } = startServer()
      zoo.load({ '/c/d': 'x' })
      const [zk, writer] = [await zoo.connect(chroot === '' ? {} : { chroot }), await zoo.connect()]
      const { events, watcher } = recordEvents()
      await arm(zk, kind, '/', watcher)

      await writer.create(`${chroot}/a`)
      await writer.setData(chroot === '' ? '/' : chroot, 'new')
      await writer.delete(`${chroot}/a`)
      await zoo.settle()

      expect(events).toEqual(heard[kind])
    },
  )
})

function eventsOf({ notifications }: RawCnxn): string[] {
  return notifications.map(({ type, path }) => `${type} ${path}`)
}
