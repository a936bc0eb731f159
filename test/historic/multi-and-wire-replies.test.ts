/**
 * Bugs that ZooKeeper, its clients and its doubles once had with replies (79 to 85 of the bank): their order, their xids, their
 * size, and whether they come at all. Each test fails if zoolet has the bug.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Op, type WatchItem, type ZooKeeper } from '../../src/index.js'
import { codeOf as codeOfErrno } from '../../src/protocol/code.js'
import { readReplyHeader } from '../../src/protocol/codec.js'
import { JuteReader } from '../../src/protocol/jute.js'
import type { Request } from '../../src/protocol/message.js'
import { OpCode } from '../../src/protocol/op-code.js'
import { startConnected } from '../client/scripted-server.js'
import { dial, handshakeAnswer, startNetwork, startPeer, until } from '../node/network.js'
import { runParameters, timeLimitMs } from '../property/run-parameters.js'
import { hex, hexInt, toHex } from '../protocol/hex.js'
import {
  check,
  codeOf,
  connectRaw,
  create,
  RawCnxn,
  read,
  setData,
  startServer,
  startWorld,
} from '../semantics/fixture.js'
import { macrotask } from '../semantics/ordering/event-loop.js'
import { connect, SYNC, synced } from '../transport/dialled-client.js'
import { frame, requestFrame, WireWorld, type WireWorldOptions } from '../transport/fake-link.js'

describe('79. ZK-1863, 2775, 4796, node-hbase-client #22: replies out of order, xids that do not match', () => {
  it.each(['in process', 'over TCP'])(
    '500 calls of all sorts from everywhere end in their order, and their xids grow by one, %s',
    async (where) => {
      const { zoo, endpoint } = await startNetwork()
      const zk = where === 'over TCP' ? await dial(endpoint.connectString) : await zoo.connect()
      const xids: number[] = []
      const ended: number[] = []
      zoo.inspect((event) => {
        if (event.kind === 'request') xids.push(event.xid)
      })
      const calls: Promise<unknown>[] = []
      const call = (): void => {
        const i = calls.length
        calls.push(codeOf(anyCall(zk, i)).then(() => ended.push(i)))
      }

      for (let round = 0; round < 100; round++) {
        call()
        queueMicrotask(call)
        process.nextTick(call)
        void macrotask().then(call)
        void Promise.resolve().then(call)
        if (round % 10 === 9) await macrotask()
      }
      await until(() => calls.length === 500)
      await Promise.all(calls)

      expect(ended).toEqual([...calls.keys()])
      expect(xids).toEqual(xids.map((_xid, i) => (xids[0] ?? 0) + i))
      expect(xids.length).toBe(500)
    },
  )

  it.each([
    ['of another xid', [2]],
    ['twice', [1, 1]],
    ['to nothing', [7, 8, 9]],
    ['before the one in front of it', [2, 1]],
  ] as const)('a reply %s: the client dials again, and throws nothing', async (_what, xids) => {
    const { zk, first, cnxns } = await startConnected()
    const calls = [codeOf(zk.sync('/')), codeOf(zk.sync('/'))]

    for (const xid of xids) if (cnxns.length === 1) first.reply(xid, 'NONODE')

    expect(new Set(await Promise.all(calls))).toContain('CONNECTIONLOSS')
    expect(first.log.at(-1)).toBe('closed')
    expect(cnxns.at(-1)?.log).toEqual(['connect 7'])
  })

  it.each([
    ['a wrong xid', synced(99)],
    ['a reply of half a header', hex('00 00 00 05 00 00 00 01 00')],
    ['no frame at all', hex('ff ff ff ff')],
  ])('over TCP it does the same for %s, and throws nothing out of its socket', async (_what, answer) => {
    const peer = await startPeer((socket) => {
      socket.once('data', () => {
        socket.write(handshakeAnswer())
        socket.once('data', () => socket.write(answer))
      })
    })
    const zk = await dial(peer.connectString)

    const code = await codeOf(zk.exists('/'))
    await until(() => peer.sockets.length > 1)

    expect([code, zk.sessionId]).toEqual(['CONNECTIONLOSS', 7n])
  })

  it('a SASL step in between costs nobody behind it an xid', () => {
    const world = new WireWorld()
    const peer = world.connect()
    const token = Uint8Array.of(1)

    peer.send(
      requestFrame(1, create('/a')),
      requestFrame(2, { type: 'sasl', token }),
      requestFrame(3, read('exists', '/a')),
      requestFrame(4, SYNC),
    )

    expect(peer.takeHeard()).toEqual(['1 OK', '2 OK', '3 OK', '4 OK'])
    expect(peer.link.log).toEqual([])
  })

  function anyCall(zk: ZooKeeper, i: number): Promise<unknown> {
    const kinds: readonly (() => Promise<unknown>)[] = [
      () => zk.create(`/n-${i}`),
      () => zk.getData('/missing'),
      () => zk.exists('/', { watcher: () => undefined }),
      () => zk.multi([Op.setData('/', `${i}`), Op.check('/')]),
      () => zk.sync('/'),
      () => zk.multiRead([Op.getData('/')]),
      () => zk.getChildren('/'),
    ]
    return kinds[i % kinds.length]?.() ?? Promise.resolve()
  }
})

describe('80. ZK-3253, kz 28aa93b, go 9c31c59, CK-44415: xids reach reserved numbers, or overflow', () => {
  const MAX = 2 ** 31 - 1
  const aroundTheEnd = [MAX - 2, MAX - 1, MAX, -(2 ** 31), -(2 ** 31) + 1, 0, 1]

  it('a server gives every xid back as it came, reserved ones and overflowed ones too', () => {
    const world = new WireWorld()
    const peer = world.connect()
    const xids = [...aroundTheEnd, -1, -2, -4, -8, -9]

    for (const xid of xids) peer.ask(xid, create(`/n${xid}`))

    const headers = peer.takeFrames().map((payload) => readReplyHeader(new JuteReader(payload)))
    expect(headers.map(({ xid, errno }) => [xid, codeOfErrno(errno)])).toEqual(xids.map((xid) => [xid, 'OK']))
    expect(peer.link.log).toEqual([])
  })

  it('a ping is answered with -2 whatever its own xid is, and a claim with the one it has', () => {
    const peer = new WireWorld().connect()

    for (const xid of [-2, 5, MAX]) peer.ask(xid, { type: 'ping' })

    expect(peer.takeHeard()).toEqual(['-2 OK', '-2 OK', '-2 OK'])
  })

  // The counter of a client cannot be set from outside; what reads its replies can be given any xid.
  it('a client finds its replies across the end of the numbers, without one that is reserved', () => {
    const client = connect()
    const xids = [MAX - 2, MAX - 1, MAX, 1, 2, 3]

    for (const xid of xids) client.end.send(xid, SYNC)
    for (const xid of xids) client.end.received(synced(xid))

    expect(client.told).toEqual(xids.map((xid) => `${xid} OK synced`))
  })
})

describe('81. ZK-2623, 4467: a check outside a multi', () => {
  it.each(['3.9', '3.8'] as const)(
    'is no operation in version %s: UNIMPLEMENTED and the end (D5)',
    (compatibility) => {
      const world = new WireWorld({ server: { compatibility } })
      const peer = world.connect()

      peer.send(
        frame((out) => {
          out.int(1)
          out.int(OpCode.check)
          out.text('/')
          out.int(9)
        }),
        requestFrame(2, create('/a')),
      )

      expect([peer.takeHeard(), peer.link.log]).toEqual([['1 UNIMPLEMENTED'], ['end']])
      expect(world.zoo.reports.counts()).toMatchObject({ zxid: 1n, znodes: 4 })
    },
  )

  it('inside one it is judged like any other operation', () => {
    const raw = connectRaw(startServer().zoo)

    const replies = [0, -1, 9].map(
      (version) => raw.ask({ type: 'multi', ops: [check('/', version)] })?.response,
    )

    expect(replies).toMatchObject([
      { results: [{ type: 'check' }] },
      { results: [{ type: 'check' }] },
      { results: [{ code: 'BADVERSION' }] },
    ])
  })
})

describe('82. ZK-2680: no children are null at one time and an empty list at another', () => {
  const EMPTY = hexInt(0)

  it.each([
    ['getChildren', read('getChildren', '/a')],
    ['getChildren2', read('getChildren2', '/a')],
    ['getEphemerals', { type: 'getEphemerals', path: '/a' }],
  ] as const)('%s writes a count of 0, before there was a child and after it went', (_name, request) => {
    const world = new WireWorld()
    const peer = world.connect()
    peer.ask(1, create('/a'))
    peer.ask(2, request)
    peer.send(requestFrame(3, create('/a/b')), requestFrame(4, { type: 'delete', path: '/a/b', version: -1 }))
    peer.ask(5, request)

    const bodies = peer.takeFrames().map((payload) => toHex(payload.subarray(16, 20)))

    expect([bodies[1], bodies.at(-1)]).toEqual([EMPTY, EMPTY])
  })

  it.each(['in process', 'over TCP'])('a client gets [], %s', async (where) => {
    const { zoo, endpoint } = await startNetwork()
    const zk = where === 'over TCP' ? await dial(endpoint.connectString) : await zoo.connect()
    await zk.create('/a')

    const lists = [
      (await zk.getChildren('/a')).children,
      await zk.getEphemerals(),
      await zk.multiRead([]),
      await zk.multi([]),
    ]
    const [inMulti] = await zk.multiRead([Op.getChildren('/a')])

    expect([lists, inMulti]).toEqual([[[], [], [], []], { type: 'getChildren', children: [] }])
  })
})

describe('83. CUR-690, go 06f1de5, CUR-270, 128, 190: more than 64k children, and big replies', () => {
  const COUNT = 70_000
  const NAME = 'a-child-with-a-name-of-some-length-'

  it(`${COUNT} children are listed, watched and counted, in process, over TCP, and there below a chroot`, async () => {
    const { zoo, endpoint } = await startNetwork({ server: { tickTimeMs: 2000 } })
    const names = Array.from({ length: COUNT }, (_, i) => `${NAME}${i}`)
    const paths = ['/space', '/space/p', ...names.map((name) => `/space/p/${name}`)]
    zoo.load(Object.fromEntries(paths.map((path) => [path, null])))
    const clients = [
      [await zoo.connect(), '/space/p'],
      [await dial(endpoint.connectString), '/space/p'],
      [await dial(endpoint.connectString, { chroot: '/space' }), '/p'],
    ] as const

    for (const [zk, path] of clients) {
      const { children, stat } = await zk.getChildren(path, { watcher: () => undefined })

      // As one text each, since lists of this length take seconds to compare.
      expect(children.join('\n') === names.join('\n')).toBe(true)
      expect([stat.numChildren, await zk.getAllChildrenNumber(path)]).toEqual([COUNT, COUNT])
      expect(await codeOf(zk.exists('/'))).toBe('OK')
    }
  })

  it('the largest data there may be goes there and back over TCP, next to others', async () => {
    const { endpoint } = await startNetwork({ server: { tickTimeMs: 2000 } })
    const zk = await dial(endpoint.connectString)
    const data = new Uint8Array(1_048_000).map((_byte, i) => i % 251)
    await zk.create('/big', data)

    const reads = await Promise.all(Array.from({ length: 5 }, () => zk.getData('/big')))

    expect(reads.map((found) => Buffer.compare(found.data ?? new Uint8Array(0), data))).toEqual([
      0, 0, 0, 0, 0,
    ])
  })

  it('a reply that comes byte by byte, or in pieces across the frames, is the same', () => {
    for (const piece of [1, 7, 24, 25, 26]) {
      const client = connect()
      const all = [1, 2, 3, 4].flatMap((xid) => [...synced(xid)])
      for (const xid of [1, 2, 3, 4]) client.end.send(xid, SYNC)

      for (let at = 0; at < all.length; at += piece)
        client.end.received(Uint8Array.from(all.slice(at, at + piece)))

      expect(client.told).toEqual([1, 2, 3, 4].map((xid) => `${xid} OK synced`))
    }
  })
})

describe('84. CK-81633: the error of a session request is never delivered', () => {
  it('each handshake that is refused gets an answer or an end, within the call', async () => {
    const { zoo } = startServer({ limits: { maxSessions: 1 } })
    const owner = new RawCnxn(zoo).open()
    const closed = startServer().zoo
    await closed.close()
    const logs = [
      new RawCnxn(zoo).open(),
      new RawCnxn(zoo).open({ id: 99n, password: owner.password }),
      new RawCnxn(zoo).open({ id: owner.sessionId, password: new Uint8Array(16) }),
      new RawCnxn(closed).open(),
    ].map(({ log }) => log)

    expect(logs).toEqual([['closed'], ['refused', 'closed'], ['refused', 'closed'], ['closed']])
  })

  it('each connect() of a client ends, in process and over TCP', async () => {
    const { zoo, endpoint } = await startNetwork({ server: { limits: { maxSessions: 1 } } })
    const first = await zoo.connect()
    const session = { id: 99n, password: first.sessionPassword }
    const inTime = { connectTimeoutMs: 300 }

    const codes = [
      await codeOf(zoo.connect()),
      await codeOf(zoo.connect({ session })),
      await codeOf(dial(endpoint.connectString, inTime)),
      await codeOf(dial(endpoint.connectString, { ...inTime, session })),
    ]

    expect(codes).toEqual(['QUOTAEXCEEDED', 'SESSIONEXPIRED', 'CONNECTIONLOSS', 'SESSIONEXPIRED'])
  })

  it('each operation there is, and each there is not, with any body, is answered or ends the connection', () => {
    const silent: string[] = []
    for (let op = -128; op <= 127; op++) {
      for (const body of ['', '00 00 00 00', 'ff*8', '00*40']) {
        const world = new WireWorld()
        const peer = world.connect()
        peer.send(
          frame((out) => {
            out.int(5)
            out.int(op)
            for (const byte of hex(body)) out.byte(byte)
          }),
        )
        if (peer.takeHeard().length !== 1 && peer.link.log[0] !== 'end') silent.push(`${op}: ${body}`)
      }
    }

    expect(silent).toEqual([])
  })

  it('each request of a connection whose session ends meanwhile is answered, or the connection is over', async () => {
    const { zoo, zk } = await startWorld()
    const calls = Array.from({ length: 50 }, (_, i) => codeOf(zk.create(`/n-${i}`)))

    zoo.expire(zk)
    calls.push(codeOf(zk.exists('/')), codeOf(zk.addAuthInfo('digest', 'a:b')))

    expect(new Set(await Promise.all(calls))).toEqual(new Set(['OK', 'SESSIONEXPIRED']))
  })
})

describe('85. etcd #17529: events are lost while a stream starves', () => {
  const parameters = runParameters(100)
  const limits = { maxUnsentReplyBytes: 300, maxUnsentBytes: 600, slowReaderBytes: 400, slowReaderMs: 1000 }

  it(
    'a reader, however slow, hears every event in its order up to the end of its connection, if there is one',
    async () => {
      const step = fc.record({
        do: fc.constantFrom('write', 'read', 'ask', 'turn', 'wait'),
        count: fc.integer({ min: 1, max: 12 }),
      })
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
          const { world, slow, writer } = startSlow({ limits })
          const written: string[] = []
          for (const { do: what, count } of steps) {
            if (what === 'read') slow.link.send(count)
            if (what === 'ask') slow.ask(9, { type: 'sync', path: '/' })
            if (what === 'turn') world.turn()
            if (what === 'wait') await world.pass(count * 100)
            for (let i = 0; what === 'write' && i < count; i++) {
              writer.ask(1, create(`/n-${written.length}`))
              written.push(`NodeCreated /n-${written.length}`)
            }
          }
          const isOver = slow.link.log.includes('destroy') || slow.link.log.includes('end')
          const heard = [...slow.readAll(), ...slow.takeHeard()].filter((line) => line.startsWith('Node'))

          expect(heard).toEqual(isOver ? written.slice(0, heard.length) : written)
          expect(writer.takeHeard()).toEqual(written.map(() => '1 OK'))
        }),
        parameters,
      )
    },
    timeLimitMs(parameters),
  )

  it('one that reads nothing is closed, and its session lives', async () => {
    const { world, slow, writer } = startSlow({ limits })
    for (let i = 0; i < 100; i++) writer.ask(1, create(`/n-${i}`))

    await world.pass(1000)

    expect(slow.link.log.at(-1)).toBe('destroy')
    expect(world.zoo.reports.sessions().map(({ isConnected }) => isConnected)).toEqual([false, true])
  })

  it('and a client that comes back is told of the gap', async () => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    const stream = zk.watch('/', { recursive: true })
    await stream.ready
    const items: (WatchItem | undefined)[] = []

    await other.create('/heard')
    items.push((await stream.next()).value)
    zoo.disconnect(zk)
    await other.create('/missed')
    zoo.reconnect(zk)
    items.push((await stream.next()).value)
    await other.create('/heard-again')
    items.push((await stream.next()).value)

    expect(items).toMatchObject([
      { path: '/heard' },
      { kind: 'gap', toZxid: zoo.reports.counts().zxid - 1n },
      { path: '/heard-again' },
    ])
  })

  interface Slow {
    readonly world: WireWorld
    readonly slow: ReturnType<WireWorld['dial']>
    readonly writer: ReturnType<WireWorld['dial']>
  }

  /** A client with a recursive watch that reads only when it is told to, and one that writes. */
  function startSlow(options: WireWorldOptions): Slow {
    const world = new WireWorld(options)
    const [slow, writer] = [world.connect({ timeoutMs: 40_000 }), world.connect({ timeoutMs: 40_000 })]
    const watch: Request = { type: 'addWatch', path: '/', mode: 'PERSISTENT_RECURSIVE' }
    slow.ask(1, watch)
    slow.takeHeard()
    slow.isReading = false
    writer.ask(0, setData('/'))
    writer.takeHeard()
    slow.read()
    slow.takeHeard()
    return { world, slow, writer }
  }
})
