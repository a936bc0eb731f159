/**
 * ClientCnxn where two things meet: a connection that breaks while it is written to, an end that comes upon another, and watches
 * that were restored by halves. The server is the test.
 */
import { describe, expect, it } from 'vitest'
import { KeeperException, RequestAbortedError } from '../../src/index.js'
import type { Request, SetWatchesRequest } from '../../src/protocol/message.js'
import type { Dialer } from '../../src/transport/transport.js'
import { codeOf, failureOf, recordEvents } from '../semantics/fixture.js'
import { macrotask } from '../semantics/ordering/event-loop.js'
import { type Connected, ScriptedCnxn, startConnected, startScript } from './scripted-server.js'

/** Breaks the connection as soon as it gets a request of this type; `then` happens before anybody knows. */
function breakAt(cnxn: ScriptedCnxn | undefined, type: Request['type'], then?: () => void): void {
  if (cnxn === undefined) throw new Error('there is no such connection')
  cnxn.onRequest = (request): void => {
    if (request.type !== type) return
    cnxn.onRequest = undefined
    cnxn.drop()
    then?.()
  }
}

/** A client that has an exists watch on each of the paths. */
async function watching(paths: readonly string[], options = {}): Promise<Connected> {
  const script = await startConnected(options)
  for (const [i, path] of paths.entries()) {
    const call = codeOf(script.zk.exists(path, { watcher: () => undefined }))
    script.first.reply(i + 1, 'NONODE', undefined, 1)
    await call
  }
  return script
}

function restoredBy(cnxn: ScriptedCnxn | undefined): SetWatchesRequest[] {
  return (cnxn?.requests ?? []).flatMap(({ request }) => (request.type === 'setWatches' ? [request] : []))
}

describe('a connection that breaks while it is written to', () => {
  it('by the first of the waiting calls leaves the others waiting', async () => {
    const { zk, cnxns } = startScript()
    const calls = ['/a', '/b'].map((path) => codeOf(zk.exists(path)))
    breakAt(cnxns[0], 'exists')
    cnxns[0]?.accept()
    const before = cnxns[1]?.log.slice()

    cnxns[1]?.accept()
    cnxns[1]?.reply(2, 'NONODE')

    expect(before).toEqual(['connect 7'])
    expect(await Promise.all(calls)).toEqual(['CONNECTIONLOSS', 'OK'])
    expect(cnxns.map(({ log }) => log)).toEqual([
      ['connect 0', '1 exists'],
      ['connect 7', '2 exists'],
    ])
  })

  it('by the first of the waiting identities keeps the others for the next connection', async () => {
    const { zk, cnxns } = startScript()
    const claims = ['a:1', 'b:2'].map((auth) => codeOf(zk.addAuthInfo('digest', auth)))
    breakAt(cnxns[0], 'auth')
    cnxns[0]?.accept()

    cnxns[1]?.accept()
    cnxns[1]?.reply(-4)
    cnxns[1]?.reply(-4)

    expect(await Promise.all(claims)).toEqual(['CONNECTIONLOSS', 'OK'])
    expect(cnxns.map(({ log }) => log)).toEqual([
      ['connect 0', '-4 auth'],
      ['connect 7', '-4 auth', '-4 auth'],
    ])
  })

  it('by the first identity that is claimed again sends no other one after it', async () => {
    const { zk, first, cnxns } = await startConnected()
    const claims = ['a:1', 'b:2'].map((auth) => zk.addAuthInfo('digest', auth))
    first.reply(-4)
    first.reply(-4)
    await Promise.all(claims)
    first.drop()
    breakAt(cnxns[1], 'auth')
    cnxns[1]?.accept()

    cnxns[2]?.accept()

    expect(cnxns.slice(1).map(({ log }) => log)).toEqual([
      ['connect 7', '-4 auth'],
      ['connect 7', '-4 auth', '-4 auth'],
    ])
  })

  it('by an identity that is claimed again sends no watches after it, and none that it remembers', async () => {
    const { zk, first, cnxns } = await watching(['/a'])
    const claim = zk.addAuthInfo('digest', 'a:1')
    first.reply(-4)
    await claim
    first.drop()
    breakAt(cnxns[1], 'auth')
    cnxns[1]?.accept()

    cnxns[2]?.accept()
    cnxns[2]?.reply(-4)
    cnxns[2]?.reply(2)

    expect(cnxns[1]?.log).toEqual(['connect 7', '-4 auth'])
    expect(cnxns[2]?.log).toEqual(['connect 7', '-4 auth', '2 setWatches'])
  })

  it('by an identity, and followed by one that is there at once, has nothing left to be restored', async () => {
    const { zk, first, cnxns } = await watching(['/a'])
    const claim = zk.addAuthInfo('digest', 'a:1')
    first.reply(-4)
    await claim
    first.drop()
    breakAt(cnxns[1], 'auth', () => {
      cnxns[2]?.accept()
      cnxns[2]?.reply(-4)
      cnxns[2]?.reply(2, 'OK', undefined, 9)
    })
    cnxns[1]?.accept()
    const call = codeOf(zk.exists('/b'))
    cnxns[2]?.reply(3, 'NONODE', undefined, 20)
    await call

    cnxns[2]?.drop()
    cnxns[3]?.accept()

    expect([2, 3].flatMap((i) => restoredBy(cnxns[i])).map(({ relativeZxid }) => relativeZxid)).toEqual([
      1, 20,
    ])
  })

  it('by the first batch of watches is sent no second one', async () => {
    const { first, cnxns } = await watching(['/a', '/b'], { maxRequestBytes: 60 })
    first.drop()
    breakAt(cnxns[1], 'setWatches')
    cnxns[1]?.accept()

    cnxns[2]?.accept()

    expect([1, 2].map((i) => restoredBy(cnxns[i]).length)).toEqual([1, 2])
    expect(cnxns[1]?.log).toEqual(['connect 7', '3 setWatches'])
  })
})

