/**
 * What a server's end does about clients that send badly: frames that are begun and not completed cost the connection, and
 * requests without end are served in turns with those of others.
 */
import { describe, expect, it } from 'vitest'
import type { Request } from '../../src/protocol/message.js'
import { hex } from '../protocol/hex.js'
import { create } from '../semantics/fixture.js'
import { type Peer, requestFrame, SYNCED_BYTES, syncFrames, WireWorld } from './fake-link.js'

const SYNC: Request = { type: 'sync', path: '/' }
const LONG_MS = 40_000

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

  it('behind others that were completed, and is not itself, ends the connection at the second look', async () => {
    const timeoutMs = 200_000
    const world = new WireWorld({ server: { maxSessionTimeoutMs: timeoutMs } })
    const peer = world.connect({ timeoutMs })
    const [head, tail] = split(requestFrame(1, SYNC), 5)
    peer.send(head)
    await world.pass(10_000)
    peer.send(tail, head)
    await world.pass(49_999)
    const before = [...peer.link.log]

    await world.pass(1)

    expect([peer.takeHeard(), before, peer.link.log]).toEqual([['1 OK'], [], ['destroy']])
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
    peer.send(...syncFrames(2), head)
    peer.send(tail, requestFrame(3, SYNC))

    await world.pass(100_000)

    expect(peer.link.log).toEqual(['pause'])
    expect(peer.readAll()).toEqual(['0 OK', '1 OK', '2 OK', '3 OK'])
  })

  it('and is not completed once the client has read ends the connection', async () => {
    const timeoutMs = 200_000
    const limits = { maxUnsentReplyBytes: SYNCED_BYTES }
    const world = new WireWorld({ limits, server: { maxSessionTimeoutMs: timeoutMs } })
    const peer = world.connect({ timeoutMs })
    peer.isReading = false
    peer.send(...syncFrames(3), hex('00'))
    await world.pass(50_000)
    peer.readAll()
    const before = [...peer.link.log]

    await world.pass(30_000)

    expect([before, peer.link.log.at(-1)]).toEqual([['pause', 'resume'], 'destroy'])
  })
})

describe('clients that send when a turn is used up', () => {
  it('are held up, and answered in the next ones, in the order of their coming', () => {
    const world = new WireWorld()
    const peers = Array.from({ length: 3 }, () => world.connect())
    world.useUpTurn()
    for (const [i, peer] of peers.entries()) peer.ask(i, SYNC)
    const before = peers.map((peer) => [...peer.takeHeard(), ...peer.link.log])
    world.scheduler.msALook = 3

    const rounds = [1, 2].map(() => {
      world.turn()
      return peers.map((peer) => peer.takeHeard())
    })

    expect(before).toEqual([['pause'], ['pause'], ['pause']])
    expect(rounds).toEqual([
      [['0 OK'], [], []],
      [[], ['1 OK'], []],
    ])
    expect(peers.map((peer) => peer.link.log)).toEqual([['pause', 'resume'], ['pause', 'resume'], ['pause']])
  })

  it('are answered all that they have sent meanwhile, in order', () => {
    const world = new WireWorld()
    const peer = world.connect()
    world.useUpTurn()

    for (const sync of syncFrames(3)) peer.send(sync)
    world.settle()

    expect(peer.takeHeard()).toEqual(['0 OK', '1 OK', '2 OK'])
    expect(peer.link.log).toEqual(['pause', 'resume'])
  })

  it('and are gone before their turn comes are served all the same', () => {
    const world = new WireWorld()
    const peer = world.connect()
    world.useUpTurn()
    peer.ask(1, create('/a'))

    peer.end.closed()
    const before = isConnected(world)
    world.settle()

    expect(Object.keys(world.zoo.dump())).toEqual(['/a'])
    expect([before, isConnected(world), peer.link.unsentBytes]).toEqual([true, false, 0])
  })
})

