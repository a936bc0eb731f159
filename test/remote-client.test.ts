/**
 * Clients over a wire, whatever carries it: their options, the order in which they dial, what a connect that fails says, and that
 * nothing is left of it. The links are the test's and time is virtual.
 */
import { describe, expect, it } from 'vitest'
import {
  completeRemoteOptions,
  connectRemote,
  REMOTE_OPTIONS,
  type RemoteConnectOptions,
} from '../src/remote-client.js'
import { VirtualClock } from '../src/testing/index.js'
import type { ByteLink, ByteLinkEvents } from '../src/transport/byte-link.js'
import type { WireServer } from '../src/transport/wire-dialer.js'
import { handshakeAnswer } from './node/network.js'
import { codeOf, failureOf, messageOf, nextUncaught } from './semantics/fixture.js'
import { macrotask } from './semantics/ordering/event-loop.js'

/** What becomes of a link: it does nothing, breaks for a reason, or answers the handshake. */
type Fate = 'silent' | 'answers' | Error

/** Servers by name; the log has each dial and each end of a link. */
function startServers(fates: Readonly<Record<string, Fate>>): { servers: WireServer[]; log: string[] } {
  const log: string[] = []
  const servers = Object.entries(fates).map(([name, fate]) => ({
    name,
    open: (events: ByteLinkEvents & { opened(): void }) => {
      log.push(`dial ${name}`)
      queueMicrotask(() => (fate instanceof Error ? events.closed(fate) : events.opened()))
      return scriptedLink(events, { isAnswering: fate === 'answers', ended: () => log.push(`end ${name}`) })
    },
  }))
  return { servers, log }
}

function scriptedLink(
  events: ByteLinkEvents,
  { isAnswering, ended }: { isAnswering: boolean; ended: () => void },
): ByteLink {
  return {
    remoteAddress: '127.0.0.1',
    write: () => isAnswering && queueMicrotask(() => events.received(handshakeAnswer())),
    pause: () => undefined,
    resume: () => undefined,
    end: ended,
    destroy: ended,
  }
}

/** A connect on virtual time, with the least chance unless told otherwise. */
function startConnect(
  fates: Readonly<Record<string, Fate>>,
  options: RemoteConnectOptions = {},
): { clock: VirtualClock; log: string[]; failure: Promise<unknown>; endings: { count: number } } {
  const clock = new VirtualClock()
  const { servers, log } = startServers(fates)
  const endings = { count: 0 }
  const settings = completeRemoteOptions({
    clock,
    connectTimeoutMs: 1000,
    randomBytes: () => new Uint8Array(4),
    ...options,
  })
  const failure = failureOf(() =>
    connectRemote(servers, settings, () => {
      endings.count += 1
    }),
  )
  return { clock, log, failure, endings }
}

