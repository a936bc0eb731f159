/** One connection and what can break on its behalf: it goes, and nobody else's work with it. */
import { describe, expect, it } from 'vitest'
import type { EmbeddedZooKeeper, InspectionEvent } from '../../src/index.js'
import type { Request } from '../../src/protocol/message.js'
import type { Intake, ServerEnd } from '../../src/transport/transport.js'
import {
  auth,
  codeOf,
  connectRaw,
  create,
  messageOf,
  RawCnxn,
  read,
  setData,
  startServer,
  startWorld,
} from '../semantics/fixture.js'

const HANDSHAKE = { lastZxidSeen: 0, timeoutMs: 30_000, sessionId: 0n, password: new Uint8Array(16) }

function boom(): never {
  throw new Error('boom')
}

/** An end of which one part throws. */
function attachBroken(
  zoo: EmbeddedZooKeeper,
  part: Partial<ServerEnd>,
): { intake: Intake; log: string[]; errors: unknown[] } {
  const log: string[] = []
  const errors: unknown[] = []
  zoo.on('watcherError', (error) => errors.push(error))
  const intake = zoo.attach({
    remoteAddress: '127.0.0.1',
    isLocal: true,
    connected: () => void log.push('connected'),
    reply: ({ xid, code }) => void log.push(`reply ${xid} ${code}`),
    notify: ({ type, path }) => void log.push(`${type} ${path}`),
    close: () => void log.push('closed'),
    ...part,
  })
  return { intake, log, errors }
}

describe('an end that throws', () => {
  it.each([
    ['connected', ['closed']],
    ['reply', ['connected', 'closed']],
    ['notify', ['connected', 'reply 1 OK', 'closed']],
  ] as const)('in %s is closed, its error told, and the write of another applied', (part, log) => {
    const { zoo } = startServer()
    const writer = connectRaw(zoo)
    const broken = attachBroken(zoo, { [part]: boom })

    broken.intake.connect(HANDSHAKE)
    broken.intake.receive(1, read('getData', '/', true))
    const code = writer.code(setData('/'))

    expect([broken.log, broken.errors, code]).toEqual([log, [new Error('boom')], 'OK'])
    expect(zoo.reports.counts()).toMatchObject({ watches: 0, zxid: 3n })
  })

  it('does not undo its own write, which is applied and told to the others', () => {
    const { zoo } = startServer()
    const watcher = connectRaw(zoo)
    watcher.ask(read('exists', '/a', true))
    const broken = attachBroken(zoo, { reply: boom })
    broken.intake.connect(HANDSHAKE)

    broken.intake.receive(1, create('/a'))

    expect(watcher.log.at(-1)).toBe('NodeCreated /a 3')
    expect(Object.keys(zoo.dump())).toEqual(['/a'])
  })
})

describe('a part of the server that throws', () => {
  /** What became of two connections when one of them did this while the server's clock was broken. */
  function actWithoutTime(act: (unlucky: RawCnxn, zoo: EmbeddedZooKeeper) => void): {
    readonly unlucky: RawCnxn
    readonly other: RawCnxn
    readonly errors: unknown[]
  } {
    const { zoo, clock } = startServer()
    const errors: unknown[] = []
    zoo.on('watcherError', (error) => errors.push(error))
    const [unlucky, other] = [connectRaw(zoo), connectRaw(zoo)]
    const now = clock.nowMs.bind(clock)
    clock.nowMs = boom
    act(unlucky, zoo)
    clock.nowMs = now
    return { unlucky, other, errors }
  }

  it('at the end of a session costs nobody else anything', () => {
    const { other, errors } = actWithoutTime(({ sessionId }, zoo) => zoo.expire(sessionId))

    expect([errors, other.code(create('/b'))]).toEqual([[new Error('boom')], 'OK'])
  })

  it('costs the connection that asked, and nobody else', () => {
    const { unlucky, other, errors } = actWithoutTime((cnxn) => void cnxn.ask(create('/a')))

    expect([unlucky.log, errors, other.code(create('/b'))]).toEqual([
      ['connected', 'closed'],
      [new Error('boom')],
      'OK',
    ])
  })
})

describe('a handshake during which a part of the server throws', () => {
  it('leaves no session', () => {
    const { zoo, clock } = startServer()
    const { intake, log, errors } = attachBroken(zoo, {})
    const now = clock.nowMs.bind(clock)
    clock.nowMs = boom

    intake.connect(HANDSHAKE)
    clock.nowMs = now

    expect([log, errors, zoo.reports.counts().sessions]).toEqual([['closed'], [new Error('boom')], 0])
  })

  it('ends its connection instead of leaving it without an answer', () => {
    const { zoo } = startServer({ randomBytes: boom })
    const { intake, log, errors } = attachBroken(zoo, {})

    intake.connect(HANDSHAKE)

    expect([log, errors]).toEqual([['closed'], [new Error('boom')]])
  })
})

