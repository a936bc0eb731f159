/**
 * Calls that have no answer yet when the connection breaks, the session expires, the client is closed or its credentials are
 * refused; how long a call waits for a connection; and how often a client dials.
 */
import { describe, expect, it } from 'vitest'
import { isKeeperException } from '../../src/index.js'
import {
  codeOf,
  RawCnxn,
  recordEvents,
  startServer,
  startWorld,
  text,
  type World,
} from '../semantics/fixture.js'

/** Of two clients together, when each of them throws the other out. */
const MAX_DIALS_A_SECOND = 3

describe('a call that waits for a connection', () => {
  it('is sent when the connection comes back in time', async () => {
    const { zoo, zk, clock } = await startWorld()
    zoo.disconnect(zk)
    const call = zk.create('/a')
    await clock.advance(29_999)

    zoo.reconnect(zk)

    expect(await call).toBe('/a')
  })

  it('fails with CONNECTIONLOSS after one connect timeout, and is not applied later', async () => {
    const { zoo, zk, clock } = await startWorld({ client: { connectTimeoutMs: 1000 } })
    zoo.disconnect(zk)
    await zoo.settle()
    const outcome = track(codeOf(zk.create('/a')))

    await clock.advance(999)
    const before = outcome.value
    await clock.advance(1)
    zoo.reconnect(zk)

    expect(before).toBeUndefined()
    expect(outcome.value).toBe('CONNECTIONLOSS')
    expect(await zk.exists('/a')).toBeNull()
  })

  it('waits the session timeout unless it is told otherwise', async () => {
    const { zoo, zk, clock } = await startWorld({ client: { sessionTimeoutMs: 5000 } })
    zoo.disconnect(zk)
    const outcome = track(codeOf(zk.create('/a')))

    await clock.advance(4999)
    const before = outcome.value
    await clock.advance(1)

    expect(before).toBeUndefined()
    expect(outcome.value).toBe('CONNECTIONLOSS')
  })

  it('shares the attempt that is running: one that comes later fails with it', async () => {
    const { zoo, zk, clock } = await startWorld({ client: { connectTimeoutMs: 1000 } })
    zoo.disconnect(zk)
    const first = track(codeOf(zk.create('/a')))
    await clock.advance(900)
    const second = track(codeOf(zk.create('/b')))

    await clock.advance(100)

    expect([first.value, second.value]).toEqual(['CONNECTIONLOSS', 'CONNECTIONLOSS'])
  })

  it('gets an attempt of its own when the one before it has failed', async () => {
    const { zoo, zk, clock } = await startWorld({ client: { connectTimeoutMs: 1000 } })
    zoo.disconnect(zk)
    await Promise.all([codeOf(zk.create('/a')), clock.advance(1000)])
    const later = track(codeOf(zk.create('/b')))

    await clock.advance(999)
    const before = later.value
    await clock.advance(1)

    expect(before).toBeUndefined()
    expect(later.value).toBe('CONNECTIONLOSS')
  })

  it('leaves no timer once it is sent', async () => {
    const { zoo, zk, clock } = await startWorld()
    zoo.disconnect(zk)
    const call = zk.create('/a')
    zoo.reconnect(zk)

    await call

    expect(clock.pendingTimers).toBe(0)
  })
})

describe('a call in flight when the connection breaks', () => {
  it('fails with CONNECTIONLOSS after Disconnected was told, and may have been applied', async () => {
    const { zoo, zk, events } = await startWorld()
    const other = await zoo.connect()
    zoo.loseNextReply(zk)

    const code = await codeOf(zk.create('/a', 'applied'))
    events.push(code)
    await zoo.settle()

    expect(text((await other.getData('/a')).data)).toBe('applied')
    expect(events.toSorted()).toEqual([
      'CONNECTIONLOSS',
      'None Disconnected',
      'None SyncConnected',
      'None SyncConnected',
    ])
  })

  it('fails with its path, and can be told apart as retryable', async () => {
    const { zoo, zk } = await startWorld()
    zoo.loseNextReply(zk)

    const error = await zk.setData('/a', 'x').catch((reason: unknown) => reason)

    expect(isKeeperException(error, 'CONNECTIONLOSS')).toBe(true)
    expect(error).toMatchObject({ path: '/a', errno: -4 })
  })
})