describe('watches that were restored', () => {
  it('by halves are all sent again, relative to what was seen before them', async () => {
    const { first, cnxns } = await watching(['/a', '/b'], { maxRequestBytes: 60 })
    first.drop()
    cnxns[1]?.accept()
    cnxns[1]?.reply(3, 'OK', undefined, 9)
    cnxns[1]?.drop()

    cnxns[2]?.accept()

    expect(restoredBy(cnxns[2]).map(({ relativeZxid }) => relativeZxid)).toEqual([1, 1])
  })

  it('altogether are sent relative to what was seen since', async () => {
    const { first, cnxns } = await watching(['/a', '/b'], { maxRequestBytes: 60 })
    first.drop()
    cnxns[1]?.accept()
    cnxns[1]?.reply(3, 'OK', undefined, 9)
    cnxns[1]?.reply(4, 'OK', undefined, 9)
    cnxns[1]?.drop()

    cnxns[2]?.accept()

    expect(restoredBy(cnxns[2]).map(({ relativeZxid }) => relativeZxid)).toEqual([9, 9])
  })

  it('are told to a listener until it stops', async () => {
    const { cnxn, first, cnxns } = await watching(['/a'])
    const told: number[] = []
    const stop = cnxn.onRestored(({ fromZxid, toZxid }) => told.push(fromZxid, toZxid))
    first.drop()
    cnxns[1]?.accept()
    cnxns[1]?.reply(2, 'OK', undefined, 5)
    await macrotask()
    stop()
    cnxns[1]?.drop()
    cnxns[2]?.accept()
    cnxns[2]?.reply(3, 'OK', undefined, 8)
    await macrotask()

    expect(told).toEqual([1, 5])
  })

  it('are not asked for again when others of their path are left', async () => {
    const { cnxn, first } = await watching(['/a'])

    cnxn.releaseWatches('/a', ['Data'])

    expect(first.log).toEqual(['connect 0', '1 exists'])
  })

  it('of a stream that ends are dropped there, and those of others are left', async () => {
    const { zk, first } = await watching(['/a'])
    const stream = zk.watch('/a')
    first.reply(2)
    await macrotask()

    await stream.return()

    expect(first.requests.slice(2).map(({ request }) => request)).toEqual([
      { type: 'removeWatches', path: '/a', watcherType: 'Persistent' },
      { type: 'removeWatches', path: '/a', watcherType: 'PersistentRecursive' },
    ])
  })

  it('of a call that was given up are dropped there, if another of their path is left', async () => {
    const { zk, first } = await watching(['/a'])
    const controller = new AbortController()
    const { signal } = controller
    const call = failureOf(() => zk.addWatch('/a', () => undefined, { signal }))
    controller.abort()
    await call

    first.reply(2)

    expect(first.requests.slice(2).map(({ request }) => request)).toEqual([
      { type: 'removeWatches', path: '/a', watcherType: 'Persistent' },
      { type: 'removeWatches', path: '/a', watcherType: 'PersistentRecursive' },
    ])
  })
})

