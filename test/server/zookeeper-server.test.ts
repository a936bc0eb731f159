/** The server as a transport sees it: handshakes, turns, ends, and what it does to those who break the rules. */
import { describe, expect, it } from 'vitest'
import type { ConnectRequest, Reply } from '../../src/protocol/message.js'
import {
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

function handshake(fields: Partial<ConnectRequest> = {}): ConnectRequest {
  return { lastZxidSeen: 0, timeoutMs: 30_000, sessionId: 0n, password: new Uint8Array(16), ...fields }
}

/** An end that notes only what it is told last. */
function attach(
  zoo: ReturnType<typeof startServer>['zoo'],
  isLocal = true,
): { log: string[]; intake: ReturnType<typeof zoo.attach> } {
  const log: string[] = []
  const intake = zoo.attach({
    remoteAddress: '127.0.0.1',
    isLocal,
    connected: ({ timeoutMs }) => void log.push(`connected ${timeoutMs}`),
    reply: ({ xid, code }: Reply) => void log.push(`reply ${xid} ${code}`),
    notify: ({ type, path }) => void log.push(`${type} ${path}`),
    close: () => void log.push('closed'),
  })
  return { log, intake }
}

describe('the data in a reply', () => {
  it.each([
    ['is a copy for whoever keeps it', false, 1],
    ['is on loan to an end that writes at once', true, 2],
  ])('%s', (_, writesAtOnce, found) => {
    const { zoo } = startServer()
    const cnxn = new RawCnxn(zoo, { writesAtOnce }).open()
    const [before, after] = [1, 2].map((byte) => new Uint8Array(10).fill(byte))
    cnxn.ask(create('/a', { data: before ?? null }))
    const reads = [
      read('getData', '/a'),
      { type: 'multiRead', ops: [{ type: 'getData', path: '/a' }] },
    ] as const

    const replies = reads.map((request) => cnxn.ask(request)?.response)
    cnxn.ask({ ...setData('/a'), data: after ?? null })

    const data = new Uint8Array(10).fill(found)
    expect(replies).toMatchObject([{ data }, { results: [{ data }] }])
  })
})

describe('a handshake', () => {
  it('of a client that has seen more than the server knows is ended without an answer', () => {
    const { zoo } = startServer()
    const { log, intake } = attach(zoo)

    intake.connect(handshake({ lastZxidSeen: 1 }))

    expect([log, zoo.reports.counts().sessions]).toEqual([['closed'], 0])
  })

  it('of a client that has seen exactly as much is welcome', () => {
    const { zoo } = startServer()
    connectRaw(zoo)
    const { log, intake } = attach(zoo)

    intake.connect(handshake({ lastZxidSeen: 1 }))

    expect(log).toEqual(['connected 30000'])
  })

  it.each([
    [0, 4000],
    [-1, 4000],
    [Number.NaN, 4000],
    [3999, 4000],
    [4000, 4000],
    [4001, 4001],
    [4001.9, 4001],
    [39_999, 39_999],
    [40_000, 40_000],
    [40_001, 40_000],
    [Number.POSITIVE_INFINITY, 40_000],
  ])('that asks for %d ms gets %d', (timeoutMs, granted) => {
    const { log, intake } = attach(startServer().zoo)

    intake.connect(handshake({ timeoutMs }))

    expect(log).toEqual([`connected ${granted}`])
  })

  it('is needed before a request: without it the connection ends', () => {
    const { log, intake } = attach(startServer().zoo)

    intake.receive(1, read('exists', '/'))

    expect(log).toEqual(['closed'])
  })

  it('is followed by requests; what cannot be read as one is MARSHALLINGERROR', () => {
    const { log, intake } = attach(startServer().zoo)
    intake.connect(handshake())

    intake.receive(1, { type: 'malformed', opCode: 4 })
    intake.receive(2, read('exists', '/'))

    expect(log).toEqual(['connected 30000', 'reply 1 MARSHALLINGERROR', 'reply 2 OK'])
  })

  it('happens once: a second one ends the connection', () => {
    const { log, intake } = attach(startServer().zoo)
    intake.connect(handshake())

    intake.connect(handshake())

    expect(log).toEqual(['connected 30000', 'closed'])
  })

  it('with another password leaves the live connection alone', () => {
    const { zoo } = startServer()
    const owner = connectRaw(zoo)
    const { log, intake } = attach(zoo)

    intake.connect(handshake({ sessionId: owner.sessionId, password: new Uint8Array(16) }))

    expect([log, owner.code(read('exists', '/'))]).toEqual([['connected 0', 'closed'], 'OK'])
  })

  it('with a password of another length is refused', () => {
    const { zoo } = startServer()
    const owner = connectRaw(zoo)
    const { log, intake } = attach(zoo)

    intake.connect(handshake({ sessionId: owner.sessionId, password: owner.password.slice(0, 15) }))

    expect(log).toEqual(['connected 0', 'closed'])
  })

  it('that takes a session over ends the older connection first', () => {
    const { zoo } = startServer()
    const older = connectRaw(zoo)

    const newer = new RawCnxn(zoo).open({ id: older.sessionId, password: older.password })

    expect([older.log, newer.log, older.code(read('exists', '/'))]).toEqual([
      ['connected', 'closed'],
      ['connected'],
      'no reply',
    ])
  })
})

describe('a connection', () => {
  it('that is closed gets nothing and can ask for nothing', () => {
    const { zoo } = startServer()
    const { log, intake } = attach(zoo)
    intake.connect(handshake())
    intake.receive(1, read('getData', '/', true))
    intake.closed()
    intake.closed()

    intake.receive(2, read('exists', '/'))
    intake.connect(handshake())
    connectRaw(zoo).ask(setData('/'))

    expect(log).toEqual(['connected 30000', 'reply 1 OK'])
  })

  it('is ended after the reply to its closeSession, and its ephemerals are gone before', () => {
    const { zoo } = startServer()
    const { log, intake } = attach(zoo)
    intake.connect(handshake())
    intake.receive(1, create('/e', { mode: 'EPHEMERAL' }))
    intake.receive(2, read('getData', '/e', true))

    intake.receive(3, { type: 'closeSession' })
    intake.receive(4, read('exists', '/'))

    expect(log).toEqual([
      'connected 30000',
      'reply 1 OK',
      'reply 2 OK',
      'NodeDeleted /e',
      'reply 3 OK',
      'closed',
    ])
  })

  it('is ended by a server that closes, and refused by one that is closed', async () => {
    const { zoo } = startServer()
    const early = attach(zoo)
    early.intake.connect(handshake())

    await zoo.close()
    const late = attach(zoo)
    late.intake.connect(handshake())

    expect([early.log, late.log]).toEqual([['connected 30000', 'closed'], ['closed']])
  })

  it('that is remote expires unless something comes from it', async () => {
    const { zoo, clock } = startServer()
    const { log, intake } = attach(zoo, false)
    intake.connect(handshake({ timeoutMs: 4000 }))

    await clock.advance(3000)
    intake.receive(1, read('exists', '/'))
    await clock.advance(4000)
    const before = zoo.reports.counts().sessions
    await clock.advance(2000)

    expect([before, zoo.reports.counts().sessions, log.at(-1)]).toEqual([1, 0, 'closed'])
  })

  it('that is remote leaves no timer behind when its session is closed', () => {
    const { zoo, clock } = startServer()
    const { intake } = attach(zoo, false)
    intake.connect(handshake())
    const during = clock.pendingTimers

    intake.receive(1, { type: 'closeSession' })

    expect([during, clock.pendingTimers]).toEqual([1, 0])
  })

  it('that is local never expires', async () => {
    const { zoo, clock } = startServer()
    attach(zoo).intake.connect(handshake({ timeoutMs: 4000 }))

    await clock.advance(1_000_000)

    expect([zoo.reports.counts().sessions, clock.pendingTimers]).toEqual([1, 0])
  })

  it('that throws is dropped, and nobody else notices but the listener of errors', () => {
    const { zoo } = startServer()
    const errors: unknown[] = []
    zoo.on('watcherError', (error) => errors.push(error))
    const broken = zoo.attach({
      remoteAddress: '127.0.0.1',
      isLocal: true,
      connected: () => undefined,
      reply: () => undefined,
      notify: () => {
        throw new Error('broken end')
      },
      close: () => {
        throw new Error('broken close')
      },
    })
    broken.connect(handshake())
    broken.receive(1, { type: 'addWatch', path: '/', mode: 'PERSISTENT' })
    const writer = connectRaw(zoo)

    const codes = [writer.code(setData('/')), writer.code(setData('/'))]

    expect(codes).toEqual(['OK', 'OK'])
    expect(errors).toEqual([new Error('broken close'), new Error('broken end')])
    expect(zoo.reports.counts().watches).toBe(0)
  })
})

describe('a turn', () => {
  it('is not interrupted: what a listener asks for comes after it', () => {
    const { zoo } = startServer()
    const cnxn = connectRaw(zoo)
    const order: string[] = []
    zoo.inspect((event) => {
      if (event.kind === 'request') order.push(`request ${event.xid}`)
      if (event.kind === 'reply') order.push(`reply ${event.xid}`)
      if (event.kind === 'reply' && event.xid === 1) cnxn.ask(create('/b'))
    })

    cnxn.ask(create('/a'))

    expect(order).toEqual(['request 1', 'reply 1', 'request 2', 'reply 2'])
  })

  it('that has to wait keeps the bytes of its request, which are on loan', () => {
    const { zoo } = startServer()
    const cnxn = connectRaw(zoo)
    cnxn.ask(create('/a'))
    const [lent, secret] = [new Uint8Array([1, 2, 3]), Buffer.from('user:secret')]
    const [away, newcomer] = [connectRaw(zoo), new RawCnxn(zoo)]
    const password = away.password.slice()
    const stop = zoo.inspect((event) => {
      if (event.kind !== 'reply') return
      stop()
      cnxn.ask({ ...setData('/a'), data: lent })
      cnxn.ask({ type: 'multi', ops: [create('/b', { data: lent })] })
      cnxn.ask({ type: 'auth', scheme: 'digest', auth: secret })
      newcomer.open({ id: away.sessionId, password })
      for (const bytes of [lent, secret, password]) bytes.fill(0)
    })

    cnxn.ask(read('exists', '/a'))

    const found = ['/a', '/b'].map((path) => cnxn.ask(read('getData', path))?.response)
    expect(found).toMatchObject(Array(2).fill({ data: new Uint8Array([1, 2, 3]) }))
    expect(newcomer.log).toEqual(['connected'])
    expect(cnxn.ask({ type: 'whoAmI' })?.response).toMatchObject({ clientInfo: [{}, { user: 'user' }] })
  })

  it('of an expiry that a listener asks for comes after it too', async () => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    await other.create('/e', null, { mode: 'EPHEMERAL' })
    const seen: number[] = []
    const stop = zoo.inspect((event) => {
      if (event.kind !== 'txn' || event.txn.type !== 'create') return
      zoo.expire(other)
      seen.push(zoo.reports.counts().ephemerals)
    })

    await zk.create('/a')
    stop()

    expect([seen, zoo.reports.counts().ephemerals]).toEqual([[1], 0])
  })

  it('of one session expired twice by a listener happens once', async () => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    const stop = zoo.inspect((event) => {
      if (event.kind !== 'txn' || event.txn.type !== 'create') return
      zoo.expire(other)
      zoo.expire(other)
    })

    await zk.create('/a')
    stop()

    expect(zoo.reports.counts()).toMatchObject({ sessions: 1, zxid: 4n })
  })
})

