/** What each action of a simulation does to it, seen before anything is healed. No promise is broken by any of them. */
import { describe, expect, it, vi } from 'vitest'
import { ServerCnxn } from '../../src/server/server-cnxn.js'
import { comeBack, goOver, play, wish } from './played.js'

const TIMEOUT_MS = 30_000

describe('a cut', () => {
  it('in the middle of what was said keeps it from the server', async () => {
    const { dataOf, counts, faults } = await play([
      wish('set'),
      { do: 'cut', client: 0, saidBytes: 10, heardBytes: 0 },
    ])

    expect([dataOf('/a'), counts().get('cut in what was said')]).toEqual([undefined, 1])
    expect(faults()).toEqual([])
  })

  it('behind what was said leaves the write done, and its outcome unknown', async () => {
    const { dataOf, counts, first, act } = await play([wish('set')])

    await act({ do: 'cut', client: 0, saidBytes: first.client.wire.saidBytes, heardBytes: 0 })

    expect([dataOf('/a'), first.zk.state]).toEqual(['c1#1;', 'CONNECTING'])
    expect([counts().get('cut in what was said'), counts().get('answer: CONNECTIONLOSS')]).toEqual([
      undefined,
      1,
    ])
  })

  it('in the middle of what is heard ends the call like any other cut', async () => {
    const { first, counts } = await play([
      wish('sync'),
      { do: 'say', client: 0 },
      { do: 'cut', client: 0, saidBytes: 0, heardBytes: 7 },
    ])

    expect([counts().get('cut in what was heard'), counts().get('answer: CONNECTIONLOSS')]).toEqual([1, 1])
    expect(first.client.wire.isOverForClient).toBe(true)
  })
})

describe('a half-open connection', () => {
  it.each(['said', 'heard'] as const)('that loses what is %s is noticed by the silence', async (lost) => {
    const { first, act } = await play([{ do: 'half-open', client: 0, lost }, wish('set'), ...goOver()])
    const before = first.zk.state

    await act({ do: 'pass', ms: TIMEOUT_MS })

    expect([before, first.zk.state]).toEqual(['CONNECTED', 'CONNECTING'])
  })

  it('that loses what is said keeps it from the server, one that loses what is heard does not', async () => {
    const said = await play([{ do: 'half-open', client: 0, lost: 'said' }, wish('set'), ...goOver()])
    const heard = await play([{ do: 'half-open', client: 0, lost: 'heard' }, wish('set'), ...goOver()])

    expect([said.dataOf('/a'), heard.dataOf('/a')]).toEqual([undefined, 'c1#1;'])
    expect([said.first.pending, heard.first.pending]).toEqual([1, 1])
  })
})

describe('a client that gives its connection up', () => {
  it('has said what it has said', async () => {
    const { dataOf, act } = await play([wish('set'), { do: 'give up', client: 0 }])
    const before = dataOf('/a')

    await act({ do: 'redial', client: 0 }, { do: 'say late', client: 0 })

    expect([before, dataOf('/a')]).toEqual([undefined, 'c1#1;'])
  })

  it('and is back at its session has said it in vain', async () => {
    const { dataOf, act, counts, faults } = await play([
      wish('set'),
      { do: 'give up', client: 0 },
      ...comeBack(),
    ])

    await act({ do: 'say late', client: 0 })

    expect([dataOf('/a'), counts().get('say late'), faults()]).toEqual([undefined, 1, []])
  })
})

describe('a session that is taken over', () => {
  it.each(['current', 'stale'] as const)('by who knows its password and a %s zxid moves', async (zxid) => {
    const { first, dataOf, act, faults } = await play([wish('set')])
    const { wire } = first.client

    await act({ do: 'take over', client: 0, zxid }, { do: 'say', client: 0 })

    expect([wire.isOverForServer, dataOf('/a'), faults()]).toEqual([true, undefined, []])
  })

  it('comes back to its owner when that one dials', async () => {
    const { first, run, act } = await play([
      { do: 'take over', client: 0, zxid: 'current' },
      { do: 'hear', client: 0, much: 'all' },
    ])
    const id = first.zk.sessionId

    await act(...comeBack())

    expect([first.zk.state, first.zk.sessionId]).toEqual(['CONNECTED', id])
    expect(run.host.zoo.reports.sessions().map(({ isConnected }) => isConnected)).toEqual([true, true])
  })

  it.each(['wrong password', 'future zxid'] as const)('by who has a %s stays where it is', async (kind) => {
    const { first, counts, faults } = await play([{ do: kind, client: 0 }, wish('sync'), ...goOver()])

    expect([counts().get(`refused: ${kind}`), first.zk.state, first.pending]).toEqual([1, 'CONNECTED', 0])
    expect(faults()).toEqual([])
  })
})

