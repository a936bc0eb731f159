/**
 * What a server's end does about clients that do not read: their requests wait, and sooner or later they are closed. Whatever
 * it costs them, their sessions live, and whoever writes goes on.
 */
import { describe, expect, it } from 'vitest'
import type { Request } from '../../src/protocol/message.js'
import { create, read, setData } from '../semantics/fixture.js'
import {
  type Peer,
  requestFrame,
  SYNCED_BYTES,
  syncFrames,
  WireWorld,
  type WireWorldOptions,
} from './fake-link.js'

const SYNC: Request = { type: 'sync', path: '/' }
const WATCH: Request = { type: 'addWatch', path: '/a', mode: 'PERSISTENT' }
const LONG_MS = 40_000
/** Bytes of the event `NodeDataChanged /a`, and of the reply to a setData. */
const EVENT_BYTES = 34
const SET_BYTES = 88

describe('the requests of a client that does not read', () => {
  const limits = { maxUnsentReplyBytes: 10 * SYNCED_BYTES }

  it('wait once too much is on its way, and go on once it reads', () => {
    const world = new WireWorld({ limits })
    const peer = world.connect()
    peer.isReading = false

    peer.send(...syncFrames(30))
    world.settle()

    expect([peer.link.unsentBytes, peer.link.log]).toEqual([11 * SYNCED_BYTES, ['pause']])
    expect(peer.readAll()).toEqual(Array.from({ length: 30 }, (_, i) => `${i} OK`))
    expect(peer.link.log).toEqual(['pause', 'resume'])
  })

  it('do not wait for as much as is allowed', () => {
    const world = new WireWorld({ limits })
    const peer = world.connect()
    peer.isReading = false

    peer.send(...syncFrames(10))
    world.settle()

    expect([peer.link.unsentBytes, peer.link.log]).toEqual([10 * SYNCED_BYTES, []])
  })

  it('wait for the events that are on their way, too', () => {
    const { slow, writer } = startSlow({ limits: { maxUnsentReplyBytes: 3 * EVENT_BYTES } })
    for (let i = 0; i < 4; i++) writer.ask(i, setData('/a'))

    slow.ask(9, SYNC)
    const heldBack = slow.link.unsentBytes

    expect(heldBack).toBe(4 * EVENT_BYTES)
    expect(slow.readAll()).toEqual([...new Array(4).fill('NodeDataChanged /a'), '9 OK'])
  })

  it.each([
    ['expires with those of a client that takes nothing', 0, 1],
    ['does not expire while the client takes what it is sent', 1, 2],
  ])('keep its pings waiting, and its session %s', async (_what, taken, sessions) => {
    const { world, slow, writer } = startSlow({ limits: { maxUnsentReplyBytes: 1, slowReaderMs: 3_600_000 } })
    for (let i = 0; i < 10; i++) writer.ask(i, setData('/a'))
    slow.send(...syncFrames(1))

    for (let i = 0; i < 4; i++) {
      await world.pass(LONG_MS / 2)
      slow.link.send(taken)
      writer.ask(i, SYNC)
    }

    expect(world.zoo.reports.counts().sessions).toBe(sessions)
  })

  it('keep nobody else waiting, and no event', () => {
    const world = new WireWorld({ limits })
    const [peer, writer] = [world.connect(), world.connect()]
    writer.ask(1, create('/a'))
    peer.ask(0, WATCH)
    peer.isReading = false
    peer.send(...syncFrames(30))

    writer.ask(2, setData('/a'))

    expect(writer.takeHeard()).toEqual(['1 OK', '2 OK'])
    expect(peer.link.unsentBytes).toBe(11 * SYNCED_BYTES + EVENT_BYTES)
  })

  it('go on one by one as it reads one by one', () => {
    const world = new WireWorld({ limits })
    const peer = world.connect()
    peer.isReading = false
    for (const sync of syncFrames(13)) peer.send(sync)
    const sizes = [peer.link.unsentBytes]

    for (let read = 0; read < 4; read++) {
      peer.link.send(1)
      world.settle()
      sizes.push(peer.link.unsentBytes)
    }

    expect(sizes).toEqual([11, 11, 11, 10, 9].map((replies) => replies * SYNCED_BYTES))
    expect(peer.link.log).toEqual(['pause', 'resume'])
  })
})

