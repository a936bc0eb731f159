/**
 * ClientCnxn against a server that the test plays: what is sent and when, how replies find their calls, and what happens when
 * a server answers what was not asked.
 */
import { describe, expect, it } from 'vitest'
import { RequestAbortedError, Stat } from '../../src/index.js'
import type { Response } from '../../src/protocol/message.js'
import { codeOf, failureOf, recordEvents } from '../semantics/fixture.js'
import { macrotask } from '../semantics/ordering/event-loop.js'
import { startConnected, startScript } from './scripted-server.js'

const EXISTS: Response = { type: 'stat', stat: new Stat(1n, 1n, 0, 0, 0, 0, 0, 0n, 0, 0, 1n) }

describe('the handshake', () => {
  it('asks for a new session, then for the one it got, with the last zxid it has seen', async () => {
    const { zk, first, cnxns } = await startConnected()
    const call = zk.exists('/a')
    first.reply(1, 'NONODE', undefined, 42)
    await call

    first.drop()

    expect(first.handshake).toEqual({
      lastZxidSeen: 0,
      timeoutMs: 30_000,
      sessionId: 0n,
      canBeReadOnly: false,
      password: new Uint8Array(16),
    })
    expect(cnxns[1]?.handshake).toEqual({
      lastZxidSeen: 42,
      timeoutMs: 30_000,
      sessionId: 7n,
      canBeReadOnly: false,
      password: new Uint8Array(16).fill(7),
    })
  })

  it('does not count zxids of failed replies that have none, nor those of events', async () => {
    const { zk, first, cnxns } = await startConnected()
    const calls = [codeOf(zk.exists('/a')), codeOf(zk.exists('/b'))]
    first.reply(1, 'NONODE', undefined, 5)
    first.reply(2, 'NONODE', undefined, -1)
    first.notify('/a', 99)
    await Promise.all(calls)

    first.drop()

    expect(cnxns[1]?.handshake?.lastZxidSeen).toBe(5)
  })

  it('that is refused ends the client: Expired', async () => {
    const { zk, cnxns, started, events } = startScript()

    cnxns[0]?.accept(0)

    expect(await codeOf(started)).toBe('SESSIONEXPIRED')
    expect(zk.state).toBe('CLOSED')
    expect(events).toEqual(['None Expired'])
    expect(cnxns[0]?.log.at(-1)).toBe('closed')
  })

  it('that breaks before it is answered is tried again, and told once as Disconnected or not at all', async () => {
    const { zk, cnxns, started, events } = startScript()

    cnxns[0]?.drop()
    cnxns[1]?.accept()
    await started

    expect(zk.state).toBe('CONNECTED')
    expect(events.at(-1)).toBe('None SyncConnected')
    expect(events.length).toBeLessThanOrEqual(2)
  })

  it('is told to nobody while it waits, and the client is CONNECTING', async () => {
    const { zk, events, cnxn } = startScript()
    await macrotask()

    expect(zk.state).toBe('CONNECTING')
    expect([zk.sessionId, cnxn.pendingCount]).toEqual([0n, 0])
    expect(events).toEqual([])
  })
})

describe('requests and replies', () => {
  it('have xids from 1 on, and are matched in their order', async () => {
    const { zk, first } = await startConnected()
    const calls = [zk.exists('/a'), zk.exists('/b'), zk.exists('/c')]

    first.reply(1, 'NONODE')
    first.reply(2, 'OK', EXISTS)
    first.reply(3, 'NONODE')

    expect((await Promise.all(calls)).map((stat) => stat?.czxid)).toEqual([undefined, 1n, undefined])
    expect(first.log.slice(1)).toEqual(['1 exists', '2 exists', '3 exists'])
  })

  it('that are not those of the oldest request break the connection, and the calls are CONNECTIONLOSS', async () => {
    const { zk, first, cnxns, events } = await startConnected()
    const calls = [codeOf(zk.exists('/a')), codeOf(zk.exists('/b'))]

    first.reply(2, 'NONODE')

    expect(await Promise.all(calls)).toEqual(['CONNECTIONLOSS', 'CONNECTIONLOSS'])
    expect(first.log.at(-1)).toBe('closed')
    expect(cnxns.length).toBe(2)
    await macrotask()
    expect(events).toEqual(['None SyncConnected', 'None Disconnected'])
  })

  it('to nothing break the connection too', async () => {
    const { first, cnxns } = await startConnected()

    first.reply(1, 'OK', EXISTS)

    expect(first.log.at(-1)).toBe('closed')
    expect(cnxns.length).toBe(2)
  })

  it('of another shape than the request reject that call alone', async () => {
    const { zk, first } = await startConnected()
    const calls = [failureOf(() => zk.getData('/a')), codeOf(zk.exists('/b'))]

    first.reply(1, 'OK', EXISTS)
    first.reply(2, 'NONODE')

    const [error, code] = await Promise.all(calls)
    expect(error).toMatchObject({ name: 'InvariantError' })
    expect(code).toBe('OK')
  })
})