describe('a client that has said all', () => {
  it('is answered all of it before the connection ends', () => {
    const world = new WireWorld()
    const peer = world.connect()
    peer.send(...syncFrames(150))

    peer.end.ended()
    world.settle()

    expect(peer.takeHeard()).toHaveLength(150)
    expect([peer.link.log, isConnected(world)]).toEqual([['pause', 'end'], false])
  })

  it('and waits for nothing ends at once', () => {
    const world = new WireWorld()
    const peer = world.connect()

    peer.end.ended()

    expect([peer.link.log, isConnected(world)]).toEqual([['end'], false])
  })

  it('but does not read is answered as it reads', () => {
    const world = new WireWorld({ limits: { maxUnsentReplyBytes: 2 * SYNCED_BYTES } })
    const peer = world.connect()
    peer.isReading = false
    peer.send(...syncFrames(10))

    peer.end.ended()
    const before = [...peer.link.log]
    const heard = peer.readAll()

    expect(heard).toHaveLength(10)
    expect([before, peer.link.log.at(-1)]).toEqual([['pause'], 'end'])
  })

  it('and is gone while it does not read leaves nothing behind', () => {
    const world = new WireWorld({ limits: { maxUnsentReplyBytes: 2 * SYNCED_BYTES } })
    const peer = world.connect()
    peer.isReading = false
    peer.send(...syncFrames(10))

    peer.end.ended()
    peer.end.closed()

    expect([isConnected(world), world.parts.unsent.total]).toEqual([false, 0])
  })
})

describe('a client that sends many requests at once', () => {
  it('is served up to 63 of them in one go, without a pause', () => {
    const world = new WireWorld()
    const peer = world.connect()

    peer.send(...syncFrames(63))

    expect(peer.takeHeard()).toHaveLength(63)
    expect([peer.link.log, world.scheduler.waiting]).toEqual([[], 0])
  })

  it('is served 64 in a turn, held up meanwhile, and let go on after', () => {
    const world = new WireWorld()
    const peer = world.connect()
    const served = [countAfter(peer, () => peer.send(...syncFrames(200)))]
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

    const served = countAfter(peer, () => peer.send(...syncFrames(50)))

    expect(served).toBe(8)
  })

  it('is served all of them in one go if they take no time', () => {
    const world = new WireWorld()
    const peer = world.connect()
    world.scheduler.msALook = 0.5

    const served = countAfter(peer, () => peer.send(...syncFrames(50)))

    expect(served).toBe(50)
  })

  it('takes turns with others that do the same', () => {
    const world = new WireWorld()
    const [one, other] = [world.connect(), world.connect()]
    one.send(...syncFrames(150))
    other.send(...syncFrames(150))
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
    busy.send(...syncFrames(1000))

    quiet.ask(1, SYNC)

    expect(quiet.takeHeard()).toEqual(['1 OK'])
    expect(busy.takeHeard()).toHaveLength(64)
  })

  it('is answered in the order of its requests, whatever still comes in', () => {
    const world = new WireWorld()
    const peer = world.connect()

    peer.send(...syncFrames(100))
    peer.send(requestFrame(100, create('/a')))
    const inBetween = Object.keys(world.zoo.dump())
    world.settle()

    expect(inBetween).toEqual([])
    expect(peer.takeHeard()).toEqual(Array.from({ length: 101 }, (_, i) => `${i} OK`))
  })

  it('and is gone before its turn comes is served all the same', () => {
    const world = new WireWorld()
    const peer = world.connect()
    peer.send(...syncFrames(100), requestFrame(100, create('/a')))

    peer.end.closed()
    world.settle()

    expect(Object.keys(world.zoo.dump())).toEqual(['/a'])
    expect(peer.link.log).toEqual(['pause'])
  })
})

function isConnected(world: WireWorld): boolean {
  return world.zoo.reports.sessions().some((session) => session.isConnected)
}

function countAfter(peer: Peer, act: () => void): number {
  act()
  return peer.takeHeard().length
}

function split(bytes: Uint8Array, at: number): [Uint8Array, Uint8Array] {
  return [bytes.subarray(0, at), bytes.subarray(at)]
}