describe('a client that is behind by too much for too long', () => {
  const limits = { slowReaderBytes: 5 * EVENT_BYTES }

  it('is closed, while its session lives and the writer goes on', async () => {
    const { world, slow, writer } = startSlow({ limits })
    for (let i = 0; i < 6; i++) writer.ask(i, setData('/a'))
    await world.pass(9_999)
    const before = [...slow.link.log]

    await world.pass(1)
    writer.ask(9, setData('/a'))

    expect([before, slow.link.log, slow.meter.isSlow]).toEqual([[], ['destroy'], true])
    expect(writer.takeHeard()).toHaveLength(7)
    expectResumes(world, slow)
  })

  it('is not closed if it is behind by exactly as much as is allowed', async () => {
    const { world, slow, writer } = startSlow({ limits })
    for (let i = 0; i < 5; i++) writer.ask(i, setData('/a'))

    await world.pass(30_000)

    expect([slow.link.log, slow.meter.isSlow]).toEqual([[], false])
  })

  it('is not closed if it reads enough in time', async () => {
    const { world, slow, writer } = startSlow({ limits })
    for (let i = 0; i < 6; i++) writer.ask(i, setData('/a'))
    await world.pass(9_999)

    slow.link.send(1)
    await world.pass(20_000)

    expect([slow.link.log, slow.link.unsentBytes]).toEqual([[], 5 * EVENT_BYTES])
  })

  it('is closed if it reads, but not enough', async () => {
    const { world, slow, writer } = startSlow({ limits })
    for (let i = 0; i < 8; i++) writer.ask(i, setData('/a'))
    await world.pass(5_000)

    slow.link.send(2)
    await world.pass(5_000)

    expect(slow.link.log).toEqual(['destroy'])
  })

  it('has its time anew each time that it falls behind', async () => {
    const { world, slow, writer } = startSlow({ limits })
    for (let i = 0; i < 6; i++) writer.ask(i, setData('/a'))
    await world.pass(9_000)
    slow.link.send(1)
    writer.ask(6, setData('/a'))

    await world.pass(9_999)
    const before = [...slow.link.log]
    await world.pass(1)

    expect([before, slow.link.log]).toEqual([[], ['destroy']])
  })

  it('leaves no timer behind when it goes by itself', () => {
    const { world, slow, writer } = startSlow({ limits })
    const timers = world.clock.pendingTimers
    for (let i = 0; i < 6; i++) writer.ask(i, setData('/a'))
    const timersWhileSlow = world.clock.pendingTimers

    slow.end.closed()

    expect([timersWhileSlow - timers, world.clock.pendingTimers - timers]).toEqual([1, 0])
  })
})

describe('a client that is behind by far too much', () => {
  const limits = { maxUnsentBytes: 5 * EVENT_BYTES }

  it('is closed by the next frame, while its session lives and the writer goes on', () => {
    const { world, slow, writer } = startSlow({ limits })
    for (let i = 0; i < 6; i++) writer.ask(i, setData('/a'))
    const before = [...slow.link.log]

    writer.ask(6, setData('/a'))

    expect([before, slow.link.log, slow.meter.isSlow]).toEqual([[], ['destroy'], true])
    expect(writer.takeHeard()).toEqual(Array.from({ length: 7 }, (_, i) => `${i} OK`))
    expectResumes(world, slow)
  })

  it('is not closed by the next frame if it has read enough', () => {
    const { slow, writer } = startSlow({ limits })
    for (let i = 0; i < 6; i++) writer.ask(i, setData('/a'))

    slow.link.send(1)
    writer.ask(6, setData('/a'))

    expect(slow.link.log).toEqual([])
  })

  it('takes nothing from the other watchers of the same znode', () => {
    const { world, slow, writer } = startSlow({ limits })
    const [later, earlier] = [world.connect(), writer]
    earlier.ask(100, WATCH)
    later.ask(0, WATCH)
    for (let i = 0; i < 6; i++) writer.ask(i, setData('/a'))
    writer.takeHeard()
    later.takeHeard()

    writer.ask(6, setData('/a'))

    expect(slow.link.log).toEqual(['destroy'])
    expect(later.takeHeard()).toEqual(['NodeDataChanged /a'])
    expect(writer.takeHeard()).toEqual(['NodeDataChanged /a', '6 OK'])
  })

  it('hears nothing more, and its watches are gone', () => {
    const { world, slow, writer } = startSlow({ limits })
    for (let i = 0; i < 8; i++) writer.ask(i, setData('/a'))

    slow.read()

    expect(slow.takeHeard()).toEqual([])
    expect(world.zoo.reports.counts().watches).toBe(0)
  })
})