describe('an AbortSignal', () => {
  it('ends a call in flight at once, with its reason as the cause', async () => {
    const { zk } = await startConnected()
    const controller = new AbortController()
    const reason = new Error('enough')
    const call = failureOf(() => zk.create('/a', null, { signal: controller.signal }))

    controller.abort(reason)

    const error = await call
    expect(error).toBeInstanceOf(RequestAbortedError)
    expect(error).toMatchObject({
      name: 'Error',
      message: 'enough (the request was sent and may have been applied)',
      mayHaveBeenApplied: true,
      cause: reason,
    })
  })

  it.each([
    ['AbortError', undefined],
    ['TimeoutError', new DOMException('in time', 'TimeoutError')],
    ['AbortError', 'text'],
  ] as const)('makes an error by the name of %s out of its reason', async (name, reason) => {
    const { zk } = await startConnected()
    const controller = new AbortController()
    const call = failureOf(() => zk.sync('/', { signal: controller.signal }))

    controller.abort(reason)

    expect(await call).toMatchObject({ name, mayHaveBeenApplied: true })
  })

  it('leaves the reply of the call it ended to nobody, and the next ones to theirs', async () => {
    const { zk, first } = await startConnected()
    const controller = new AbortController()
    const aborted = failureOf(() => zk.exists('/a', { signal: controller.signal }))
    const next = zk.exists('/b')
    controller.abort()

    first.reply(1, 'OK', EXISTS)
    first.reply(2, 'NONODE')

    expect(await aborted).toBeInstanceOf(RequestAbortedError)
    expect(await next).toBeNull()
  })

  it('keeps the watcher of the call it ended from being registered', async () => {
    const { zk, first } = await startConnected()
    const { events, watcher } = recordEvents()
    const controller = new AbortController()
    const call = failureOf(() => zk.exists('/a', { watcher, signal: controller.signal }))
    controller.abort()
    await call

    first.reply(1, 'OK', EXISTS)
    first.notify('/a')
    await macrotask()

    expect(events).toEqual([])
  })

  it('lets the server drop the watch that the call it ended may have set', async () => {
    const { zk, first } = await startConnected()
    const controller = new AbortController()
    const call = failureOf(() => zk.exists('/a', { watcher: () => undefined, signal: controller.signal }))
    controller.abort()
    await call

    first.reply(1, 'OK', EXISTS)

    expect(first.log.slice(1)).toEqual(['1 exists', '2 removeWatches'])
  })

  it('still carries out the removal that the server has made', async () => {
    const { zk, first, cnxns } = await startConnected()
    const adding = zk.addWatch('/a', () => undefined)
    first.reply(1)
    await adding
    const controller = new AbortController()
    const call = failureOf(() => zk.removeWatches('/a', { signal: controller.signal }))
    controller.abort()
    await call

    first.reply(2)
    first.drop()
    cnxns[1]?.accept()

    // There is no watch left to be armed on the new connection.
    expect(cnxns[1]?.log).toEqual(['connect 7'])
  })

  it('leaves that watch to another call that is under way for it', async () => {
    const { zk, first } = await startConnected()
    const { events, watcher } = recordEvents()
    const controller = new AbortController()
    const call = failureOf(() => zk.exists('/a', { watcher: () => undefined, signal: controller.signal }))
    const other = zk.exists('/a', { watcher })
    controller.abort()
    await call

    first.reply(1, 'OK', EXISTS)
    first.reply(2, 'OK', EXISTS)
    await other
    first.notify('/a')
    await macrotask()

    expect(first.log.slice(1)).toEqual(['1 exists', '2 exists'])
    expect(events).toEqual(['NodeDataChanged /a'])
  })

  it('that goes on telling after it was asked to stop is not listened to', async () => {
    const { zk, first } = await startConnected()
    const listeners: (() => void)[] = []
    const signal = {
      aborted: false,
      reason: new Error('late'),
      addEventListener: (_type: 'abort', listener: () => void) => void listeners.push(listener),
      removeEventListener: () => undefined,
    }
    const call = zk.exists('/a', { signal })

    first.reply(1, 'NONODE')
    for (const tell of listeners) tell()

    expect(await call).toBeNull()
  })

  it('that comes after the reply has arrived comes too late', async () => {
    const { zk, first } = await startConnected()
    const controller = new AbortController()
    const call = zk.exists('/a', { signal: controller.signal })

    first.reply(1, 'NONODE')
    controller.abort()

    expect(await call).toBeNull()
  })
})

