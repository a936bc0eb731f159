/** Calls that a server of the same process answers at once: what they may overtake, and what they may not. The server is the test. */
import { describe, expect, it } from 'vitest'
import { Stat } from '../../src/index.js'
import type { Response } from '../../src/protocol/message.js'
import type { ClientEnd, ClientEvents } from '../../src/transport/transport.js'
import { codeOf, failureOf, startWorld } from '../semantics/fixture.js'
import { macrotask } from '../semantics/ordering/event-loop.js'
import { ScriptedCnxn, startConnected, startScript } from './scripted-server.js'

const EXISTS: Response = { type: 'stat', stat: new Stat(5n, 5n, 0, 0, 0, 0, 0, 0n, 0, 0, 5n) }

describe('a call that is answered at once', () => {
  it('is not sent, and counts among the requests', async () => {
    const { zk, cnxn, first } = await startConnected()
    first.answer = (): Response => EXISTS

    const call = zk.exists('/a')
    const pending = cnxn.pendingCount
    first.answer = undefined
    const next = zk.exists('/b')
    first.reply(2, 'NONODE')

    expect([pending, (await call)?.czxid, await next]).toEqual([0, 5n, null])
    expect(first.log).toEqual(['connect 0', 'asked exists', '2 exists'])
  })

  it('has seen what its server has: the next connection has to have it too', async () => {
    const { zk, first, cnxns } = await startConnected()
    first.answer = (): Response => EXISTS
    first.lastZxid = 42
    await zk.exists('/a')
    first.lastZxid = 41
    await zk.exists('/a')

    first.drop()

    expect(cnxns[1]?.handshake?.lastZxidSeen).toBe(42)
  })

  it('that breaks the connection has seen nothing: the events about it have not come', async () => {
    const { zk, first, cnxns } = await startConnected()
    first.lastZxid = 42
    first.answer = (): 'CONNECTIONLOSS' => {
      first.drop()
      return 'CONNECTIONLOSS'
    }

    expect(await codeOf(zk.setData('/a', ''))).toBe('CONNECTIONLOSS')
    cnxns[1]?.drop()
    expect(cnxns[2]?.handshake?.lastZxidSeen).toBe(0)
  })

  it('fails with the code and its own path', async () => {
    const { zk, first } = await startConnected()
    first.answer = (): 'NOAUTH' => 'NOAUTH'

    expect(await failureOf(() => zk.getData('/a'))).toMatchObject({ code: 'NOAUTH', path: '/a' })
  })

  it('is registered by its code before it is told: a missing znode that is awaited is there for its event', async () => {
    const { zk, first } = await startConnected()
    const events: (string | null)[] = []
    first.answer = (): 'NONODE' => 'NONODE'
    const watcher = ({ path }: { readonly path: string | null }): void => void events.push(path)

    const found = await zk.exists('/a', { watcher })
    const failure = await codeOf(zk.getData('/b', { watcher }))
    for (const path of ['/a', '/b']) first.notify(path, 7)
    await zk.exists('/c')

    expect([found, failure, events]).toEqual([null, 'NONODE', ['/a']])
  })

  it('removes watches, also those that the server does not have', async () => {
    const { zk, first } = await startConnected()
    const watcher = (): void => undefined
    first.answer = ({ type }): Response | 'NOWATCHER' =>
      type === 'removeWatches' || type === 'checkWatches' ? 'NOWATCHER' : EXISTS
    await zk.exists('/a', { watcher })

    const refused = await codeOf(zk.removeWatches('/a'))
    const local = await zk.removeWatches('/a', { local: true })
    first.answer = (): Response => ({ type: 'done' })
    const gone = await codeOf(zk.removeWatches('/a'))

    expect([refused, local, gone]).toEqual(['NOWATCHER', undefined, 'NOWATCHER'])
  })

  it('comes after an event that waits', async () => {
    const heard: string[] = []
    const { zk, first } = await startConnected()
    first.answer = (): Response => EXISTS
    await zk.exists('/a', { watcher: () => heard.push('event') })
    first.notify('/a', 7)

    const stat = await zk.exists('/a').finally(() => heard.push('answer'))

    expect([heard, stat?.czxid]).toEqual([['event', 'answer'], 5n])
  })

  it('comes after an event that waits, a refusal too', async () => {
    const heard: string[] = []
    const { zk, first } = await startConnected()
    first.answer = (): Response => EXISTS
    await zk.exists('/a', { watcher: () => heard.push('event') })
    first.notify('/a', 7)
    first.answer = (): 'NOAUTH' => 'NOAUTH'

    const code = await codeOf(zk.exists('/a')).finally(() => heard.push('answer'))

    expect([heard, code]).toEqual([['event', 'answer'], 'NOAUTH'])
  })

  it('comes after an event that a reader awaits, through as many promises as one likes', async () => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    const heard: string[] = []
    const stream = zk.watch('/a')
    await stream.ready
    const read = async (depth: number): Promise<unknown> => (depth === 0 ? stream.next() : read(depth - 1))

    const reading = read(30).then(() => heard.push('event'))
    await macrotask()
    const created = other.create('/a')
    for (let i = 0; i < 4; i++) await undefined
    await zk.exists('/x').then(() => heard.push('answer'))
    await Promise.all([reading, created])

    expect(heard).toEqual(['event', 'answer'])
  })

  it('counts as one: a loop of them leaves others their turn', async () => {
    const { zk, first } = await startConnected()
    first.answer = (): Response => EXISTS
    let isOver = false
    void macrotask().then(() => {
      isOver = true
    })

    while (!isOver) await zk.exists('/a')

    expect(isOver).toBe(true)
  })
})

