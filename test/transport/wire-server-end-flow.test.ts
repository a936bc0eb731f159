/**
 * What a server's end does about time and room: frames that are never completed, clients that send without end, clients that do
 * not read. Whatever it costs them, their sessions live, and whoever writes goes on.
 */
import { describe, expect, it } from 'vitest'
import type { Request } from '../../src/protocol/message.js'
import { hex } from '../protocol/hex.js'
import { create, read, setData } from '../semantics/fixture.js'
import { type Peer, requestFrame, WireWorld, type WireWorldOptions } from './fake-link.js'

const SYNC: Request = { type: 'sync', path: '/' }
const WATCH: Request = { type: 'addWatch', path: '/a', mode: 'PERSISTENT' }
const LONG_MS = 40_000
/** Bytes of the event `NodeDataChanged /a`, and of the replies to a sync of the root and to a setData. */
const EVENT_BYTES = 34
const SYNCED_BYTES = 25
const SET_BYTES = 88

describe('a frame that was begun', () => {
  it('and is not completed in time ends the connection', async () => {
    const world = new WireWorld()
    const peer = world.connect({ timeoutMs: LONG_MS })
    peer.send(requestFrame(1, SYNC), hex('00 00 00 08 00'))
    await world.pass(29_999)
    const before = [...peer.link.log]

    await world.pass(1)

    expect(peer.takeHeard()).toEqual(['1 OK'])
    expect([before, peer.link.log]).toEqual([[], ['destroy']])
  })

  it('and goes on byte by byte, but is not completed in time, ends the connection too', async () => {
    const world = new WireWorld()
    const peer = world.connect({ timeoutMs: LONG_MS })
    peer.send(hex('00 00 01 00'))
    for (let i = 0; i < 29; i++) {
      await world.pass(1000)
      peer.send(hex('00'))
    }
    const before = [...peer.link.log]

    await world.pass(1000)

    expect([before, peer.link.log]).toEqual([[], ['destroy']])
  })

  it('and is completed in time ends nothing, then or later', async () => {
    const world = new WireWorld()
    const peer = world.connect({ timeoutMs: LONG_MS })
    const [head, tail] = split(requestFrame(1, SYNC), 5)
    peer.send(head)
    await world.pass(29_999)

    peer.send(tail)
    await world.pass(10_000)

    expect([peer.takeHeard(), peer.link.log]).toEqual([['1 OK'], []])
  })

  it('ends nothing while frames keep being completed, each in pieces', async () => {
    const world = new WireWorld()
    const peer = world.connect({ timeoutMs: LONG_MS })
    const stream = Array.from({ length: 20 }, (_, i) => requestFrame(i, SYNC))

    // Something is left over after each piece.
    peer.send(hex('00'))
    for (const frame of stream) {
      const [head, tail] = split(frame, 1)
      expect(head).toEqual(hex('00'))
      await world.pass(10_000)
      peer.send(tail, hex('00'))
    }

    expect(peer.takeHeard()).toHaveLength(20)
    expect(peer.link.log).toEqual([])
  })

  it('waits for the time that is set', async () => {
    const world = new WireWorld({ limits: { frameTimeoutMs: 7 } })
    const peer = world.connect()

    peer.send(hex('00'))
    await world.pass(7)

    expect(peer.link.log).toEqual(['destroy'])
  })

  it('and was completed ends nothing while it waits for the client to read', async () => {
    const timeoutMs = 200_000
    const limits = { maxUnsentReplyBytes: 2 * SYNCED_BYTES }
    const world = new WireWorld({ limits, server: { maxSessionTimeoutMs: timeoutMs } })
    const peer = world.connect({ timeoutMs })
    const [head, tail] = split(requestFrame(2, SYNC), 5)
    peer.isReading = false
    peer.send(...syncs(2), head)
    peer.send(tail, requestFrame(3, SYNC))

    await world.pass(100_000)

    expect(peer.link.log).toEqual(['pause'])
    expect(readAll(world, peer)).toEqual(['0 OK', '1 OK', '2 OK', '3 OK'])
  })

  it('and is not completed once the client has read ends the connection', async () => {
    const timeoutMs = 200_000
    const limits = { maxUnsentReplyBytes: SYNCED_BYTES }
    const world = new WireWorld({ limits, server: { maxSessionTimeoutMs: timeoutMs } })
    const peer = world.connect({ timeoutMs })
    peer.isReading = false
    peer.send(...syncs(3), hex('00'))
    await world.pass(50_000)
    readAll(world, peer)
    const before = [...peer.link.log]

    await world.pass(30_000)

    expect([before, peer.link.log.at(-1)]).toEqual([['pause', 'resume'], 'destroy'])
  })
})

