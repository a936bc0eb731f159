/** What each action of a simulation does to it, seen before anything is healed. No promise is broken by any of them. */
import { describe, expect, it } from 'vitest'
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