describe('a restart', () => {
  it('with the state lets clients come back to their sessions', async () => {
    const { first, act, dataOf } = await play([wish('set'), ...goOver(), { do: 'restart', state: 'kept' }])
    const id = first.zk.sessionId

    await act({ do: 'hear', client: 0, much: 'all' }, ...comeBack())

    expect([first.zk.state, first.zk.sessionId, dataOf('/a')]).toEqual(['CONNECTED', id, 'c1#1;'])
  })

  it('without it tells them that their sessions are over, though they have seen more than there is', async () => {
    const { first, run, act, dataOf } = await play([
      wish('set'),
      ...goOver(),
      { do: 'restart', state: 'lost' },
    ])

    await act({ do: 'hear', client: 0, much: 'all' }, ...comeBack())

    expect([first.zk.state, dataOf('/a')]).toEqual(['CLOSED', undefined])
    expect(run.parties.map(({ name }) => name)).toEqual(['c3', 'c2'])
  })
})

describe('a restart with an older state', () => {
  const older = [{ do: 'snapshot' }, wish('set'), ...goOver(), { do: 'restart', state: 'older' }] as const

  it('does nothing where none was put away, or since all was lost', async () => {
    const { counts } = await play([
      { do: 'restart', state: 'older' },
      { do: 'snapshot' },
      { do: 'restart', state: 'lost' },
      { do: 'restart', state: 'older' },
    ])

    expect(counts().get('restart, state older')).toBe(undefined)
  })

  it('lets in who has seen no more than there is', async () => {
    const { run, act, dataOf, faults } = await play(older)
    const [, second] = run.parties
    const id = second?.zk.sessionId

    await act({ do: 'hear', client: 1, much: 'all' }, ...comeBack(1))

    expect([second?.zk.state, second?.zk.sessionId, dataOf('/a')]).toEqual(['CONNECTED', id, undefined])
    expect(faults()).toEqual([])
  })

  it('lets clients hear what the server before it has told', async () => {
    const { first, counts } = await play([
      { do: 'snapshot' },
      wish('set'),
      { do: 'say', client: 0 },
      { do: 'hang up', client: 0 },
      { do: 'restart', state: 'older' },
    ])

    expect([counts().get('refused: newer zxid'), first.pending > 0]).toEqual([1, true])
  })

  it('refuses who has seen more, and knows the session all the same', async () => {
    const { run, first, act, counts, faults } = await play(older)
    const before = [counts().get('refused: newer zxid'), first.zk.state]

    await act(...comeBack())
    await run.heal()

    expect([before, first.zk.state, faults()]).toEqual([[1, 'CONNECTING'], 'CLOSED', []])
  })

  it.each([false, true])(
    'notices a client that does not say what it has seen, local %s (S2)',
    async (hasLocal) => {
      const { act, faults } = await play(older.slice(0, -1), { hasLocal })
      const openSession = ServerCnxn.prototype.connect
      vi.spyOn(ServerCnxn.prototype, 'connect').mockImplementation(function (this: ServerCnxn, request) {
        openSession.call(this, { ...request, lastZxidSeen: 0 })
      })

      await act({ do: 'restart', state: 'older' })
      vi.restoreAllMocks()

      expect(faults().join('\n')).toMatch(/S2: c1, which has seen zxid (\d+), is shown/)
    },
  )
})