describe.each([
  [
    'the session expires',
    'SESSIONEXPIRED',
    async ({ zoo, zk }: World) => {
      zoo.expire(zk)
      zoo.reconnect(zk)
    },
  ],
  ['the client is closed', 'SESSIONEXPIRED', ({ zk }: World) => zk.close()],
  ['the server is closed', 'SESSIONEXPIRED', ({ zoo }: World) => zoo.close()],
] as const)('a call that waits when %s', (_name, code, end) => {
  it(`fails with ${code}, and none is left waiting`, async () => {
    const world = await startWorld()
    const { zoo, zk } = world
    zoo.disconnect(zk)
    const calls = [codeOf(zk.create('/a')), codeOf(zk.exists('/')), codeOf(zk.multi([]))]

    await end(world)
    await zoo.settle()

    expect(await Promise.all(calls)).toEqual([code, code, code])
    expect(zoo.pending()).toEqual([])
  })

  it('does not apply it', async () => {
    const world = await startWorld()
    const { zoo, zk } = world
    zoo.disconnect(zk)
    const call = codeOf(zk.create('/a'))

    await end(world)
    await call

    expect(zoo.reports.znodes().map(({ path }) => path)).not.toContain('/a')
  })
})

describe('credentials that are refused', () => {
  it('fail the calls behind them with AUTHFAILED, after AuthFailed was told [trap 38]', async () => {
    const { zoo, zk, events } = await startWorld()
    zoo.disconnect(zk)
    const auth = codeOf(zk.addAuthInfo('unknown', 'x'))
    const call = zk.create('/a').catch((error) => events.push(`create ${error.code}`))
    zoo.reconnect(zk)
    await call

    expect(await auth).toBe('AUTHFAILED')
    expect(events).toEqual([
      'None SyncConnected',
      'None Disconnected',
      'None SyncConnected',
      'None AuthFailed',
      'create AUTHFAILED',
    ])
    expect(zk.state).toBe('AUTH_FAILED')
  })

  it('reject in the order of everything else: after AuthFailed was told', async () => {
    const { zk, events } = await startWorld()

    await zk.addAuthInfo('unknown', 'x').catch((error) => events.push(`addAuthInfo ${error.code}`))

    expect(events).toEqual(['None SyncConnected', 'None AuthFailed', 'addAuthInfo AUTHFAILED'])
  })

  it('do not undo those that the server had accepted before them', async () => {
    const { zoo, zk } = await startWorld()
    zoo.disconnect(zk)
    const codes = [codeOf(zk.addAuthInfo('digest', 'alice:pw')), codeOf(zk.addAuthInfo('unknown', 'x'))]

    zoo.reconnect(zk)

    expect(await Promise.all(codes)).toEqual(['OK', 'AUTHFAILED'])
  })

  it('on a new connection end it there: no later identity, no watch, no call goes out', async () => {
    const { zoo, zk, events } = await startWorld()
    await zk.exists('/a', { watcher: () => undefined })
    zoo.disconnect(zk)
    const codes = [
      codeOf(zk.addAuthInfo('unknown', 'x')),
      codeOf(zk.addAuthInfo('digest', 'alice:pw')),
      codeOf(zk.create('/a')),
    ]
    const requests: string[] = []
    zoo.inspect((event) => {
      if (event.kind === 'request') requests.push(event.request.type)
    })

    zoo.reconnect(zk)

    expect(await Promise.all(codes)).toEqual(['AUTHFAILED', 'AUTHFAILED', 'AUTHFAILED'])
    expect(requests).toEqual(['auth'])
    expect(events.at(-1)).toBe('None AuthFailed')
    expect(zoo.pending()).toEqual([])
  })

  it('that come with connect() make it fail', async () => {
    const { zoo } = startServer()
    const { events, watcher } = recordEvents()

    const code = await codeOf(zoo.connect({ watcher, auth: [{ scheme: 'unknown', auth: 'x' }] }))
    await zoo.settle()

    expect(code).toBe('AUTHFAILED')
    expect(events).toEqual(['None SyncConnected', 'None AuthFailed'])
    expect(zoo.pending()).toEqual([])
  })

  it('are told apart from those that are accepted: digest takes anything', async () => {
    const { zk } = await startWorld()

    const codes = [
      await codeOf(zk.addAuthInfo('digest', '')),
      await codeOf(zk.addAuthInfo('digest', 'no colon')),
    ]

    expect(codes).toEqual(['OK', 'OK'])
    expect(zk.state).toBe('CONNECTED')
  })

  it('settle only when a server has answered, however many connections that takes', async () => {
    const { zoo, zk } = await startWorld()
    zoo.disconnect(zk)
    const outcome = track(codeOf(zk.addAuthInfo('digest', 'alice:pw')))
    await zoo.settle()
    const before = outcome.value

    zoo.reconnect(zk)
    await zoo.settle()

    expect(before).toBeUndefined()
    expect(outcome.value).toBe('OK')
  })
})

