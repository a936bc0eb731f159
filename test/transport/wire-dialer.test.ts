/** Dialling over bytes: one server after the other, and requests that no server takes are found before they are sent. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { encodeRequest } from '../../src/protocol/codec.js'
import { JuteWriter } from '../../src/protocol/jute.js'
import type { Request } from '../../src/protocol/message.js'
import { VirtualClock } from '../../src/testing/index.js'
import type { ClientEvents, Disconnection } from '../../src/transport/transport.js'
import { WireDialer, type WireDialerOptions } from '../../src/transport/wire-dialer.js'
import { runParameters, timeLimitMs } from '../property/run-parameters.js'
import { requests } from '../protocol/message-arbitraries.js'
import { create, read, remove, setData } from '../semantics/fixture.js'
import { FakeLink, HandScheduler } from './fake-link.js'

/** What the request that restores a watch has beside its path, and more than the one that set it. */
const REPLAY_BYTES = 48

const parameters = runParameters(500)
const timeout = timeLimitMs(parameters)

test('a request of exactly as many bytes as are allowed has no fault, and one byte more is one', {
  timeout,
}, () => {
  const property = fc.property(requests, (request) => {
    const bytes = sizeOf(request)
    const fault = dialerFor(bytes - 1).findFault(request)

    expect(dialerFor(bytes + (leavesWatch(request) ? REPLAY_BYTES : 0)).findFault(request)).toBeUndefined()
    expect(fault).toBeInstanceOf(RangeError)
    expect(fault?.message).toContain(`The ${request.type} request has ${bytes} bytes, over the ${bytes - 1} `)
  })

  fc.assert(property, parameters)
})

describe('a watch whose path could not be restored', () => {
  it.each([
    ['exists', read('exists', `/${'x'.repeat(2000)}`, true)],
    ['getChildren', read('getChildren', `/${'x'.repeat(2000)}`, true)],
    ['addWatch', { type: 'addWatch', path: `/${'x'.repeat(2000)}`, mode: 'PERSISTENT' }],
  ] as const)('is refused: %s', (_what, request) => {
    const bytes = sizeOf(request)

    expect(dialerFor(bytes + REPLAY_BYTES - 1).findFault(request)?.message).toBe(
      `A watch that takes a request of ${bytes} bytes could not be restored after a reconnection: a request has at most ${bytes + REPLAY_BYTES - 1} (maxRequestBytes)`,
    )
    expect(dialerFor(bytes + REPLAY_BYTES).findFault(request)).toBeUndefined()
  })

  it('is a read without a watch like any other', () => {
    const request = read('exists', `/${'x'.repeat(2000)}`)

    expect(dialerFor(sizeOf(request)).findFault(request)).toBeUndefined()
  })
})

describe('a dialer', () => {
  it('goes to the next server with each dial, and begins anew after the last', () => {
    const { dialer, opened } = startDialer(['a:1', 'b:2', 'c:3'])

    for (let i = 0; i < 5; i++) dialer.dial(NOBODY, SESSION_MS)

    expect(opened).toEqual(['a:1', 'b:2', 'c:3', 'a:1', 'b:2'])
  })

  it('goes to its only server again and again', () => {
    const { dialer, opened } = startDialer(['a:1'])

    for (let i = 0; i < 3; i++) dialer.dial(NOBODY, SESSION_MS)

    expect(opened).toEqual(['a:1', 'a:1', 'a:1'])
  })

  it('without servers says so', () => {
    const { dialer } = startDialer([])

    expect(() => dialer.dial(NOBODY, SESSION_MS)).toThrow(new RangeError('There is no server to dial'))
  })

  it.each([
    ['the time of the caller, less a fifth', { sessionTimeoutMs: 30_000, connectTimeoutMs: 10_000 }, 1, 8000],
    ['that time shared by the servers', { sessionTimeoutMs: 30_000, connectTimeoutMs: 10_000 }, 3, 2667],
    ['a third of the session', { sessionTimeoutMs: 10_000, connectTimeoutMs: 10_000 }, 1, 3334],
    ['that third shared by the servers', { sessionTimeoutMs: 18_000, connectTimeoutMs: 10_000 }, 3, 2000],
    [
      'a second each, if the caller waits so long',
      { sessionTimeoutMs: 1500, connectTimeoutMs: 10_000 },
      3,
      1000,
    ],
    ['what there is, if the caller does not', { sessionTimeoutMs: 1500, connectTimeoutMs: 1000 }, 4, 200],
  ])('gives a server %s', async (_what, timeouts, serverCount, dialTimeoutMs) => {
    const { connectTimeoutMs, sessionTimeoutMs } = timeouts
    const names = Array.from({ length: serverCount }, (_, i) => `s:${i}`)
    const { dialer, clock } = startDialer(names, { connectTimeoutMs })
    const told: string[] = []

    dialer.dial({ ...NOBODY, disconnected: (why) => void told.push(messageOf(why)) }, sessionTimeoutMs)
    await clock.advance(dialTimeoutMs)

    expect(told).toEqual([`s:0 did not accept a connection within ${dialTimeoutMs} ms`])
  })
})