describe('an identity', () => {
  it('that waits for a connection which claims it anyway is claimed once there', async () => {
    const { zk, first, cnxns } = await startConnected()
    const before = zk.addAuthInfo('digest', 'a:1')
    first.reply(-4)
    await before
    first.drop()
    const calls = ['b:2', 'a:1'].map((auth) => codeOf(zk.addAuthInfo('digest', auth)))

    cnxns[1]?.accept()
    cnxns[1]?.reply(-4)
    cnxns[1]?.reply(-4)

    expect(await Promise.all(calls)).toEqual(['OK', 'OK'])
    expect(cnxns[1]?.log).toEqual(['connect 7', '-4 auth', '-4 auth'])
  })

  it('that has its answer leaves room for calls, however many there may be', async () => {
    const { zk, first } = await startConnected({ maxPendingRequests: 1 })
    const claim = zk.addAuthInfo('digest', 'a:1')
    first.reply(-4)
    await claim

    const call = zk.sync('/a')
    first.reply(1, 'OK', { type: 'synced', path: '/a' })

    expect(await codeOf(call)).toBe('OK')
  })

  it.each([
    ['identities', 'sync'],
    ['calls', 'auth'],
  ])('counts as one of the requests under way, as do %s', async (_others, last) => {
    const { zk } = await startConnected({ maxPendingRequests: 2 })
    void zk.addAuthInfo('digest', 'a:1')
    void zk.sync('/a')

    const call = last === 'sync' ? zk.sync('/b') : zk.addAuthInfo('digest', 'b:2')

    expect(await codeOf(call)).toBe('THROTTLEDOP')
  })
})

describe('a client', () => {
  it('that was never connected does not tell that it is disconnected', async () => {
    const { cnxns, events } = startScript()

    cnxns[0]?.drop()
    await macrotask()

    expect([cnxns.length, events]).toEqual([2, []])
  })

  it('rejects what its transport finds fault with, and sends nothing', async () => {
    const fault = new TypeError('too long')
    const dialled: ScriptedCnxn[] = []
    const dialer: Dialer = {
      dial: (events) => {
        const cnxn = new ScriptedCnxn(events)
        dialled.push(cnxn)
        return cnxn
      },
      findFault: ({ type }) => (type === 'getData' ? fault : undefined),
    }
    const { zk, cnxn } = startScript({ dialer })

    expect(await failureOf(() => zk.getData('/a'))).toBe(fault)
    expect([dialled.length, cnxn.pendingCount]).toEqual([1, 0])
  })

  it('whose identity was refused stays AUTH_FAILED: it is not dialled again, nor given up', async () => {
    const { zk, cnxn, first, cnxns, events } = await startConnected()
    const claim = codeOf(zk.addAuthInfo('digest', 'a:1'))
    first.reply(-4, 'AUTHFAILED')
    await claim

    first.drop({ isFinal: true })
    cnxn.giveUp()
    await macrotask()

    expect([zk.state, cnxns.length]).toEqual(['AUTH_FAILED', 1])
    expect(events).toEqual(['None SyncConnected', 'None AuthFailed'])
  })

  it('that was turned away after it had been connected is dialled again', async () => {
    const { zk, first, cnxns, events } = await startConnected()
    first.drop()

    cnxns[1]?.drop({ refusal: 'SESSIONEXPIRED' })
    await macrotask()

    expect([zk.state, cnxns.length]).toEqual(['CONNECTING', 3])
    expect(events).toEqual(['None SyncConnected', 'None Disconnected'])
  })

  it('that is turned away at its start is closed, and told why', async () => {
    const { zk, cnxns, started, events } = startScript()

    cnxns[0]?.drop({ refusal: 'THROTTLEDOP' })

    expect(await codeOf(started)).toBe('THROTTLEDOP')
    await macrotask()
    expect([zk.state, cnxns.length, events]).toEqual(['CLOSED', 1, ['None Closed']])
  })

  it('that is closed takes nothing more from its connection, neither replies nor events', async () => {
    const { events, watcher } = recordEvents()
    const { zk, cnxn, first, cnxns } = await watching(['/a'], { watcher })
    const call = zk.exists('/b', { watcher })
    first.reply(2, 'NONODE')
    await call
    const close = zk.close()
    first.reply(3)
    await close

    first.notify('/b')
    first.reply(4)
    await macrotask()

    expect(events).toEqual(['None SyncConnected', 'None Closed'])
    expect([cnxn.pendingCount, cnxns.length]).toEqual([0, 1])
    expect(first.log.slice(-2)).toEqual(['3 closeSession', 'closed'])
  })

  it('whose server is gone for good is closed, after its calls have ended', async () => {
    const heard: string[] = []
    const watcher = ({ state }: { readonly state: string }): void => void heard.push(state)
    const { zk, first, cnxns, clock } = await startConnected({ watcher })
    const call = zk.sync('/a').catch((error) => heard.push(error.code))

    first.drop({ isFinal: true })
    await call
    await macrotask()

    expect([zk.state, cnxns.length, clock.pendingTimers]).toEqual(['CLOSED', 1, 0])
    expect(heard).toEqual(['SyncConnected', 'CONNECTIONLOSS', 'Closed'])
  })
})

