/** Calls that a server of the same process answers at once: what they may overtake, and what they may not. The server is the test. */
import { describe, expect, it } from 'vitest'
import { Stat } from '../../src/index.js'
import type { Response } from '../../src/protocol/message.js'
import { codeOf, failureOf } from '../semantics/fixture.js'
import { macrotask } from '../semantics/ordering/event-loop.js'
import { startConnected, startScript } from './scripted-server.js'

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
    const local = await codeOf(zk.removeWatches('/a', { local: true }))
    first.answer = (): Response => ({ type: 'done' })
    const gone = await codeOf(zk.removeWatches('/a'))

    expect([refused, local, gone]).toEqual(['NOWATCHER', 'OK', 'NOWATCHER'])
  })

  it('comes after an event that waits', async () => {
    const heard: string[] = []
    const { zk, first } = await startConnected()
    first.answer = (): Response => EXISTS
    await zk.exists('/a', { watcher: () => heard.push('event') })
    first.notify('/a', 7)

    await zk.exists('/a').then(() => heard.push('answer'))

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

describe('a call is sent', () => {
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