describe('what inspection tells of a connection', () => {
  function listen(zoo: EmbeddedZooKeeper): InspectionEvent[] {
    const events: InspectionEvent[] = []
    zoo.inspect((event) => events.push(event))
    return events
  }

  it('leaves out credentials', () => {
    const { zoo } = startServer()
    const cnxn = connectRaw(zoo)
    const events = listen(zoo)

    cnxn.ask(auth('digest', 'alice:pw'))

    expect(events).toEqual([
      {
        kind: 'request',
        sessionId: cnxn.sessionId,
        xid: 1,
        request: { type: 'auth', scheme: 'digest', auth: new Uint8Array(0) },
      },
      { kind: 'reply', sessionId: cnxn.sessionId, xid: 1, zxid: 0, code: 'OK' },
    ])
  })

  it('says which events were withheld', () => {
    const { zoo } = startServer()
    const [writer, watcher] = [connectRaw(zoo), connectRaw(zoo)]
    watcher.ask(read('exists', '/a', true))
    const events = listen(zoo)

    writer.ask(create('/a', { acl: [{ perms: 2, scheme: 'world', id: 'anyone' }] }))

    const { sessionId } = watcher
    expect(watcher.notifications).toEqual([])
    expect(events.filter(({ kind }) => kind.startsWith('notification'))).toEqual([
      { kind: 'notificationWithheld', sessionId, type: 'NodeCreated', path: '/a', zxid: 3 },
    ])
  })

  it('says when it comes and goes', () => {
    const { zoo } = startServer()
    const events = listen(zoo)

    const cnxn = connectRaw(zoo)
    cnxn.hangUp()

    const { sessionId } = cnxn
    expect(events.filter(({ kind }) => kind !== 'txn')).toEqual([
      { kind: 'sessionOpened', sessionId, timeoutMs: 30_000, isResumed: false },
      { kind: 'disconnected', sessionId },
    ])
  })
})

describe('what inspection tells of a session', () => {
  it('says whether it is new or was taken up again', () => {
    const { zoo } = startServer()
    const first = connectRaw(zoo)
    const resumed: boolean[] = []
    zoo.inspect((event) => {
      if (event.kind === 'sessionOpened') resumed.push(event.isResumed)
    })

    new RawCnxn(zoo).open({ id: first.sessionId, password: first.password })
    connectRaw(zoo)

    expect(resumed).toEqual([true, false])
  })
})

describe('load', () => {
  it('refuses to run inside a turn', async () => {
    const { zoo, zk } = await startWorld()
    const messages: string[] = []
    const stop = zoo.inspect((event) => {
      if (event.kind !== 'txn') return
      try {
        zoo.load({ '/b': 'x' })
      } catch (error) {
        messages.push(String(error))
      }
    })

    await zk.create('/a')
    stop()

    expect(messages).toEqual(['TypeError: load() cannot be called by an inspection listener: call it later'])
  })

  it('refuses to run on a closed server', async () => {
    const { zoo } = await startWorld()
    await zoo.close()

    expect(await messageOf(() => zoo.load({ '/a': 'x' }))).toMatch(/^KeeperException: SESSIONEXPIRED/)
  })
})

describe('a listener that answers each event with a request', () => {
  it('lets the event loop go first after many turns in a row, and keeps the order', async () => {
    const { zoo, zk } = await startWorld()
    let asked = 0
    const stop = zoo.inspect((event) => {
      if (event.kind === 'request' && asked < 2500) {
        asked += 1
        void codeOf(zk.setData('/', String(asked)))
      }
    })

    const first = zk.exists('/')
    const askedAtOnce = asked
    await first
    while (asked < 2500) await zoo.settle()
    stop()
    await zoo.settle()

    expect([askedAtOnce, zoo.dump()]).toEqual([1001, { '/': '2500' }])
    expect(await codeOf(zk.exists('/'))).toBe('OK')
  })

  it('may close the connection whose request still waits', () => {
    const { zoo } = startServer()
    const cnxn = connectRaw(zoo)
    const stop = zoo.inspect((event) => {
      if (event.kind !== 'request' || event.xid !== 1) return
      cnxn.ask(create('/never'))
      cnxn.hangUp()
    })

    cnxn.ask(create('/a'))
    stop()

    expect(Object.keys(zoo.dump())).toEqual(['/a'])
  })
})

