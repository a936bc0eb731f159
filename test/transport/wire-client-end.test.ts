/**
 * A client's end over bytes, without sockets: how it dials, what it tells of what arrives, when it pings, and when it gives a
 * server up. Whatever ends it, it says so once, and leaves no timer behind.
 */
import { describe, expect, it } from 'vitest'
import { encodeNotification, encodeReply } from '../../src/protocol/codec.js'
import { writeConnectResponse } from '../../src/protocol/handshake.js'
import type { Notification, Reply, Request } from '../../src/protocol/message.js'
import { VirtualClock } from '../../src/testing/index.js'
import type { Disconnection } from '../../src/transport/transport.js'
import { type OpenLink, WireClientEnd, type WireClientParts } from '../../src/transport/wire-client-end.js'
import { hex, join, toHex, utf8 } from '../protocol/hex.js'
import { connectFrame, FakeLink, frame, HandScheduler, requestFrame } from './fake-link.js'

const SYNC: Request = { type: 'sync', path: '/' }
const PING_FRAME = '00000008fffffffe0000000b'
const PONG = replyFrame({ xid: -2, zxid: 0, code: 'OK', response: { type: 'done' } })
const SYNCED = { type: 'synced', path: '/' } as const
const HANDSHAKE = { lastZxidSeen: 0, timeoutMs: 10_000, sessionId: 0n, password: new Uint8Array(16) }

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

    expect(client.told).toEqual([`zk:1 does not speak the ZooKeeper protocol: ${fault}`])
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
    ['an event of no type', eventFrame(99), /^number 99 where one of None, NodeCreated, /],
    ['an event that no server sends', eventFrame(5), 'an event DataWatchRemoved'],
  ])('is given up whatever follows: %s', (_what, bytes, fault) => {
    const client = connect()
    client.end.send(1, SYNC)
    client.end.send(2, SYNC)

    client.end.received(join(bytes, synced(1)))

    expect(client.told).toHaveLength(1)
    expect(client.told[0]).toMatch(/^zk:1 does not speak the ZooKeeper protocol: /)
    expect(client.told[0]?.slice('zk:1 does not speak the ZooKeeper protocol: '.length)).toEqual(
      typeof fault === 'string' ? fault : expect.stringMatching(fault),
    )
    expectOver(client)
  })

  it('is given up for a reply where none is due', () => {
    const client = connect()

    client.end.received(synced(1))

    expect(client.told).toEqual([
      'zk:1 does not speak the ZooKeeper protocol: a reply to request 1, where none is due',
    ])
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

    client.end.received(
      join(
        PONG,
        replyFrame({ xid: -4, zxid: 0, code: 'AUTHFAILED', response: undefined }),
        synced(1),
        replyFrame({ xid: -4, zxid: 0, code: 'OK', response: { type: 'done' } }),
      ),
    )

    expect(client.told).toEqual(['-4 AUTHFAILED undefined', '1 OK synced', '-4 OK done'])
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

describe('pings', () => {
  it.each([
    [30_000, 10_000],
    [3000, 1000],
    [60_000, 10_000],
    [9_000, 3_000],
  ])('of a session of %i ms go out after %i ms without a word', async (timeoutMs, pingMs) => {
    const client = connect({}, timeoutMs)
    await client.clock.advance(pingMs - 1)
    const before = client.takeSent()

    await client.clock.advance(1)

    expect([before, client.takeSent()]).toEqual([[], [PING_FRAME]])
  })

  it('go on as long as they are answered', async () => {
    const client = connect()

    const sent = await pass(client, 300_000, () => client.end.received(PONG))

    expect(sent).toEqual(new Array(30).fill(PING_FRAME))
    expect(client.told).toEqual([])
  })

  it('do not go out while something else does', async () => {
    const client = connect()
    const sent: string[] = []

    for (let xid = 1; xid <= 20; xid++) {
      await client.clock.advance(9_000)
      client.end.send(xid, SYNC)
      client.scheduler.endTask()
      sent.push(...client.takeSent())
      client.end.received(synced(xid))
    }

    expect(sent).not.toContain(PING_FRAME)
    expect(sent).toHaveLength(20)
  })

  it('go out while only the server speaks, which does not know that we listen', async () => {
    const client = connect()
    const sent: string[] = []

    for (let i = 0; i < 10; i++) {
      await client.clock.advance(2_000)
      client.end.received(notificationFrame({ type: 'NodeCreated', path: '/a', zxid: i }))
      sent.push(...client.takeSent())
    }

    expect(sent).toEqual([PING_FRAME, PING_FRAME])
  })

  it('do not go out before there is a session', async () => {
    const client = dial({ dialTimeoutMs: 100_000 })
    client.end.opened()

    await client.clock.advance(50_000)

    expect(client.takeSent()).toEqual([])
  })
})

describe('a server that is silent', () => {
  it('for two thirds of the session is given up, after the event loop had a look', async () => {
    const client = connect()
    await client.clock.advance(20_000)
    const before = [...client.told]

    client.scheduler.turn()

    expect(before).toEqual([])
    expect(client.told).toEqual(['zk:1 was silent for 20000 ms'])
    expect(client.lastWhy?.heardMs).toBe(0)
    expectOver(client)
  })

  it('for less than that is not given up', async () => {
    const client = connect()
    await client.clock.advance(19_999)

    client.scheduler.turn()

    expect(client.told).toEqual([])
    expect(client.takeSent()).toEqual([PING_FRAME])
  })

  it('is not given up if its answer lay in the socket', async () => {
    const client = connect()
    await client.clock.advance(20_000)

    client.end.received(PONG)
    client.scheduler.turn()

    expect(client.told).toEqual([])
    expect(client.clock.pendingTimers).toBe(1)
  })

  it('is given up later if that was its last answer', async () => {
    const client = connect()
    await client.clock.advance(20_000)
    client.end.received(PONG)
    client.scheduler.turn()

    await client.clock.advance(20_000)
    client.scheduler.turn()

    expect(client.told).toEqual(['zk:1 was silent for 20000 ms'])
    expectOver(client)
  })

  it('is given up while requests wait, too', async () => {
    const client = connect()
    await client.clock.advance(5_000)
    client.end.send(1, SYNC)
    client.scheduler.endTask()

    await client.clock.advance(15_000)
    client.scheduler.turn()

    expect(client.told).toEqual(['zk:1 was silent for 20000 ms'])
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

  it('between the two looks at a silent server is the only one', async () => {
    const client = connect()
    await client.clock.advance(20_000)

    client.end.close()
    client.scheduler.turn()

    expect(client.told).toEqual([])
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

/** A client's end, its link, and what it told. */
interface Client {
  readonly end: WireClientEnd
  readonly link: FakeLink
  readonly clock: VirtualClock
  readonly scheduler: HandScheduler
  /** As `connected 30000`, `1 OK synced`, `NodeCreated /a 2`, or the message of the reason for the end. */
  readonly told: string[]
  lastWhy: Disconnection | undefined
  onTold: () => void
  /** What has left since the last time, as hex. */
  takeSent(): string[]
}

function dial(parts: Partial<WireClientParts> = {}): Client {
  const link = new FakeLink()
  const clock = new VirtualClock()
  const scheduler = new HandScheduler()
  const told: string[] = []
  const tell = (line: string): void => {
    told.push(line)
    client.onTold()
  }
  const events = {
    connected: ({ timeoutMs }: { readonly timeoutMs: number }) => tell(`connected ${timeoutMs}`),
    reply: ({ xid, code, response }: Reply) => tell(`${xid} ${code} ${response?.type}`),
    notify: ({ type, path, zxid }: Notification) => tell(`${type} ${path} ${zxid}`),
    disconnected: (why?: Disconnection) => {
      client.lastWhy = why
      tell(why?.cause instanceof Error ? why.cause.message : String(why?.cause))
    },
  }
  const complete = { clock, scheduler, dialTimeoutMs: 1000, maxReplyBytes: 64 * 1_048_576, ...parts }
  const end = new WireClientEnd(() => link, events, 'zk:1', complete)
  const takeSent = (): string[] => {
    link.send()
    return link.takeLeft().map(toHex)
  }
  const client: Client = { end, link, clock, scheduler, told, lastWhy: undefined, onTold: () => {}, takeSent }
  return client
}

/** A client with a session. */
function connect(parts: Partial<WireClientParts> = {}, timeoutMs = 30_000): Client {
  const client = dial(parts)
  client.end.connect(HANDSHAKE)
  client.end.opened()
  client.end.received(answerFrame(timeoutMs))
  client.takeSent()
  client.told.length = 0
  return client
}

function newEnd(open: OpenLink, { clock }: Pick<WireClientParts, 'clock'>): WireClientEnd {
  const events = { connected: fail, reply: fail, notify: fail, disconnected: fail }
  const parts = { clock, scheduler: new HandScheduler(), dialTimeoutMs: 1000, maxReplyBytes: 100 }
  return new WireClientEnd(open, events, 'zk:1', parts)
}

/** Lets time pass, a second at a time; whenever something was sent, `answer` is called. Returns what was sent. */
async function pass(client: Client, ms: number, answer: () => void): Promise<string[]> {
  const all: string[] = []
  for (let passedMs = 0; passedMs < ms; passedMs += 1000) {
    await client.clock.advance(1000)
    const sent = client.takeSent()
    if (sent.length > 0) answer()
    all.push(...sent)
  }
  return all
}

/** The link is gone, and no timer is left. */
function expectOver({ link, clock }: Client): void {
  expect(link.log).toEqual(['destroy'])
  expect(clock.pendingTimers).toBe(0)
}

function answerFrame(timeoutMs: number): Uint8Array {
  const response = { timeoutMs, sessionId: 7n, password: new Uint8Array(16) }
  return frame((out) => writeConnectResponse(out, response, { hasReadOnlyByte: true }))
}

function synced(xid: number): Uint8Array {
  return replyFrame({ xid, zxid: 1, code: 'OK', response: SYNCED })
}

function replyFrame(reply: Reply): Uint8Array {
  return frame((out) => encodeReply(out, reply))
}

function notificationFrame(notification: Notification): Uint8Array {
  return frame((out) => encodeNotification(out, notification))
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