describe('a close', () => {
  it('is sent, and is over with its reply; calls in flight were answered before it', async () => {
    const { zk, first, events } = await startConnected()
    const call = codeOf(zk.exists('/a'))
    const close = zk.close()
    first.reply(1, 'NONODE')
    first.reply(2)
    await close

    expect(await call).toBe('OK')
    expect(first.log.slice(1)).toEqual(['1 exists', '2 closeSession', 'closed'])
    expect(events).toEqual(['None SyncConnected', 'None Closed'])
  })

  it('whose reply is lost is over all the same, without a word of Disconnected', async () => {
    const { zk, first, cnxns, events } = await startConnected()
    const call = codeOf(zk.exists('/a'))
    const close = zk.close()

    first.drop()
    await close

    expect(await call).toBe('SESSIONEXPIRED')
    expect(zk.state).toBe('CLOSED')
    expect(events).toEqual(['None SyncConnected', 'None Closed'])
    expect(cnxns.length).toBe(1)
  })

  it('before there was any connection needs no server', async () => {
    const { zk, cnxns, started, events } = startScript()

    await zk.close()

    expect(await codeOf(started)).toBe('SESSIONEXPIRED')
    expect(cnxns[0]?.log).toEqual(['connect 0', 'closed'])
    expect(events).toEqual(['None Closed'])
  })

  it('while a dial waits for its second leaves no timer', async () => {
    const { zk, cnxns, clock } = await startConnected()
    for (let times = 0; times <= 10; times++) cnxns.at(-1)?.drop()
    const before = clock.pendingTimers

    await zk.close()

    expect([before, clock.pendingTimers]).toEqual([1, 0])
  })
})

describe('identities', () => {
  it('are sent at once while connected, apart from the other xids, and resolve with their reply', async () => {
    const { zk, first } = await startConnected()
    const auth = zk.addAuthInfo('digest', 'alice:pw')

    first.reply(-4)
    await auth

    expect(first.log.slice(1)).toEqual(['-4 auth'])
  })

  it('that are refused end the client', async () => {
    const { zk, first, events } = await startConnected()
    const codes = [codeOf(zk.addAuthInfo('digest', 'alice:pw')), codeOf(zk.exists('/a'))]

    first.reply(-4, 'AUTHFAILED', undefined, 0)

    expect(await Promise.all(codes)).toEqual(['AUTHFAILED', 'AUTHFAILED'])
    await macrotask()
    expect(events).toEqual(['None SyncConnected', 'None AuthFailed'])
    expect(first.log.at(-1)).toBe('closed')
  })

  it('that were accepted are sent again on each new connection, in their order', async () => {
    const { zk, first, cnxns } = await startConnected()
    const auths = [zk.addAuthInfo('digest', 'a:1'), zk.addAuthInfo('digest', 'b:2')]
    first.reply(-4)
    first.reply(-4)
    await Promise.all(auths)

    first.drop()
    cnxns[1]?.accept()

    const schemes = cnxns[1]?.requests.map(
      ({ request }) => request.type === 'auth' && new TextDecoder().decode(request.auth),
    )
    expect(schemes).toEqual(['a:1', 'b:2'])
  })

  it('that a server answers without being asked change nothing, unless it refuses', async () => {
    const { zk, first, events } = await startConnected()

    first.reply(-4)
    const before = zk.state
    first.reply(-4, 'AUTHFAILED', undefined, 0)
    await macrotask()

    expect([before, zk.state]).toEqual(['CONNECTED', 'AUTH_FAILED'])
    expect(events).toEqual(['None SyncConnected', 'None AuthFailed'])
  })

  it('that are taken back before they were sent are not claimed by any connection', async () => {
    const { zk, first, cnxns } = await startConnected()
    first.drop()
    const controller = new AbortController()
    const taken = failureOf(() => zk.addAuthInfo('digest', 'a:1', { signal: controller.signal }))

    controller.abort(new Error('no'))
    cnxns[1]?.accept()

    expect(await taken).toEqual(new Error('no'))
    expect(cnxns[1]?.log).toEqual(['connect 7'])
  })

  it('may be answered before or after other requests', async () => {
    const { zk, first } = await startConnected()
    const calls = [zk.exists('/a'), zk.addAuthInfo('digest', 'a:1'), zk.exists('/b')]

    first.reply(1, 'NONODE')
    first.reply(2, 'NONODE')
    first.reply(-4)

    expect(await Promise.all(calls)).toEqual([null, undefined, null])
  })
})