describe('a connection that is closed', () => {
  const CATCH_UP = {
    type: 'setWatches',
    relativeZxid: 0,
    dataWatches: ['/', '/zookeeper'],
    existWatches: [],
    childWatches: [],
    persistentWatches: [],
    persistentRecursiveWatches: [],
  } as const

  it('by its own request is not answered any more, and closed once', () => {
    const { zoo } = startServer({ limits: { maxWatchesPerSession: 1 } })
    const { intake, log } = attachBroken(zoo, {})
    intake.connect(HANDSHAKE)

    intake.receive(1, { ...CATCH_UP, relativeZxid: 9 })

    expect(log).toEqual(['connected', 'closed'])
  })

  it('by the failure of a claim is closed once, though its end throws when it is answered', () => {
    const { zoo } = startServer()
    const { intake, log } = attachBroken(zoo, { reply: boom })
    intake.connect(HANDSHAKE)

    intake.receive(1, auth('nonsense', 'x'))

    expect(log).toEqual(['connected', 'closed'])
  })

  it('by the event of another is not told of it, and the write is answered', () => {
    const { zoo } = startServer()
    const second = attachBroken(zoo, {})
    const first = attachBroken(zoo, { notify: () => second.intake.closed() })
    for (const { intake } of [first, second]) {
      intake.connect(HANDSHAKE)
      intake.receive(1, read('getData', '/', true))
    }

    const code = connectRaw(zoo).code(setData('/'))

    expect([second.log, code]).toEqual([['connected', 'reply 1 OK'], 'OK'])
  })

  it('after an error of ours is told why', () => {
    const { zoo } = startServer()
    const codes: unknown[] = []
    const { intake } = attachBroken(zoo, { connected: boom, close: (code) => void codes.push(code) })

    intake.connect(HANDSHAKE)

    expect(codes).toEqual(['SYSTEMERROR'])
  })
})

describe('a sign of life that is no request', () => {
  it('is no fault before the handshake', () => {
    const { intake, log } = attachBroken(startServer().zoo, {})

    expect(() => intake.heard?.()).not.toThrow()
    expect(log).toEqual([])
  })

  async function heardOnce(isClosed: boolean): Promise<number> {
    const { zoo, clock } = startServer()
    const intake = zoo.attach({
      remoteAddress: '10.0.0.1',
      isLocal: false,
      connected: () => undefined,
      reply: () => undefined,
      notify: () => undefined,
      close: () => undefined,
    })
    intake.connect(HANDSHAKE)
    await clock.advance(20_000)
    if (isClosed) intake.closed()
    intake.heard?.()
    await clock.advance(20_000)
    return zoo.reports.counts().sessions
  }

  it('keeps a session alive as long as the connection stands', async () => {
    expect([await heardOnce(false), await heardOnce(true)]).toEqual([1, 0])
  })
})

describe('a claim of identity', () => {
  it.each<Request>([
    { type: 'auth', scheme: 'digest', auth: new TextEncoder().encode('bob:pw') },
    { type: 'sasl', token: new Uint8Array(0) },
  ])('is no sign of life: %o', async (claim) => {
    const { zoo, clock } = startServer()
    const remote = new RawCnxn(zoo, { isLocal: false }).open()
    const other = new RawCnxn(zoo, { isLocal: false }).open()
    await clock.advance(20_000)

    remote.ask(claim)
    other.ask(read('exists', '/'))
    await clock.advance(20_000)

    expect(zoo.reports.sessions().map(({ id }) => id)).toEqual([other.sessionId])
  })
})

describe('what is told of a connection that goes', () => {
  it('is told when all of it is done', () => {
    const { zoo } = startServer()
    const cnxn = connectRaw(zoo)
    for (const path of ['/', '/zookeeper']) cnxn.ask(read('getData', path, true))
    const left: number[] = []
    zoo.inspect(({ kind }) => void (kind === 'watchRemoved' && left.push(zoo.reports.counts().watches)))

    cnxn.hangUp()

    expect(left).toEqual([0, 0])
  })

  it('comes before the session is told to be taken over', () => {
    const { zoo } = startServer()
    const first = connectRaw(zoo)
    const kinds: string[] = []
    zoo.inspect(({ kind }) => void kinds.push(kind))

    new RawCnxn(zoo).open({ id: first.sessionId, password: first.password })

    expect(kinds).toEqual(['disconnected', 'sessionOpened'])
  })

  it('is no new session, if it goes while its handshake waits', () => {
    const { zoo } = startServer()
    const cnxn = connectRaw(zoo)
    const stop = zoo.inspect(({ kind }) => {
      if (kind === 'txn') new RawCnxn(zoo).open().hangUp()
    })

    cnxn.ask(create('/a'))
    stop()

    expect(zoo.reports.sessions().map(({ id }) => id)).toEqual([cnxn.sessionId])
  })
})