describe('the options of a client over a wire', () => {
  it('have their defaults', () => {
    const { clock, random, randomBytes, chroot, ...others } = completeRemoteOptions({})

    expect(others).toEqual({
      sessionTimeoutMs: 30_000,
      connectTimeoutMs: 10_000,
      maxRequestBytes: 1_048_575,
      maxReplyBytes: 67_108_864,
      maxPendingRequests: 100_000,
      canBeReadOnly: false,
      expiresLocally: false,
      watcher: undefined,
      session: undefined,
      auth: [],
    })
    expect(chroot.prefix).toBe('')
    expect(clock.nowMs()).toBeGreaterThan(0)
    expect(random()).toBeGreaterThanOrEqual(0)
    expect(randomBytes(16)).toHaveLength(16)
  })

  it('may as well be undefined', () => {
    const names = Object.fromEntries(REMOTE_OPTIONS.map((name) => [name, undefined]))

    expect(completeRemoteOptions(names)).toMatchObject({ connectTimeoutMs: 10_000, canBeReadOnly: false })
  })

  it('are taken, Infinity for a bound included', () => {
    const given = { connectTimeoutMs: 5, maxReplyBytes: Number.POSITIVE_INFINITY, canBeReadOnly: true }

    expect(completeRemoteOptions({ ...given, expiresLocally: true })).toMatchObject({
      ...given,
      expiresLocally: true,
    })
  })

  it.each([
    [{ connectTimeoutMs: 0 }, 'RangeError: Invalid connectTimeoutMs 0: pass milliseconds, 1 or more'],
    [
      { maxRequestBytes: 0 },
      'RangeError: Invalid maxRequestBytes 0: pass a whole number from 1, or Infinity',
    ],
    [
      { maxReplyBytes: 1.5 },
      'RangeError: Invalid maxReplyBytes 1.5: pass a whole number from 1, or Infinity',
    ],
    [
      { maxPendingRequests: '9' },
      'RangeError: Invalid maxPendingRequests "9": pass a whole number from 1, or Infinity',
    ],
    [{ canBeReadOnly: 1 }, 'TypeError: Invalid canBeReadOnly 1: pass true or false'],
    [{ expiresLocally: 'no' }, 'TypeError: Invalid expiresLocally "no": pass true or false'],
    [{ clock: {} }, 'TypeError: Invalid clock.nowMs undefined: pass a function'],
    [{ randomBytes: 4 }, 'TypeError: Invalid randomBytes 4: pass a function'],
    [
      { remoteAddress: '' },
      `TypeError: Unknown option "remoteAddress": there are ${REMOTE_OPTIONS.join(', ')}`,
    ],
  ])('are refused: %o', async (given, message) => {
    expect(await messageOf(() => Reflect.apply(completeRemoteOptions, undefined, [given]))).toBe(message)
  })

  it.each([
    [[0, 0, 0, 0], 0],
    [[0, 0, 0, 128], 0.5],
    [[255, 255, 255, 255], 1 - 2 ** -32],
  ])('make of the random bytes %j the number %d, which is below 1', (bytes, number) => {
    const { random } = completeRemoteOptions({ randomBytes: () => Uint8Array.from(bytes) })

    expect(random()).toBe(number)
  })
})

describe('the servers of a list', () => {
  it.each([
    [0, ['c', 'a', 'b']],
    [255, ['a', 'c', 'b']],
  ])('are dialled one after the other, in an order that chance decides: %d', async (byte, order) => {
    const refused = new Error('refused')
    const { clock, log, failure } = startConnect(
      { a: refused, b: refused, c: refused },
      { randomBytes: () => new Uint8Array(4).fill(byte) },
    )

    await macrotask()
    for (let i = 0; i < 10; i++) {
      await clock.advance(100)
      await macrotask()
    }
    await failure

    const dials = log.filter((line) => line.startsWith('dial'))
    expect(dials.slice(0, 4)).toEqual([...order, order[0]].map((name) => `dial ${name}`))
  })

  it('come in each order for as many outcomes of chance', async () => {
    const chances = [0, 100, 200].flatMap((first) => [0, 200].map((second) => [first, second]))
    const orders = chances.map(async (bytes) => {
      const refused = new Error('refused')
      const fates = { a: refused, b: refused, c: refused }
      const randomBytes = (): Uint8Array => new Uint8Array(4).fill(bytes.shift() ?? 0)
      const { clock, log, failure } = startConnect(fates, { randomBytes })
      for (let i = 0; i < 10; i++) {
        await macrotask()
        await clock.advance(100)
      }
      await failure
      return log
        .filter((line) => line.startsWith('dial'))
        .slice(0, 3)
        .join()
    })

    expect(new Set(await Promise.all(orders)).size).toBe(6)
  })

  it('are all tried before one is tried again, so that one that lives is found', async () => {
    const clock = new VirtualClock()
    const { servers, log } = startServers({ a: new Error('refused'), b: 'answers' })
    const randomBytes = (): Uint8Array => new Uint8Array(4).fill(255)
    const connecting = connectRemote(servers, completeRemoteOptions({ clock, randomBytes }))

    await macrotask()
    await clock.advance(100)
    const zk = await connecting

    expect(log).toEqual(['dial a', 'end a', 'dial b'])
    expect(zk.sessionId).toBe(7n)
  })
})