describe('when too much is on its way to all clients together', () => {
  const limits = { maxTotalUnsentBytes: 10 * EVENT_BYTES + SET_BYTES }

  it('the one that is furthest behind is closed, and no other', () => {
    const { world, slow, writer } = startSlow({ limits })
    const less = world.connect({ timeoutMs: LONG_MS })
    for (let i = 0; i < 4; i++) writer.ask(i, setData('/a'))
    less.ask(0, WATCH)
    less.takeHeard()
    less.isReading = false
    for (let i = 4; i < 7; i++) writer.ask(i, setData('/a'))
    expect(world.parts.unsent.total).toBe(10 * EVENT_BYTES)
    const before = [...slow.link.log]

    writer.ask(7, setData('/a'))

    expect([before, slow.link.log, slow.meter.isSlow]).toEqual([[], ['destroy'], true])
    expect([less.link.log, less.meter.isSlow]).toEqual([[], false])
    less.read()
    expect(less.takeHeard()).toEqual(new Array(4).fill('NodeDataChanged /a'))
    expect(writer.takeHeard()).toHaveLength(8)
    expectResumes(world, slow)
  })

  it('it may cost the one whose request is just being served', () => {
    const { world, slow: watcher, writer } = startSlow({ limits })
    watcher.isReading = true
    writer.isReading = false
    writer.send(...syncFrames(16))

    writer.send(requestFrame(16, setData('/a')), requestFrame(17, create('/b')))

    expect([writer.link.log, writer.meter.isSlow]).toEqual([['destroy'], true])
    expect(watcher.takeHeard()).toEqual(['NodeDataChanged /a'])
    expect(Object.keys(world.zoo.dump())).toEqual(['/a'])
    expect(world.parts.unsent.total).toBe(0)
    expectResumes(world, writer)
  })

  it('nobody is closed if it is as much as is allowed', () => {
    const { world, slow, writer } = startSlow({ limits })

    for (let i = 0; i < 10; i++) writer.ask(i, setData('/a'))

    expect([slow.link.log, world.parts.unsent.total]).toEqual([[], 10 * EVENT_BYTES])
  })

  it('what has left, and what was given up, does not count any more', () => {
    const { world, slow, writer } = startSlow({ limits })
    for (let i = 0; i < 9; i++) writer.ask(i, setData('/a'))

    slow.read()
    const afterReading = world.parts.unsent.total
    for (let i = 0; i < 4; i++) writer.ask(i, setData('/a'))
    slow.end.closed()

    expect([afterReading, world.parts.unsent.total]).toEqual([0, 0])
  })
})

/** A peer that watches /a and does not read, and one that writes. */
function startSlow(options: WireWorldOptions): { world: WireWorld; slow: Peer; writer: Peer } {
  const world = new WireWorld(options)
  const [slow, writer] = [world.connect({ timeoutMs: LONG_MS }), world.connect({ timeoutMs: LONG_MS })]
  writer.ask(0, create('/a'))
  slow.ask(0, WATCH)
  slow.takeHeard()
  writer.takeHeard()
  slow.isReading = false
  return { world, slow, writer }
}

/** The session of a peer that was closed can be come back to, and works. */
function expectResumes(world: WireWorld, { session }: Peer): void {
  const peer = world.dial()
  peer.shakeHands({ sessionId: session?.sessionId ?? 0n, password: session?.password ?? new Uint8Array(0) })
  peer.ask(1, read('getData', '/a'))
  expect(peer.takeHeard()).toEqual(['connected 10000', '1 OK'])
}