describe('a fault', () => {
  it('says what was too large, what is allowed, and what to do', () => {
    const request = setData('/a', 'x'.repeat(1000))

    expect(dialerFor(1000).findFault(request)?.message).toBe(
      'The setData request has 1022 bytes, over the 1000 that a server takes (maxRequestBytes): store less, or split it',
    )
  })

  it('is none where nothing is too large', () => {
    const request = setData('/a', 'x'.repeat(1000))

    expect(dialerFor(Number.POSITIVE_INFINITY).findFault(request)).toBeUndefined()
  })

  it.each([
    ['create', create('/a', { data: new Uint8Array(500) })],
    ['createTTL', create('/a', { mode: 'PERSISTENT_WITH_TTL' })],
    ['delete', remove('/a')],
    ['setData', setData('/a')],
    ['exists', read('exists', '/a')],
    ['getData', read('getData', '/a')],
    ['getChildren2', read('getChildren2', '/a')],
  ])('of a small request is looked for without encoding it: %s', (_what, request) => {
    expect(dialerFor(1000).findFault(unwritable(request))).toBeUndefined()
  })

  it.each([
    ['multi', (op: Request) => ({ type: 'multi', ops: [op] }), create('/a')],
    ['multiRead', (op: Request) => ({ type: 'multiRead', ops: [op] }), { type: 'getData', path: '/a' }],
    ['multiRead', (op: Request) => ({ type: 'multiRead', ops: [op] }), { type: 'getChildren', path: '/a' }],
  ])('of a small %s is looked for without encoding it', (_what, wrap, op) => {
    const request = wrap(unwritable(op as Request)) as Request

    expect(dialerFor(1000).findFault(request)).toBeUndefined()
  })

  it('of a request near the limit is looked for by encoding it', () => {
    const request = unwritable(create('/a', { data: new Uint8Array(950) }))

    expect(() => dialerFor(1000).findFault(request)).toThrow('charCodeAt')
  })
})

const SESSION_MS = 30_000
const NOBODY: ClientEvents = {
  connected: () => undefined,
  reply: () => undefined,
  notify: () => undefined,
  disconnected: () => undefined,
}

/** A dialer, and the names of the servers whose links it opened. */
function startDialer(
  names: readonly string[],
  options: Partial<WireDialerOptions> = {},
): { dialer: WireDialer; opened: string[]; clock: VirtualClock } {
  const opened: string[] = []
  const clock = new VirtualClock()
  const servers = names.map((name) => ({
    name,
    open: () => {
      opened.push(name)
      return new FakeLink()
    },
  }))
  const dialer = new WireDialer(servers, {
    clock,
    scheduler: new HandScheduler(),
    maxReplyBytes: 1000,
    maxRequestBytes: 1000,
    connectTimeoutMs: 10_000,
    ...options,
  })
  return { dialer, opened, clock }
}

function dialerFor(maxRequestBytes: number): WireDialer {
  return startDialer(['a:1'], { maxRequestBytes }).dialer
}

/** The bytes of a frame with this request, its length not counted. */
function sizeOf(request: Request): number {
  const out = new JuteWriter()
  encodeRequest(out, 1, request)
  return out.length
}

/** The request with a path that has a length and cannot be written. */
function unwritable(request: Request): Request {
  return new Proxy(request, {
    get: (target, name) => (name === 'path' ? { length: 2 } : Reflect.get(target, name)),
  })
}

function messageOf(why: Disconnection | undefined): string {
  return why?.cause instanceof Error ? why.cause.message : String(why?.cause)
}

function leavesWatch(request: Request): boolean {
  return request.type === 'addWatch' || ('watch' in request && request.watch)
}
