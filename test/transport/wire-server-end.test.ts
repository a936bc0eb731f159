/**
 * A server's end over bytes, without sockets: the handshake, what a request costs that is none, the order of what goes out, and
 * the end. What it does about clients that send or read badly stands in wire-server-end-turns and wire-server-end-flow.
 */
import { describe, expect, it, vi } from 'vitest'
import type { Request } from '../../src/protocol/message.js'
import { CnxnMeter, Latency } from '../../src/transport/cnxn-meter.js'
import { WireServerEnd } from '../../src/transport/wire-server-end.js'
import { hex, join, toHex, utf8 } from '../protocol/hex.js'
import { create, read, remove, setData } from '../semantics/fixture.js'
import { connectFrame, FakeLink, frame, type Peer, requestFrame, WireWorld } from './fake-link.js'

const PING: Request = { type: 'ping' }
const SYNC: Request = { type: 'sync', path: '/' }
const LONG_MS = 40_000

describe('a reply', () => {
  it('is bytes before the call returns: its data may be on loan, as the server does where it is told so', () => {
    const peer = new WireWorld().connect()
    const data = new Uint8Array([1, 2, 3])

    peer.send(requestFrame(1, create('/a', { data })), requestFrame(2, read('getData', '/a')))
    peer.send(requestFrame(3, { ...setData('/a'), data: new Uint8Array([4, 5, 6]) }))

    const [, reply] = peer.takeFrames()
    expect(peer.end.writesAtOnce).toBe(true)
    expect(toHex(reply ?? new Uint8Array(0))).toContain('00000003010203')
  })
})

describe('the handshake', () => {
  it('is answered with the last byte if it came with it', () => {
    const peer = new WireWorld().dial()

    peer.send(connectFrame())

    const [answer] = peer.takeFrames()
    expect([answer?.length, answer?.at(-1)]).toEqual([37, 0])
  })

  it('is answered without the last byte if it came without', () => {
    const peer = new WireWorld().dial()

    peer.send(hex('00 00 00 2c  00 00 00 00  00*8  00 00 27 10  00*8  00 00 00 10 00*16'))

    expect(peer.takeFrames().map(({ length }) => length)).toEqual([36])
  })

  it('may come in pieces', () => {
    const peer = new WireWorld().dial()

    for (const byte of connectFrame()) peer.send(Uint8Array.of(byte))

    expect(peer.takeHeard()).toEqual(['connected 10000'])
    expect(peer.link.log).toEqual([])
  })

  it('may be followed by requests at once: they are answered after it, in order', () => {
    const peer = new WireWorld().dial()

    peer.send(connectFrame(), requestFrame(1, create('/a')), requestFrame(2, read('exists', '/a')))

    expect(peer.takeHeard()).toEqual(['connected 10000', '1 OK', '2 OK'])
  })

  it('of a session that is not known is refused, and the connection ends', () => {
    const peer = new WireWorld().dial()

    peer.send(connectFrame({ sessionId: 7n }), requestFrame(1, create('/a')))

    expect(peer.takeHeard()).toEqual(['refused'])
    expect(peer.link.log).toEqual(['end'])
  })

  it('of a client that has seen more than this server ends the connection without a word', () => {
    const peer = new WireWorld().dial()

    peer.send(connectFrame({ lastZxidSeen: 1 }))

    expect(peer.takeHeard()).toEqual([])
    expect(peer.link.log).toEqual(['end'])
  })

  it.each([
    ['an empty frame', '00 00 00 00'],
    ['one without a whole password', '00 00 00 1b  00 00 00 00 00*8 00 00 27 10 00*8 00 00 00'],
    ['one with a password of a length that cannot be', '00 00 00 1c  00*4 00*8 00 00 27 10 00*8 ff ff ff fe'],
    ['a length below zero', 'ff ff ff ff'],
    ['a length over the limit', '00 10 00 00'],
    ['another protocol', '47 45 54 20 2f'],
  ])('that is none ends the connection without a word: %s', (_what, bytes) => {
    const peer = new WireWorld().dial()

    peer.send(hex(bytes))

    expect(peer.takeHeard()).toEqual([])
    expect(peer.link.log).toEqual(['end'])
    expect(peer.meter.isBad).toBe(true)
  })
})