describe('too many calls at once', () => {
  it('fail with THROTTLEDOP beyond the limit, and the others are served', async () => {
    const { zoo, zk } = await startWorld({ server: { limits: { maxPendingRequests: 2 } } })
    zoo.disconnect(zk)

    const calls = ['/a', '/b', '/c'].map((path) => codeOf(zk.create(path)))
    zoo.reconnect(zk)

    expect(await Promise.all(calls)).toEqual(['OK', 'OK', 'THROTTLEDOP'])
  })
})

describe('a client whose connections break at once', () => {
  it('dials ten times at once, then about once a second: two clients of one session do not spin', async () => {
    const { zoo, clock, zk } = await startWorld()
    const resumptions = countResumptions(zoo)

    await zoo.connect({ session: { id: zk.sessionId, password: zk.sessionPassword } })
    await zoo.settle()
    const atOnce = resumptions.count
    await clock.advance(10_000)

    expect(atOnce).toBe(1 + 10 + 10)
    expect(resumptions.count - atOnce).toBeGreaterThan(0)
    expect(resumptions.count - atOnce).toBeLessThanOrEqual(MAX_DIALS_A_SECOND * 10)
  })

  it('dials at once again after its connections have lived', async () => {
    const { zoo, clock, zk } = await startWorld()
    const resumptions = countResumptions(zoo)
    await cutTimes(zoo, zk.sessionId, 10)
    await clock.advance(5000)
    const before = resumptions.count

    await cutTimes(zoo, zk.sessionId, 5)

    // Each cut is a resumption by the other, and one by the client that takes its session back.
    expect(before).toBe(20)
    expect(resumptions.count).toBe(30)
  })
})

/** Notes what a promise resolves to. */
function track<T>(promise: Promise<T>): { value: T | undefined } {
  const outcome: { value: T | undefined } = { value: undefined }
  void promise.then((value) => {
    outcome.value = value
  })
  return outcome
}

/** Ends the connections of an in-process client from the server's side: the client dials again. */
async function cutTimes(zoo: World['zoo'], sessionId: bigint, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    const other = new RawCnxn(zoo)
    other.open({ id: sessionId, password: zoo.snapshot().sessions[0]?.password ?? new Uint8Array(16) })
    await zoo.settle()
  }
}

function countResumptions(zoo: World['zoo']): { count: number } {
  const resumptions = { count: 0 }
  zoo.inspect((event) => {
    if (event.kind === 'sessionOpened' && event.isResumed) resumptions.count += 1
  })
  return resumptions
}
