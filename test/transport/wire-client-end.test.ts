/**
 * A client's end over bytes, without sockets: how it dials, what it tells of what arrives, and how it ends. When it pings and
 * gives a server up stands in wire-client-end-silence. Whatever ends it, it says so once, and leaves no timer behind.
 */
import { describe, expect, it } from 'vitest'
import { writeConnectResponse } from '../../src/protocol/handshake.js'
import { VirtualClock } from '../../src/testing/index.js'
import { type OpenLink, WireClientEnd, type WireClientParts } from '../../src/transport/wire-client-end.js'
import { hex, join, toHex, utf8 } from '../protocol/hex.js'
import {
  answerFrame,
  connect,
  dial,
  expectOver,
  HANDSHAKE,
  notificationFrame,
  PONG,
  replyFrame,
  SYNC,
  synced,
} from './dialled-client.js'
import { connectFrame, frame, HandScheduler, requestFrame } from './fake-link.js'

const NO_ZOOKEEPER = 'zk:1 does not speak the ZooKeeper protocol:'

describe('a dial', () => {
  it('sends the handshake once the link stands, and not before', () => {
    const client = dial()
    client.end.connect(HANDSHAKE)
    client.scheduler.endTask()
    const before = client.takeSent()

    client.end.opened()

    expect([before, client.takeSent()]).toEqual([[], [toHex(connectFrame())]])
  })

  it('that is not accepted in time says so', async () => {
    const client = dial()
    await client.clock.advance(999)
    const before = [...client.told]

    await client.clock.advance(1)

    expect(before).toEqual([])
    expect(client.told).toEqual(['zk:1 did not accept a connection within 1000 ms'])
    expectOver(client)
  })

  it('that is not answered in time says so', async () => {
    const client = dial()
    client.end.connect(HANDSHAKE)
    client.end.opened()
    client.end.received(hex('00 00 00'))

    await client.clock.advance(1000)

    expect(client.told).toEqual(['zk:1 did not answer the handshake within 1000 ms'])
    expectOver(client)
  })

  it('that is answered in time is not given up', async () => {
    const client = dial()
    client.end.opened()
    await client.clock.advance(999)

    client.end.received(answerFrame(30_000))
    await client.clock.advance(1000)

    expect(client.told).toEqual(['connected 30000'])
    expect(client.link.log).toEqual([])
  })

  it('that is answered may be answered in pieces, without the last byte, and with a reply behind', () => {
    const client = dial()
    client.end.opened()
    client.end.send(1, SYNC)
    const answer = frame((out) => {
      const response = { timeoutMs: 4000, sessionId: 7n, password: new Uint8Array(16) }
      writeConnectResponse(out, response, { hasReadOnlyByte: false })
    })

    for (const byte of join(answer, synced(1))) client.end.received(Uint8Array.of(byte))

    expect(client.told).toEqual(['connected 4000', '1 OK synced'])
  })

  it('that cannot even be opened throws, and leaves no timer behind', () => {
    const clock = new VirtualClock()
    const open: OpenLink = () => {
      throw new TypeError('no certificate')
    }

    expect(() => newEnd(open, { clock })).toThrow('no certificate')
    expect(clock.pendingTimers).toBe(0)
  })

  it('whose session is refused tells so, and looks at no clock any more', () => {
    const client = dial()
    client.end.opened()

    client.end.received(answerFrame(0))

    expect(client.told).toEqual(['connected 0'])
    expect(client.clock.pendingTimers).toBe(0)
  })
})

describe('a link that is closed', () => {
  it('before the handshake was answered says that, and not when the server was heard', () => {
    const client = dial()
    client.end.opened()

    client.end.closed()

    expect(client.told).toEqual(['zk:1 closed the connection before it answered the handshake'])
    expect(client.lastWhy?.heardMs).toBeUndefined()
    expectOver(client)
  })

  it('after that says when the server was heard last', async () => {
    const client = connect()
    await client.clock.advance(700)
    client.end.received(PONG)
    await client.clock.advance(200)

    client.end.closed()

    expect(client.told).toEqual(['zk:1 closed the connection'])
    expect(client.lastWhy?.heardMs).toBe(700)
    expectOver(client)
  })

  it('for a reason hands the reason on', () => {
    const client = connect()
    const reason = new Error('ECONNRESET')

    client.end.closed(reason)

    expect(client.lastWhy?.cause).toBe(reason)
    expectOver(client)
  })
})

describe('what does not speak the protocol', () => {
  it.each([
    [
      'HTTP',
      utf8('HTTP/1.1 400 Bad Request\r\n'),
      'a frame of 1213486160 bytes, where 0 to 67108864 are allowed',
    ],
    ['SSH', utf8('SSH-2.0-OpenSSH_9.2'), 'a frame of 1397966893 bytes, where 0 to 67108864 are allowed'],
    ['TLS', hex('15 03 03 00 02 02 46'), 'a frame of 352518912 bytes, where 0 to 67108864 are allowed'],
    ['a length below zero', hex('ff ff ff ff'), 'a frame of -1 bytes, where 0 to 67108864 are allowed'],
    ['an answer that is too short', hex('00 00 00 04 00 00 00 00'), '4 bytes wanted where 0 are left'],
  ])('is named in the reason: %s', (_what, bytes, fault) => {
    const client = dial()
    client.end.opened()

    client.end.received(bytes)

    expect(client.told).toEqual([`${NO_ZOOKEEPER} ${fault}`])
    expect(client.lastWhy?.cause).toHaveProperty('cause.message', fault)
    expectOver(client)
  })

  it.each([
    ['a reply that is due later', synced(2), 'a reply to request 2, where 1 is due'],
    ['a reply without a header', hex('00 00 00 04 00 00 00 01'), '8 bytes wanted where 0 are left'],
    [
      'a reply that cannot be read',
      hex('00 00 00 10 00 00 00 01 00*8 00*4'),
      '4 bytes wanted where 0 are left',
    ],
    ['an event of no type', eventFrame(99), 'number 99 where one of None, NodeCreated, '],
    ['an event that no server sends', eventFrame(5), 'an event DataWatchRemoved'],
  ])('is given up whatever follows: %s', (_what, bytes, fault) => {
    const client = connect()
    client.end.send(1, SYNC)
    client.end.send(2, SYNC)

    client.end.received(join(bytes, synced(1)))

    expect(client.told).toEqual([expect.stringContaining(`${NO_ZOOKEEPER} ${fault}`)])
    expectOver(client)
  })

  it('is given up for a reply where none is due', () => {
    const client = connect()

    client.end.received(synced(1))

    expect(client.told).toEqual([`${NO_ZOOKEEPER} a reply to request 1, where none is due`])
    expectOver(client)
  })
})