describe('a client that sends many requests at once', () => {
  it('is served up to 63 of them in one go, without a pause', () => {
    const world = new WireWorld()
    const peer = world.connect()

    peer.send(...syncs(63))

    expect(peer.takeHeard()).toHaveLength(63)
    expect([peer.link.log, world.scheduler.waiting]).toEqual([[], 0])
  })

  it('is served 64 in a turn, held up meanwhile, and let go on after', () => {
    const world = new WireWorld()
    const peer = world.connect()
    const served = [countAfter(peer, () => peer.send(...syncs(200)))]
    const held = [...peer.link.log]

    for (let turn = 1; turn < 4; turn++) served.push(countAfter(peer, () => world.turn()))

    expect(served).toEqual([64, 64, 64, 8])
    expect([held, peer.link.log]).toEqual([['pause'], ['pause', 'resume']])
    expect(world.scheduler.waiting).toBe(0)
  })

  it('is served fewer in a turn if they take long', () => {
    const world = new WireWorld()
    const peer = world.connect()
    world.scheduler.msALook = 5

    const served = countAfter(peer, () => peer.send(...syncs(50)))

    expect(served).toBe(8)
  })

  it('is served all of them in one go if they take no time', () => {
    const world = new WireWorld()
    const peer = world.connect()
    world.scheduler.msALook = 0.5

    const served = countAfter(peer, () => peer.send(...syncs(50)))

    expect(served).toBe(50)
  })

  it('takes turns with others that do the same', () => {
    const world = new WireWorld()
    const [one, other] = [world.connect(), world.connect()]
    one.send(...syncs(150))
    other.send(...syncs(150))
    const rounds = [[one.takeHeard().length, other.takeHeard().length]]

    for (let turn = 1; turn < 3; turn++) {
      world.turn()
      rounds.push([one.takeHeard().length, other.takeHeard().length])
    }

    expect(rounds).toEqual([
      [64, 64],
      [64, 64],
      [22, 22],
    ])
  })

  it('keeps nobody waiting who sends one', () => {
    const world = new WireWorld()
    const [busy, quiet] = [world.connect(), world.connect()]
    busy.send(...syncs(1000))

    quiet.ask(1, SYNC)

    expect(quiet.takeHeard()).toEqual(['1 OK'])
    expect(busy.takeHeard()).toHaveLength(64)
  })

  it('is answered in the order of its requests, whatever still comes in', () => {
    const world = new WireWorld()
    const peer = world.connect()

    peer.send(...syncs(100))
    peer.send(requestFrame(100, create('/a')))
    const inBetween = Object.keys(world.zoo.dump())
    world.settle()

    expect(inBetween).toEqual([])
    expect(peer.takeHeard()).toEqual(Array.from({ length: 101 }, (_, i) => `${i} OK`))
  })

  it('and is gone before its turn comes is not served any more', () => {
    const world = new WireWorld()
    const peer = world.connect()
    peer.send(...syncs(100), requestFrame(100, create('/a')))

    peer.end.closed()
    world.settle()

    expect(world.zoo.dump()).toEqual({})
    expect(peer.link.log).toEqual(['pause'])
  })
})

describe('the requests of a client that does not read', () => {
  const limits = { maxUnsentReplyBytes: 10 * SYNCED_BYTES }

  it('wait once too much is on its way, and go on once it reads', () => {
    const world = new WireWorld({ limits })
    const peer = world.connect()
    peer.isReading = false

    peer.send(...syncs(30))
    world.settle()

    expect([peer.link.unsentBytes, peer.link.log]).toEqual([11 * SYNCED_BYTES, ['pause']])
    expect(readAll(world, peer)).toEqual(Array.from({ length: 30 }, (_, i) => `${i} OK`))
    expect(peer.link.log).toEqual(['pause', 'resume'])
  })

  it('do not wait for as much as is allowed', () => {
    const world = new WireWorld({ limits })
    const peer = world.connect()
    peer.isReading = false

    peer.send(...syncs(10))
    world.settle()

    expect([peer.link.unsentBytes, peer.link.log]).toEqual([10 * SYNCED_BYTES, []])
  })

  it('wait for the events that are on their way, too', () => {
    const { world, slow, writer } = startSlow({ limits: { maxUnsentReplyBytes: 3 * EVENT_BYTES } })
    for (let i = 0; i < 4; i++) writer.ask(i, setData('/a'))

    slow.ask(9, SYNC)
    const heldBack = slow.link.unsentBytes

    expect(heldBack).toBe(4 * EVENT_BYTES)
    expect(readAll(world, slow)).toEqual([...new Array(4).fill('NodeDataChanged /a'), '9 OK'])
  })

  it('keep nobody else waiting, and no event', () => {
    const world = new WireWorld({ limits })
    const [peer, writer] = [world.connect(), world.connect()]
    writer.ask(1, create('/a'))
    peer.ask(0, WATCH)
    peer.isReading = false
    peer.send(...syncs(30))

    writer.ask(2, setData('/a'))

    expect(writer.takeHeard()).toEqual(['1 OK', '2 OK'])
    expect(peer.link.unsentBytes).toBe(11 * SYNCED_BYTES + EVENT_BYTES)
  })

  it('go on one by one as it reads one by one', () => {
    const world = new WireWorld({ limits })
    const peer = world.connect()
    peer.isReading = false
    for (const sync of syncs(13)) peer.send(sync)
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

/** Reads until nothing comes any more. */
function readAll(world: WireWorld, peer: Peer): string[] {
  const heard: string[] = []
  while (peer.link.unsentBytes > 0) {
    peer.read()
    heard.push(...peer.takeHeard())
    world.settle()
  }
  return heard
}

function countAfter(peer: Peer, act: () => void): number {
  act()
  return peer.takeHeard().length
}

/** So many requests, whose xids count from 0. */
function syncs(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, xid) => requestFrame(xid, SYNC))
}

function split(bytes: Uint8Array, at: number): [Uint8Array, Uint8Array] {
  return [bytes.subarray(0, at), bytes.subarray(at)]
}