describe('a connection that does not shake hands', () => {
  it('is closed after the timeout, even if it sends a byte now and then', async () => {
    const world = new WireWorld()
    const peer = world.dial()
    peer.send(hex('00'))
    await world.pass(9_999)
    peer.send(hex('00'))
    const before = [...peer.link.log]

    await world.pass(1)

    expect(before).toEqual([])
    expect(peer.link.log).toEqual(['destroy'])
    expect(world.clock.pendingTimers).toBe(0)
  })

  it('is not closed after the timeout if it did', async () => {
    const world = new WireWorld()
    const peer = world.connect({ timeoutMs: LONG_MS })

    await world.pass(30_000)

    expect(peer.link.log).toEqual([])
  })

  it('is closed after the timeout that is set', async () => {
    const world = new WireWorld({ limits: { handshakeTimeoutMs: 5 } })
    const peer = world.dial()

    await world.pass(5)

    expect(peer.link.log).toEqual(['destroy'])
  })
})

describe('a frame that is no request', () => {
  const bad = [
    ['a length below zero', hex('ff ff ff ff')],
    ['a length over the limit', hex('00 10 00 00')],
    ['a four-letter word', utf8('ruok')],
    ['an empty frame', hex('00 00 00 00')],
    ['a frame shorter than a header', hex('00 00 00 07 00 00 00 01 00 00 00')],
    ['an auth that cannot be read', hex('00 00 00 0c ff ff ff fc 00 00 00 64 00 00 00 00')],
    ['a SASL step without a token', hex('00 00 00 0c 00 00 00 01 00 00 00 66 ff ff ff ff')],
  ] as const

  it.each(bad)(
    'ends the connection, after the replies before it and without those behind it: %s',
    (_what, bytes) => {
      const world = new WireWorld()
      const peer = world.connect()

      peer.send(requestFrame(1, create('/a')), bytes, requestFrame(2, create('/b')))

      expect(peer.takeHeard()).toEqual(['1 OK'])
      expect(peer.link.log).toEqual(['end'])
      expect(peer.meter.isBad).toBe(true)
      expect(Object.keys(world.zoo.dump())).toEqual(['/a'])
    },
  )

  it.each(bad)('leaves the session alive, without its watches, and all others: %s', (_what, bytes) => {
    const world = new WireWorld()
    const [peer, other] = [world.connect(), world.connect()]
    peer.send(
      requestFrame(1, create('/a', { mode: 'EPHEMERAL' })),
      requestFrame(2, read('exists', '/a', true)),
    )

    peer.send(bytes)

    expect(world.zoo.reports.counts().watches).toBe(0)
    other.ask(1, read('exists', '/a'))
    expect(other.takeHeard()).toEqual(['1 OK'])
    expect(resume(world, peer).takeHeard()).toEqual(['connected 10000'])
  })

  it('is not one of exactly as many bytes as are allowed', () => {
    const world = new WireWorld({ limits: { maxFrameBytes: 100 } })
    const [peer, other] = [world.connect(), world.connect()]
    const path = '/'.repeat(100 - 8 - 4)

    peer.ask(1, { type: 'sync', path })
    other.ask(1, { type: 'sync', path: `${path}/` })

    expect([peer.takeHeard(), peer.link.log]).toEqual([['1 OK'], []])
    expect([other.takeHeard(), other.link.log]).toEqual([[], ['end']])
  })
})

describe('a request', () => {
  it.each([
    ['getData without a path', '00 00 00 04  ff ff ff ff 00'],
    ['create that ends too soon', '00 00 00 01  00 00 00 02 2f'],
    ['setWatches with null lists', '00 00 00 65  00*8  ff ff ff ff  ff ff ff ff  ff ff ff ff'],
    ['addWatch of a mode that there is not', '00 00 00 6a  00 00 00 01 2f  00 00 00 07'],
    ['a multi without an end', '00 00 00 0e'],
  ])('whose body cannot be read is answered as such, and the connection goes on: %s', (_what, rest) => {
    const peer = new WireWorld().connect()
    const bytes = hex(`00 00 00 01 ${rest}`)

    peer.send(
      frame((out) => bytes.forEach((byte) => void out.byte(byte))),
      requestFrame(2, SYNC),
    )

    expect(peer.takeHeard()).toEqual(['1 MARSHALLINGERROR', '2 OK'])
    expect(peer.link.log).toEqual([])
  })

  it.each([0, 10, 13, 20, -10, -1, 999])(
    'of the unknown operation %i is answered with zxid -1, then the end',
    (opCode) => {
      const peer = new WireWorld().connect()
      const unknown = frame((out) => {
        out.int(2)
        out.int(opCode)
      })

      peer.send(requestFrame(1, SYNC), unknown, requestFrame(3, SYNC))

      const [first, second, ...others] = peer.takeFrames().map(toHex)
      expect([first?.slice(0, 8), others]).toEqual(['00000001', []])
      expect(second).toBe('00000002fffffffffffffffffffffffa')
      expect(peer.link.log).toEqual(['end'])
    },
  )

  it.each([-2, 7, 0])('that is a ping with xid %i is answered with xid -2', (xid) => {
    const peer = new WireWorld().connect()

    peer.ask(xid, PING)

    expect(peer.takeHeard()).toEqual(['-2 OK'])
  })

  it.each([-1, -8, 0, 2 ** 31 - 1])('with xid %i has its reply under it', (xid) => {
    const peer = new WireWorld().connect()

    peer.ask(xid, SYNC)

    const [reply] = peer.takeFrames().map(toHex)
    expect(reply?.slice(0, 8)).toBe((xid >>> 0).toString(16).padStart(8, '0'))
  })

  it('may come in pieces, with others, and with bytes that nobody knows yet', () => {
    const peer = new WireWorld().connect()
    const longer = hex('00 00 00 0e  00 00 00 02  00 00 00 09  00 00 00 01 2f  2a')
    const stream = join(requestFrame(1, create('/a')), longer, requestFrame(3, remove('/a')))

    for (const byte of stream) peer.send(Uint8Array.of(byte))

    expect(peer.takeHeard()).toEqual(['1 OK', '2 OK', '3 OK'])
  })
})