describe('a request that is asked in place of sent', () => {
  it('is answered as ever, and leaves no reply', () => {
    const { zoo } = startServer()
    const raw = new RawCnxn(zoo).open()

    const outcomes = [
      raw.askAtOnce(create('/a')),
      raw.askAtOnce(create('/a')),
      raw.askAtOnce(read('getData', '/a', true)),
    ]
    raw.askAtOnce({ type: 'setData', path: '/a', data: null, version: -1 })

    expect(outcomes).toMatchObject([{ type: 'path', path: '/a' }, 'NODEEXISTS', { type: 'data' }])
    expect([raw.lastZxid, raw.replies]).toEqual([4, []])
    expect(raw.log).toEqual(['connected', 'NodeDataChanged /a 4'])
  })

  it('is not taken before the handshake, nor after the connection has ended', () => {
    const { zoo } = startServer()
    const [early, late] = [new RawCnxn(zoo), new RawCnxn(zoo).open()]
    late.hangUp()

    expect([early, late].map((raw) => raw.askAtOnce(create('/a')))).toEqual([undefined, undefined])
    expect([early.log, zoo.dump()['/a'] !== undefined]).toEqual([[], false])
  })

  it('is not taken while another one is served, nor while somebody listens: then nothing has happened', () => {
    const { zoo } = startServer()
    const outcomes: unknown[] = []
    const raw = new RawCnxn(zoo).open()
    const curious = new RawCnxn(zoo, {
      notified: () => outcomes.push(curious.askAtOnce(create('/b'))),
    }).open()
    curious.ask(read('exists', '/a', true))
    raw.ask(create('/a'))

    const stop = zoo.inspect(() => undefined)
    outcomes.push(raw.askAtOnce(create('/c')))
    stop()

    expect(outcomes).toEqual([undefined, undefined])
    expect(['/a', '/b', '/c'].map((path) => zoo.dump()[path] !== undefined)).toEqual([true, false, false])
  })

  it('is answered before those have their turn that it makes ask', async () => {
    const { zoo } = startServer()
    const raw = new RawCnxn(zoo).open()
    const curious = new RawCnxn(zoo, { notified: () => curious.ask(create('/b')) }).open()
    curious.ask(read('exists', '/a', true))

    raw.askAtOnce(create('/a'))
    const before = [raw.lastZxid, zoo.dump()['/b'] !== undefined, raw.askAtOnce(create('/c'))]
    await macrotask()

    expect(before).toEqual([3, false, undefined])
    expect([raw.lastZxid, zoo.dump()['/b'] !== undefined]).toEqual([4, true])
  })

  it('that costs the connection its life is CONNECTIONLOSS', () => {
    const { zoo } = startServer({ limits: { maxWatchesPerSession: 1 } })
    const raw = new RawCnxn(zoo).open()
    const lists = { childWatches: [], persistentWatches: [], persistentRecursiveWatches: [] }
    const watches = { dataWatches: [], existWatches: ['/x', '/y'], ...lists }

    const outcome = raw.askAtOnce({ type: 'setWatches', relativeZxid: 0, ...watches })

    expect([outcome, raw.log]).toEqual(['CONNECTIONLOSS', ['connected', 'closed']])
  })
})

describe('cutting a session by its id', () => {
  it('ends its connection, leaves the session, and does nothing without one', () => {
    const { zoo } = startServer()
    const cnxn = connectRaw(zoo)

    zoo.disconnect(cnxn.sessionId)
    zoo.disconnect(cnxn.sessionId)

    expect([cnxn.log, zoo.reports.sessions().map(({ isConnected }) => isConnected)]).toEqual([
      ['connected', 'closed'],
      [false],
    ])
  })
})

describe('session ids', () => {
  it('have the layout of ZooKeeper and count up', () => {
    const { zoo, clock } = startServer()

    const ids = [connectRaw(zoo).sessionId, connectRaw(zoo).sessionId]

    const first = (1n << 56n) | ((BigInt(clock.nowMs()) & 0xff_ffff_ffffn) << 16n)
    expect(ids).toEqual([first, first + 1n])
  })

  it('come with passwords of 16 bytes from the injected source', async () => {
    const zoo = startServer({ randomBytes: (length) => new Uint8Array(length).fill(5) }).zoo
    const zk = await zoo.connect()

    expect(zk.sessionPassword).toEqual(new Uint8Array(16).fill(5))
    expect(await codeOf(zk.close())).toBe('OK')
  })
})