describe('a client in the process of the server', () => {
  it('is answered and told at once, and hears nothing while its link is down', async () => {
    const { run, act, dataOf, faults } = await play([wish('watch'), wish('set')], { hasLocal: true })
    const before = dataOf('/a')

    await act({ do: 'cut', client: 0, saidBytes: 9, heardBytes: 9 }, { do: 'burst', writes: 1, path: '/a' })
    const cut = run.outcome().trace.length
    await act({ do: 'redial', client: 0 })

    expect([before, dataOf('/a')]).toEqual(['c1#1;', 'x'])
    expect(run.outcome().trace.slice(cut, cut + 2)).toEqual([
      'c1 None SyncConnected',
      'c1 event NodeDataChanged /a',
    ])
    expect(faults()).toEqual([])
  })

  it('has nothing that can be half-open, and no dial that is refused', async () => {
    const actions = [
      { do: 'half-open', client: 0, lost: 'said' },
      { do: 'refuse', client: 0, times: 1 },
    ] as const

    expect([...(await play(actions, { hasLocal: true })).counts().keys()]).toEqual([])
  })

  it('outlives any silence while it is connected, and no longer (S5)', async () => {
    const { run, first, act, counts, faults } = await play([{ do: 'pass', ms: 4 * TIMEOUT_MS }], {
      hasLocal: true,
      clients: 1,
    })
    const before = [first.zk.state, run.ledger.sessions.isAlive(first.zk.sessionId)]

    await act({ do: 'give up', client: 0 }, { do: 'pass', ms: 2 * TIMEOUT_MS })

    expect([before, counts().get('expiry'), faults()]).toEqual([['CONNECTED', true], 1, []])
  })

  it('is held to the same order as one over bytes (A9)', async () => {
    const process = ServerCnxn.prototype.process
    vi.spyOn(ServerCnxn.prototype, 'process').mockImplementation(function (this: ServerCnxn, event, acl) {
      queueMicrotask(() => process.call(this, event, acl))
    })
    const { faults } = await play([wish('set', '/a', 0), wish('set', '/b', 1), { do: 'say', client: 1 }], {
      hasLocal: true,
    })
    vi.restoreAllMocks()

    expect(faults()).toEqual([
      'c1 on connection 1: W2: NodeDataChanged /a of 8 comes after a reply that shows 8',
      'c2 on connection 1: W2: NodeDataChanged /b of 9 comes after a reply that shows 9',
    ])
  })
})

describe('who takes a session over', () => {
  it('is told what it watches, and held to the same rules', async () => {
    const { run, act, faults } = await play([{ do: 'take over', client: 0, zxid: 'current' }])
    const [claimed] = run.host.logs.filter(({ name }) => name === 'who takes c1 over')
    const before = [...(claimed?.recursive ?? [])]
    const spied = vi.spyOn(ServerCnxn.prototype, 'process').mockImplementation(() => undefined)

    await act({ do: 'burst', writes: 1, path: '/b' })
    spied.mockRestore()

    expect(before).toEqual(['/'])
    expect(faults().join('\n')).toContain(
      'A8: who takes c1 over has a lasting watch, and is not told NodeDataChanged /b of 9',
    )
  })

  it('is nobody any more once its owner is back', async () => {
    const { run, act, faults } = await play([
      { do: 'take over', client: 0, zxid: 'stale' },
      { do: 'burst', writes: 1, path: '/a' },
      { do: 'hear', client: 0, much: 'all' },
      ...comeBack(),
    ])

    await act({ do: 'burst', writes: 1, path: '/a' })

    expect([run.host.logs.map(({ name }) => name), faults()]).toEqual([
      ['c2 on connection 1', 'c1 on connection 2'],
      [],
    ])
  })
})

describe('the time', () => {
  it.each([3_600_000, -3_600_000])('of the wall can jump by %d ms without ending a session', async (ms) => {
    const { run, first, faults } = await play([
      { do: 'jump', ms },
      { do: 'pass', ms: 1_000 },
      wish('create', '/a/x'),
      ...goOver(),
    ])
    const znode = run.host.zoo.reports.znodes().find(({ path }) => path === '/a/x')

    expect([znode?.stat.ctime, first.zk.state, faults()]).toEqual([
      Date.UTC(2024, 0, 1) + ms + 1_000,
      'CONNECTED',
      [],
    ])
  })

  it('in which nothing goes over is counted as a delay, any other is not', async () => {
    const idle = await play([{ do: 'pass', ms: 10 }])
    const delayed = await play([wish('set'), { do: 'pass', ms: 10 }])

    expect([idle.counts().get('delay'), delayed.counts().get('delay')]).toEqual([undefined, 1])
  })
})