describe('a call that is answered while it is sent', () => {
  it('is not under way any more: the watch that nobody needs then goes', async () => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    zoo.inspect(() => undefined)
    await zk.exists('/b', { watcher: () => undefined })

    // Its outcome is here, and waits behind an event.
    const created = other.create('/b')
    const stream = zk.watch('/a')
    await created
    await stream.ready
    const watches = zoo.reports.counts().watches
    await stream.return()
    await zoo.settle()

    expect([watches, zoo.reports.counts().watches]).toEqual([2, 0])
  })
})

describe('a call is sent', () => {
  it('to a server that is not in this process', async () => {
    const cnxns: ScriptedCnxn[] = []
    const dial = (events: ClientEvents): ClientEnd => {
      const cnxn = new ScriptedCnxn(events)
      cnxns.push(cnxn)
      return {
        connect: (request) => cnxn.connect(request),
        send: (xid, request) => cnxn.send(xid, request),
        close: () => cnxn.close(),
      }
    }
    const { zk } = startScript({ dialer: { dial } })
    cnxns[0]?.accept()

    const call = codeOf(zk.exists('/a'))
    cnxns[0]?.reply(1, 'NONODE')

    expect([await call, cnxns[0]?.log.at(-1)]).toEqual(['OK', '1 exists'])
  })

  it('if the server cannot answer at once', async () => {
    const { zk, first } = await startConnected()
    first.answer = (): undefined => undefined
    const call = codeOf(zk.exists('/a'))

    first.reply(1, 'NONODE')

    expect([await call, ...first.log]).toEqual(['OK', 'connect 0', '1 exists'])
  })

  it('behind others that were sent, an identity among them', async () => {
    const { zk, first } = await startConnected()
    const before = [codeOf(zk.sync('/')), codeOf(zk.addAuthInfo('digest', 'a:1'))]
    first.answer = (): Response => EXISTS

    const calls = [codeOf(zk.exists('/a'))]
    first.reply(1, 'OK', { type: 'synced', path: '/' })
    first.reply(2, 'NONODE')
    calls.push(codeOf(zk.exists('/b')))
    first.reply(-4)
    first.reply(3, 'NONODE')
    await Promise.all([...before, ...calls])

    expect(first.log).toEqual(['connect 0', '1 sync', '-4 auth', '2 exists', '3 exists'])
  })

  it('if it can be given up, if it claims an identity, and if somebody waits for it to go out', async () => {
    const { zk, cnxn, first } = await startConnected()
    first.answer = (): Response => EXISTS
    const xids: number[] = []
    const calls = [codeOf(zk.exists('/a', { signal: new AbortController().signal }))]
    first.reply(1, 'NONODE')
    calls.push(codeOf(zk.addAuthInfo('digest', 'a:1')))
    first.reply(-4)
    cnxn.beforeNextRequest((xid) => xids.push(xid))
    calls.push(codeOf(zk.exists('/b')))
    first.reply(2, 'NONODE')
    await Promise.all(calls)

    expect([xids, first.log]).toEqual([[2], ['connect 0', '1 exists', '-4 auth', '2 exists']])
  })

  it('or waits, if there is no connection; and is refused when the client says goodbye', async () => {
    const { zk, cnxns } = startScript()
    const [first] = cnxns
    if (first === undefined) throw new Error('nothing was dialled')
    first.answer = (): Response => EXISTS
    const waiting = codeOf(zk.exists('/a'))
    const before = [...first.log]
    first.accept()
    first.reply(1, 'NONODE')
    await waiting
    const close = zk.close()

    const late = await codeOf(zk.exists('/b'))
    first.reply(2)
    await close

    expect([before, late]).toEqual([['connect 0'], 'SESSIONEXPIRED'])
    expect(first.log).toEqual(['connect 0', '1 exists', '2 closeSession', 'closed'])
  })
})