describe('a connect that fails', () => {
  it('names the servers, the time and the reason, and has it as its cause', async () => {
    const reason = new Error('connect ECONNREFUSED')
    const { clock, failure } = startConnect({ 'a:1': reason, 'b:2': reason })

    await macrotask()
    await clock.advance(1000)

    expect(await failure).toMatchObject({
      code: 'CONNECTIONLOSS',
      message:
        'CONNECTIONLOSS: no connection to a:1, b:2 within 1000 ms (connectTimeoutMs): connect ECONNREFUSED',
      cause: reason,
    })
  })

  it.each([
    [new AggregateError([new Error('one'), new Error('other')], ''), ': one, other'],
    [new AggregateError([new Error('one')], 'all failed'), ': all failed'],
    [new RangeError(''), ': RangeError'],
  ])('says what it can of a reason: %s', async (reason, ending) => {
    const { clock, failure } = startConnect({ 'a:1': reason })

    await macrotask()
    await clock.advance(1000)

    expect(await failure).toHaveProperty(
      'message',
      `CONNECTIONLOSS: no connection to a:1 within 1000 ms (connectTimeoutMs)${ending}`,
    )
  })

  it('by silence says so: the time of one attempt is within that of the connect', async () => {
    const { clock, failure, log } = startConnect({ 'a:1': 'silent' })

    await macrotask()
    await clock.advance(1000)

    expect(await failure).toHaveProperty(
      'message',
      'CONNECTIONLOSS: no connection to a:1 within 1000 ms (connectTimeoutMs): a:1 did not answer the handshake within 800 ms',
    )
    expect(log).toEqual(['dial a:1', 'end a:1', 'dial a:1', 'end a:1'])
  })

  it('fails once, leaves no timer, and is told as ended once', async () => {
    const { clock, failure, endings } = startConnect({ a: new Error('x') })

    await macrotask()
    await clock.advance(999)
    const before = endings.count
    await clock.advance(1)
    await failure

    expect([before, endings.count, clock.pendingTimers]).toEqual([0, 1, 0])
  })

  it('because a link cannot even be opened fails with that error at once, and leaves no timer', async () => {
    const clock = new VirtualClock()
    const fault = new TypeError('no certificate')
    const open = (): never => {
      throw fault
    }

    const failure = await failureOf(() =>
      connectRemote([{ name: 'a:1', open }], completeRemoteOptions({ clock })),
    )

    expect([failure, clock.pendingTimers]).toEqual([fault, 0])
  })

  it('with identities that could not be claimed fails once and for the same reason', async () => {
    const auth = [{ scheme: 'digest', auth: 'a:b' }]
    const { clock, failure } = startConnect({ 'a:1': new Error('x') }, { auth })

    await macrotask()
    await clock.advance(1000)

    expect(await failure).toHaveProperty(
      'message',
      'CONNECTIONLOSS: no connection to a:1 within 1000 ms (connectTimeoutMs): x',
    )
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('a connect that succeeds', () => {
  it('is not failed later by the time that it had', async () => {
    const clock = new VirtualClock()
    const { servers } = startServers({ a: 'answers' })
    const zk = await connectRemote(servers, completeRemoteOptions({ clock, connectTimeoutMs: 1000 }))

    await clock.advance(1500)

    expect(zk.state).toBe('CONNECTED')
  })

  it('is told as ended when its client is, and not before', async () => {
    const clock = new VirtualClock()
    const { servers, log } = startServers({ a: 'answers' })
    const endings: string[] = []
    const zk = await connectRemote(servers, completeRemoteOptions({ clock }), () => endings.push('ended'))
    const before = [...endings]

    // Nobody answers the close: it is over when the server has been silent for too long.
    const [code] = await Promise.all([codeOf(zk.close()), clock.advance(7000)])

    expect([before, endings, code]).toEqual([[], ['ended'], 'OK'])
    expect(log).toEqual(['dial a', 'end a'])
    expect(clock.pendingTimers).toBe(0)
  })

  it('lets what its watchers throw be seen like any uncaught error, if nobody listens for it', async () => {
    const { servers } = startServers({ a: 'answers' })
    const fault = new Error('a bug of the user')
    const watcher = (): never => {
      throw fault
    }
    const uncaught = nextUncaught()

    await connectRemote(servers, completeRemoteOptions({ clock: new VirtualClock(), watcher }))

    expect(await uncaught).toBe(fault)
  })

  it('hands what its watchers throw to who listens for it', async () => {
    const { servers } = startServers({ a: 'answers' })
    const fault = new Error('a bug of the user')
    const clock = new VirtualClock()
    const zk = await connectRemote(servers, completeRemoteOptions({ clock }))
    const heard: unknown[] = []
    zk.on('watcherError', (error) => heard.push(error))
    zk.on('disconnected', () => {
      throw fault
    })

    await clock.advance(20_000)
    await macrotask()

    expect(heard).toEqual([fault])
  })
})