describe('what goes out', () => {
  it('is one write for one task, whatever it holds', () => {
    const peer = new WireWorld().connect()

    peer.send(requestFrame(1, create('/a')), requestFrame(2, SYNC), requestFrame(3, PING))

    expect(peer.link.takeLeft()).toHaveLength(1)
  })

  it('goes out when the task ends, not within it', () => {
    const world = new WireWorld()
    const peer = world.connect()

    peer.end.received(requestFrame(1, SYNC))
    const within = peer.link.unsentBytes
    world.endTask()

    expect(within).toBe(0)
    expect(peer.takeHeard()).toEqual(['1 OK'])
  })

  it('has an event before the reply to the write that caused it', () => {
    const world = new WireWorld()
    const [peer, other] = [world.connect(), world.connect()]
    peer.send(requestFrame(1, create('/a')), requestFrame(2, read('getData', '/a', true)))
    other.ask(1, read('exists', '/a', true))
    peer.takeHeard()

    peer.send(requestFrame(3, setData('/a')), requestFrame(4, read('getData', '/a')))

    expect(peer.takeHeard()).toEqual(['NodeDataChanged /a', '3 OK', '4 OK'])
    expect(other.takeHeard()).toEqual(['1 OK', 'NodeDataChanged /a'])
  })

  it('keeps its order over many tasks and for a client that reads late', () => {
    const world = new WireWorld()
    const [peer, writer] = [world.connect(), world.connect()]
    peer.ask(1, { type: 'addWatch', path: '/', mode: 'PERSISTENT_RECURSIVE' })
    peer.takeHeard()
    peer.isReading = false

    for (let i = 0; i < 3; i++) {
      writer.ask(i, create(`/${i}`))
      peer.ask(i + 2, SYNC)
    }
    peer.read()

    expect(peer.takeHeard()).toEqual([
      'NodeCreated /0',
      '2 OK',
      'NodeCreated /1',
      '3 OK',
      'NodeCreated /2',
      '4 OK',
    ])
  })
})