describe('a server that stands still', () => {
  it('finds what was said meanwhile before it ends anybody', async () => {
    const { first, run, counts, faults } = await play([{ do: 'pause', ms: 40_000 }])

    expect(run.ledger.sessions.isAlive(first.zk.sessionId)).toBe(true)
    expect([counts().get('pause: somebody was heard late'), counts().get('expiry'), faults()]).toEqual([
      2,
      undefined,
      [],
    ])
  })

  it('gives a second time back to whom it has heard since the first', async () => {
    const { faults } = await play([{ do: 'pause', ms: 60_000 }, ...comeBack(), { do: 'pause', ms: 60_000 }], {
      clients: 1,
      sessionTimeoutMs: 10_000,
    })

    expect(faults()).toEqual([])
  })
})

describe('the end of a session by order', () => {
  it('is told to its owner when that one comes back', async () => {
    const { first, act, faults } = await play([{ do: 'expire', client: 0 }])

    await act({ do: 'hear', client: 0, much: 'all' }, ...comeBack())

    expect([first.zk.state, faults()]).toEqual(['CLOSED', []])
  })
})

describe('dials', () => {
  it('are refused as often as it says, and no more', async () => {
    const { first, act, counts } = await play([
      { do: 'refuse', client: 0, times: 2 },
      { do: 'cut', client: 0, saidBytes: 0, heardBytes: 0 },
      ...comeBack(),
      ...comeBack(),
    ])
    const before = first.zk.state

    await act(...comeBack())

    expect([before, first.zk.state, counts().get('refused dial')]).toEqual(['CONNECTING', 'CONNECTED', 2])
  })
})

describe('where everything is narrow', () => {
  it('a client that does not read is closed, and loses neither its session nor a change', async () => {
    const { first, run, counts, faults } = await play(
      [wish('watch'), ...goOver(), { do: 'burst', writes: 100, path: '/a' }],
      { isNarrow: true },
    )
    const wasClosed = counts().get('closed: slow reader')

    await run.heal()

    expect([wasClosed, first.zk.state, faults()]).toEqual([1, 'CONNECTED', []])
  })

  it('a client that reads is not', async () => {
    const { counts } = await play([wish('watch'), ...goOver(), { do: 'burst', writes: 20, path: '/a' }], {
      isNarrow: true,
    })

    expect(counts().get('closed: slow reader')).toBe(undefined)
  })

  it.each([
    ['sessions', { do: 'crowd' }, 'crowd: full'],
    ['waiting requests', wish('flood'), 'answer: THROTTLEDOP'],
    ['watches', wish('many watches'), 'answer: QUOTAEXCEEDED'],
    ['frames', wish('too large'), 'closed: bad frame'],
  ] as const)('%s meet their bound, and elsewhere they do not', async (_, action, kind) => {
    const actions = [action, ...goOver(), ...goOver(), ...goOver(), ...goOver()]
    const [narrow, wide] = [await play(actions, { isNarrow: true }), await play(actions)]

    expect([narrow.counts().get(kind), wide.counts().get(kind)]).toEqual([1, undefined])
    await narrow.run.heal()
    expect(narrow.faults()).toEqual([])
  })
})

describe('everybody', () => {
  it('hears everything in one turn', async () => {
    const { run, act, faults } = await play([
      { do: 'burst', writes: 1, path: '/a' },
      { do: 'hear everywhere' },
    ])
    const before = run.outcome().trace.filter((line) => line.includes('event NodeDataChanged /a'))

    await act({ do: 'say', client: 0 }, { do: 'say', client: 1 }, { do: 'hear everywhere' })

    expect([before.length, faults()]).toEqual([2, []])
    expect(run.outcome().trace.slice(-2)).toEqual(['c1 data loop /a 9', 'c2 data loop /a 9'])
  })
})