describe('a connection that breaks', () => {
  it('ten times is dialled at once, then after a second, and so on', async () => {
    const { cnxns, clock } = await startConnected()

    for (let times = 0; times < 10; times++) cnxns.at(-1)?.drop()
    const atOnce = cnxns.length
    cnxns.at(-1)?.drop()
    await clock.advance(999)
    const before = cnxns.length
    await clock.advance(1)

    expect([atOnce, before, cnxns.length]).toEqual([11, 11, 12])
  })

  it('again and again is dialled once a second', async () => {
    const { cnxns, clock } = await startConnected()
    for (let times = 0; times < 11; times++) cnxns.at(-1)?.drop()
    const before = cnxns.length

    for (let seconds = 0; seconds < 60; seconds++) {
      await clock.advance(1_000)
      cnxns.at(-1)?.drop()
    }

    expect(cnxns.length - before).toBe(60)
  })

  it('is dialled again, whatever is given up meanwhile', async () => {
    const { zk, cnxns, clock } = await startConnected()
    for (let times = 0; times < 11; times++) cnxns.at(-1)?.drop()
    const controller = new AbortController()
    const call = failureOf(() => zk.sync('/a', { signal: controller.signal }))

    controller.abort()
    await call
    await clock.advance(1000)

    expect(cnxns.length).toBe(12)
  })

  it('while it is dialled tells nobody again', async () => {
    const { cnxns, events } = await startConnected()

    for (let times = 0; times < 5; times++) cnxns.at(-1)?.drop()
    await macrotask()

    expect(events).toEqual(['None SyncConnected', 'None Disconnected'])
  })

  it('because the server refuses the watches is dialled again: half of them would be a lie', async () => {
    const { zk, first, cnxns } = await startConnected()
    const call = zk.exists('/a', { watcher: () => undefined })
    first.reply(1, 'NONODE')
    await call
    first.drop()
    cnxns[1]?.accept()

    cnxns[1]?.reply(2, 'QUOTAEXCEEDED')

    expect(cnxns[1]?.log).toEqual(['connect 7', '2 setWatches', 'closed'])
    expect(cnxns[2]?.log).toEqual(['connect 7'])
  })

  it('before the watches were answered sends them again relative to the same zxid', async () => {
    const { zk, first, cnxns } = await startConnected()
    const call = zk.exists('/a', { watcher: () => undefined })
    first.reply(1, 'NONODE', undefined, 5)
    await call
    first.drop()
    cnxns[1]?.accept()
    const later = codeOf(zk.exists('/b'))
    cnxns[1]?.drop()
    await later
    cnxns[2]?.accept()

    const sent = cnxns.map(({ requests }) => requests.map(({ request }) => request))
    expect(sent[2]).toEqual([sent[1]?.[0]])
    expect(sent[1]?.[0]).toMatchObject({ type: 'setWatches', relativeZxid: 5, existWatches: ['/a'] })
  })

  it('while batches of watches are sent gets no more of them', async () => {
    const { zk, first, cnxns } = await startConnected()
    const call = zk.exists('/a', { watcher: () => undefined })
    first.reply(1, 'NONODE')
    await call

    first.drop()
    cnxns[1]?.accept()
    cnxns[1]?.drop()
    cnxns[2]?.accept()

    expect(cnxns[1]?.log).toEqual(['connect 7', '2 setWatches'])
    expect(cnxns[2]?.log).toEqual(['connect 7', '3 setWatches'])
  })
})