describe('the end', () => {
  it('comes after the reply when the client closes its session, and nothing that follows is served', () => {
    const world = new WireWorld()
    const peer = world.connect()

    peer.send(requestFrame(1, { type: 'closeSession' }), requestFrame(2, create('/a')))

    expect(peer.takeHeard()).toEqual(['1 OK'])
    expect(peer.link.log).toEqual(['end'])
    expect(world.zoo.dump()).toEqual({})
  })

  it('is the end, whatever else came with the request that caused it', () => {
    const peer = new WireWorld().connect()

    peer.send(requestFrame(1, { type: 'closeSession' }), hex('ff ff ff ff'))

    expect([peer.takeHeard(), peer.link.log, peer.meter.isBad]).toEqual([['1 OK'], ['end'], false])
  })

  it('by the server lets go out what was said before it, in the same task too', () => {
    const world = new WireWorld()
    const peer = world.connect()

    peer.end.received(requestFrame(1, SYNC))
    world.zoo.expire(peer.session?.sessionId ?? 0n)

    expect(peer.link.log).toEqual(['end'])
    world.endTask()
    expect(peer.takeHeard()).toEqual(['1 OK'])
  })

  it('is followed by nothing, in or out', () => {
    const world = new WireWorld()
    const [peer, other] = [world.connect(), world.connect()]
    peer.ask(1, { type: 'addWatch', path: '/', mode: 'PERSISTENT_RECURSIVE' })
    peer.takeHeard()
    world.zoo.disconnect(peer.session?.sessionId ?? 0n)

    peer.ask(2, create('/a'))
    other.ask(1, create('/b'))
    peer.end.reply({ xid: 9, zxid: 9, code: 'OK', response: { type: 'done' } })
    world.endTask()

    expect(peer.takeHeard()).toEqual([])
    expect(peer.link.log).toEqual(['end'])
    expect(Object.keys(world.zoo.dump())).toEqual(['/b'])
  })

  it('comes to a connection whose request breaks the server, and the fault is not hidden', () => {
    const world = new WireWorld()
    const [link, told] = [new FakeLink(), [] as string[]]
    const intake = {
      connect: () => {
        throw new TypeError('our bug')
      },
      receive: () => undefined,
      heard: () => undefined,
      closed: () => void told.push('closed'),
    }
    const end = new WireServerEnd(link, () => intake, new CnxnMeter(0, new Latency()), world.parts)

    expect(() => end.received(connectFrame())).toThrow('our bug')
    expect([link.log, told]).toEqual([['end'], ['closed']])
    expect(world.clock.pendingTimers).toBe(0)
  })

  it('comes once, whoever causes it', () => {
    const world = new WireWorld()
    const peer = world.connect()

    peer.end.closed()
    peer.end.closed()
    peer.end.close()
    peer.end.work()

    expect(peer.link.log).toEqual([])
  })

  it('of a link leaves the session alive, without its watches', () => {
    const world = new WireWorld()
    const peer = world.connect()
    peer.send(
      requestFrame(1, create('/a', { mode: 'EPHEMERAL' })),
      requestFrame(2, read('exists', '/a', true)),
    )

    peer.end.closed()

    expect(Object.keys(world.zoo.dump())).toEqual(['/a'])
    expect(world.zoo.reports.counts().watches).toBe(0)
    expect(resume(world, peer).takeHeard()).toEqual(['connected 10000'])
  })

  it('is the end of its share of what is on its way, too', () => {
    const world = new WireWorld()
    const [peer, leave] = [world.connect(), vi.spyOn(world.parts.unsent, 'leave')]
    peer.isReading = false
    peer.ask(1, SYNC)

    peer.end.closed()

    expect(world.parts.unsent.total).toBe(0)
    expect(leave.mock.calls).toEqual([[peer.end]])
  })

  it('comes to the earlier connection of a session that is taken over', () => {
    const world = new WireWorld()
    const peer = world.connect()

    const later = resume(world, peer)

    expect(later.takeHeard()).toEqual(['connected 10000'])
    expect([peer.link.log, later.link.log]).toEqual([['end'], []])
  })

  it('leaves no timer behind', async () => {
    const world = new WireWorld()
    const [silent, half] = [world.dial(), world.connect()]
    half.send(hex('00 00'))

    await world.zoo.close()

    expect([silent.link.log, half.link.log]).toEqual([['end'], ['end']])
    expect(world.clock.pendingTimers).toBe(0)
  })

  it('comes at once where the server is closed', async () => {
    const world = new WireWorld()
    await world.zoo.close()

    const peer = world.dial()
    peer.send(connectFrame())

    expect(peer.takeHeard()).toEqual([])
    expect(peer.link.log).toEqual(['end'])
    expect(world.clock.pendingTimers).toBe(0)
  })
})

describe('the figures', () => {
  it('count what came and went, the handshake too', () => {
    const world = new WireWorld()
    const peer = world.connect()

    peer.send(
      requestFrame(5, create('/a')),
      requestFrame(6, read('getData', '/a', true)),
      requestFrame(7, PING),
    )
    peer.ask(8, setData('/a'))

    const { received, sent, notifications, lastRequest, lastXid, lastZxid, isBad, isSlow } = peer.meter
    expect({ received, sent, notifications }).toEqual({ received: 5, sent: 6, notifications: 1 })
    expect({ lastRequest, lastXid, lastZxid }).toEqual({ lastRequest: 'setData', lastXid: 8, lastZxid: 3 })
    expect([isBad, isSlow]).toEqual([false, false])
  })
})

/** A new connection for the session of an earlier one. */
function resume(world: WireWorld, { session }: Peer): Peer {
  const peer = world.dial()
  peer.shakeHands({ sessionId: session?.sessionId ?? 0n, password: session?.password ?? new Uint8Array(0) })
  return peer
}