describe('a reply over the limit', () => {
  it('ends the connection, and says which limit that is', () => {
    const client = connect({ maxReplyBytes: 100 })

    client.end.received(hex('00 00 00 65'))

    expect(client.told).toEqual([
      'zk:1 sent what this client does not take (maxReplyBytes): a frame of 101 bytes, where 0 to 100 are allowed',
    ])
    expectOver(client)
  })

  it('is not one of exactly as many bytes as are allowed', () => {
    const path = 'a'.repeat(100 - 16 - 4)
    const client = connect({ maxReplyBytes: 100 })
    client.end.send(1, SYNC)

    client.end.received(replyFrame({ xid: 1, zxid: 1, code: 'OK', response: { type: 'synced', path } }))

    expect(client.told).toEqual(['1 OK synced'])
  })
})

describe('what arrives', () => {
  it('is told in its order: replies, failures and events', () => {
    const client = connect()
    client.end.send(1, { type: 'exists', path: '/a', watch: true })
    client.end.send(2, SYNC)

    client.end.received(
      join(
        replyFrame({ xid: 1, zxid: 1, code: 'NONODE', response: undefined }),
        notificationFrame({ type: 'NodeCreated', path: '/a', zxid: 2 }),
        synced(2),
      ),
    )

    expect(client.told).toEqual(['1 NONODE undefined', 'NodeCreated /a 2', '2 OK synced'])
  })

  it('is read by what was asked, auth and pings by their xids, even before their turn', () => {
    const client = connect()
    client.end.send(1, SYNC)
    client.end.send(-4, { type: 'auth', scheme: 'digest', auth: utf8('a:b') })
    client.end.send(2, SYNC)
    const refused = replyFrame({ xid: -4, zxid: 0, code: 'AUTHFAILED', response: undefined })
    const accepted = replyFrame({ xid: -4, zxid: 0, code: 'OK', response: { type: 'done' } })

    client.end.received(join(PONG, refused, synced(1), synced(2), accepted))

    expect(client.told).toEqual(['-4 AUTHFAILED undefined', '1 OK synced', '2 OK synced', '-4 OK done'])
  })

  it('may be cut anywhere', () => {
    const client = connect()
    client.end.send(1, SYNC)

    for (const byte of join(PONG, synced(1))) client.end.received(Uint8Array.of(byte))

    expect(client.told).toEqual(['1 OK synced'])
  })

  it('is not told any more once its listener has closed', () => {
    const client = connect()
    client.end.send(1, SYNC)
    client.end.send(2, SYNC)
    client.onTold = () => client.end.close()

    client.end.received(join(synced(1), synced(2)))

    expect(client.told).toEqual(['1 OK synced'])
    expectOver(client)
  })
})

describe('what is sent', () => {
  it('is one write for one task', () => {
    const client = connect()

    client.end.send(1, SYNC)
    client.end.send(2, SYNC)
    const within = client.takeSent()
    client.scheduler.endTask()

    expect(within).toEqual([])
    expect(client.takeSent()).toEqual([toHex(join(requestFrame(1, SYNC), requestFrame(2, SYNC)))])
  })
})

describe('the end', () => {
  it('by the client is told to nobody, and nothing goes out or comes in any more', async () => {
    const client = connect()
    client.end.send(1, SYNC)

    client.end.close()
    client.end.close()
    client.end.send(2, SYNC)
    client.end.received(synced(1))
    client.end.closed()
    client.end.opened()
    client.scheduler.endTask()
    await client.clock.advance(100_000)

    expect([client.told, client.takeSent()]).toEqual([[], []])
    expectOver(client)
  })

  it('by the client before the link stands is no less one', async () => {
    const client = dial()
    client.end.connect(HANDSHAKE)

    client.end.close()
    client.end.opened()
    await client.clock.advance(100_000)

    expect([client.told, client.takeSent()]).toEqual([[], []])
    expectOver(client)
  })

  it('by the server is told once', () => {
    const client = connect()

    client.end.closed()
    client.end.closed()
    client.end.received(hex('ff ff ff ff'))

    expect(client.told).toEqual(['zk:1 closed the connection'])
  })
})

function newEnd(open: OpenLink, { clock }: Pick<WireClientParts, 'clock'>): WireClientEnd {
  const events = { connected: fail, reply: fail, notify: fail, disconnected: fail }
  const parts = { clock, scheduler: new HandScheduler(), dialTimeoutMs: 1000, maxReplyBytes: 100 }
  return new WireClientEnd(open, events, 'zk:1', parts)
}

function eventFrame(type: number): Uint8Array {
  return frame((out) => {
    out.int(-1)
    out.number(1)
    out.int(0)
    out.int(type)
    out.int(3)
    out.text('/a')
  })
}

function fail(): never {
  throw new Error('Nothing was to be told')
}