describe('a call', () => {
  it('that is given up while it is sent rejects with the reason, and its reply is for nobody', async () => {
    const { zk, first } = await startConnected()
    const controller = new AbortController()
    first.onRequest = (): void => controller.abort(new Error('enough'))

    const failure = await failureOf(() => zk.exists('/a', { signal: controller.signal }))
    first.reply(1, 'NONODE')

    expect(failure).toBeInstanceOf(RequestAbortedError)
    expect(failure).toHaveProperty('cause.message', 'enough')
    expect(first.log).toEqual(['connect 0', '1 exists'])
  })

  it('that is made while the client says goodbye is refused, and not sent', async () => {
    const { zk, first } = await startConnected()
    const close = zk.close()

    const code = await codeOf(zk.getChildren('/a'))
    first.reply(1)
    await close

    expect(code).toBe('SESSIONEXPIRED')
    expect(first.log).toEqual(['connect 0', '1 closeSession', 'closed'])
  })

  it('that is given up while it is sent lets the server drop its watch', async () => {
    const { zk, first } = await startConnected()
    const controller = new AbortController()
    first.onRequest = (): void => controller.abort(new Error('enough'))
    const call = failureOf(() => zk.exists('/a', { signal: controller.signal, watcher: () => undefined }))
    await call

    first.reply(1, 'NONODE')

    expect(first.log).toEqual(['connect 0', '1 exists', '2 removeWatches'])
  })

  it('that is given up leaves the time of the others that wait, and no timer if there are none', async () => {
    const { zk, clock } = startScript({ connectTimeoutMs: 500 })
    const controllers = [new AbortController(), new AbortController()]
    const calls = controllers.map(({ signal }) => failureOf(() => zk.getChildren('/a', { signal })))
    const timers = [clock.pendingTimers]
    controllers[0]?.abort()
    timers.push(clock.pendingTimers)
    await clock.advance(499)
    controllers[1]?.abort()
    timers.push(clock.pendingTimers)

    await Promise.all(calls)
    expect(timers).toEqual([1, 1, 0])
  })

  it('that waits beside one that was given up fails at the same time as ever', async () => {
    const { zk, clock } = startScript({ connectTimeoutMs: 500 })
    const controller = new AbortController()
    const given = failureOf(() => zk.sync('/a', { signal: controller.signal }))
    const call = failureOf(() => zk.sync('/b'))
    controller.abort()

    await clock.advance(500)

    expect(await call).toBeInstanceOf(KeeperException)
    expect(await call).toHaveProperty('code', 'CONNECTIONLOSS')
    await given
  })
})

describe('a goodbye that nobody answers', () => {
  it.each([
    ['five seconds', 30_000, 5_000],
    ['as long as for a connection, if that is less', 1_000, 1_000],
  ])('is waited for %s', async (_how, connectTimeoutMs, waitMs) => {
    const { zk, clock, events } = await startConnected({ connectTimeoutMs })
    const close = zk.close()
    await clock.advance(waitMs - 1)
    const before = [zk.state, ...events]

    await clock.advance(1)
    await close

    expect(before).toEqual(['CONNECTED', 'None SyncConnected'])
    expect([zk.state, ...events, clock.pendingTimers]).toEqual([
      'CLOSED',
      'None SyncConnected',
      'None Closed',
      0,
    ])
  })
})
