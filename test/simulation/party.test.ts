/** What a party notices of a library or a server that does not keep its promises: a run in which one of them is broken on purpose. */
import { describe, expect, it, vi } from 'vitest'
import { KeeperException } from '../../src/index.js'
import { Random } from '../../verify/random.js'
import { PLAIN_SETUP } from '../../verify/simulation/action.js'
import { generatePlan } from '../../verify/simulation/generate-actions.js'
import { Simulation } from '../../verify/simulation/simulation.js'
import { TickScheduler } from '../../verify/simulation/tick-scheduler.js'
import { Witness } from '../../verify/simulation/witness.js'
import { create, setData } from '../semantics/fixture.js'
import { notificationFrame } from '../transport/dialled-client.js'
import { bytesOf, goOver, play, wish } from './played.js'

/** Calls back before those who await a promise have had their turn. */
class HastyScheduler extends TickScheduler {
  override macrotask(callback: () => void): void {
    this.microtask(callback)
  }
}

async function faultsWith(scheduler: TickScheduler): Promise<string> {
  const { actions } = generatePlan(new Random(5), { clients: 2, actions: 300 })
  const plain = actions.filter(({ do: kind }) =>
    ['wish', 'say', 'hear', 'hear everywhere', 'redial'].includes(kind),
  )
  const run = new Simulation({ ...PLAIN_SETUP, clients: 2 }, scheduler)
  await run.begin()
  for (const action of plain) await run.act(action)
  return run.outcome().faults.join('\n')
}

describe('a party', () => {
  it('notices events that do not wait for those who await the call before (A2)', async () => {
    expect(await faultsWith(new HastyScheduler())).toContain(
      'came before the answer of the read that left the watch',
    )
    expect(await faultsWith(new TickScheduler())).toBe('')
  })

  it('knows what it has missed, until it is told (W1)', async () => {
    const { run, first, act } = await play([{ do: 'burst', writes: 1, path: '/a' }])
    const stats = new Map(run.host.zoo.reports.znodes().map(({ path, stat }) => [path, stat]))
    const before = first.findMissed(stats)

    await act(...goOver(), ...goOver())

    expect(before).toEqual(['c1 has missed a change of /a: its data is of 9, and it knows 2'])
    expect(first.findMissed(stats)).toEqual([])
  })

  it('goes on watching where it has found nothing (W1)', async () => {
    const { run, first, act } = await play([])
    const missed = (): string[] =>
      first.findMissed(new Map(run.host.zoo.reports.znodes().map(({ path, stat }) => [path, stat])))

    run.writeAsRoot([create('/a/y')])
    await run.rest()
    const afterCreate = missed()
    await act(...goOver(), ...goOver())
    const afterRead = missed()
    run.writeAsRoot([setData('/a/y')])
    await run.rest()

    expect(afterCreate).toEqual([
      'c1 has missed a change of /a: its children is of 9, and it knows 2',
      'c1 has missed a change of /a/y: its exists is of 9, and it knows 0',
    ])
    expect(afterRead).toEqual([])
    expect(missed()).toEqual(['c1 has missed a change of /a/y: its data is of 12, and it knows 9'])
  })

  it('notices that nobody tells of a znode which it has not found (W1)', async () => {
    const { run, first, faults } = await play([])

    run.writeAsRoot([create('/a/y')])
    await run.rest()
    bytesOf(first).loseNextFrame()
    await run.heal()

    expect(faults().join('\n')).toContain('W1: c1 has missed a change of /a/y: its exists is of')
  })

  it('notices a znode whose change nobody tells of (A2)', async () => {
    const { run, first, act } = await play([])
    // The event goes over, and is kept from the client by whoever stands in between.
    run.writeAsRoot([setData('/a')])
    await run.rest()
    bytesOf(first).loseNextFrame()
    await act(wish('read'), ...goOver())

    expect(run.outcome().faults.join('\n')).toContain(
      'A2: a read of /a shows 9 before the event, where 2 was watched',
    )
  })

  it.each([
    ['NodeDataChanged', '/a', 'W4: an event for the data of /a, which is of 2 as before'],
    ['NodeDeleted', '/a/x', 'W9: NodeDeleted /a/x for a watch of its exists, last seen as 0'],
    ['NodeCreated', '/a', 'W9: NodeCreated /a for a watch of its data, last seen as 2'],
  ] as const)('notices an event that is made up: %s %s', async (type, path, fault) => {
    const { first, act, faults } = await play([])

    bytesOf(first).makeUp(notificationFrame({ type, path, zxid: 99 }))
    await act(...goOver(), ...goOver())

    expect(faults().join('\n')).toContain(fault)
  })

  it('notices a lasting watch that the server does not have (W1)', async () => {
    const { run, first } = await play([wish('watch'), ...goOver()])
    const watches = run.host.zoo.reports.watchesBySession().get(first.zk.sessionId) ?? []

    expect(first.findUnwatched(watches)).toEqual([])
    expect(first.findUnwatched(watches.filter(({ path }) => path !== '/a'))).toEqual([
      'c1 has a persistent watch of /a, and the server has not',
    ])
  })

  it('notices an answer that a wish may never have', async () => {
    const { first, act, faults } = await play([])
    vi.spyOn(first.zk, 'sync').mockRejectedValue(new KeeperException('SYSTEMERROR'))
    vi.spyOn(first.zk, 'getData').mockRejectedValue(new KeeperException('NONODE'))

    await act(wish('sync'), wish('read'), ...goOver())

    expect(faults()).toEqual(['c1: sync /a ended with SYSTEMERROR, which it never may'])
  })

  it('notices a multi that must fail and does not', async () => {
    const { first, act, faults } = await play([])
    vi.spyOn(first.zk, 'multi').mockResolvedValue([])

    await act(wish('doomed multi'), ...goOver())

    expect(faults().join('\n')).toContain('a multi with a wrong version has succeeded on /a')
  })

  it('notices a state that is told twice, and one after the end (A4)', async () => {
    const { first } = await play([])
    const connected = { type: 'None', state: 'SyncConnected', path: null, zxid: -1n } as const

    first.stateChanged(connected)
    first.stateChanged({ ...connected, state: 'Expired' })
    first.stateChanged({ ...connected, state: 'Disconnected' })

    expect(first.faults).toEqual([
      'A4: c1 was told SyncConnected twice in a row',
      'A4: c1 was told Disconnected after Expired',
    ])
  })

  it('is not heard of again once close() has resolved (A4)', () => {
    const witness = new Witness('c1', () => undefined)

    witness.called('before')
    witness.closed()
    witness.called('after')

    expect(witness.faults).toEqual(['c1: A4: after after close() has resolved'])
  })
})

describe('a simulation', () => {
  it.each([
    ['open', 1, []],
    ['locked', 0, [wish('lock', '/s', 1), ...goOver(1)]],
    [
      'locked and given free',
      1,
      [wish('lock', '/s', 1), wish('claim', '/s', 1), wish('unlock', '/s', 1), ...goOver(1)],
    ],
    ['locked, from one who has claimed an identity', 1, [wish('claim'), wish('lock'), ...goOver()]],
  ])(
    'knows whether events are withheld that are about a znode which is %s (A8)',
    async (_, missed, before) => {
      const { run, faults } = await play([wish('watch', '/s'), ...goOver(), ...before])
      const zxid = Number(run.host.zoo.reports.counts().zxid) + 1

      // The ledger hears of a transaction that nobody is told of.
      run.ledger.inspect({ kind: 'txn', zxid, timeMs: 0, txn: { type: 'delete', path: '/s' } })

      expect(faults().filter((fault) => fault.startsWith('A8')).length).toBe(missed)
    },
  )

  it('notices the watch of an aborted read that is left at the server', async () => {
    const { run, first, act, faults } = await play([wish('aborted read'), ...goOver(), ...goOver()])
    await run.heal()
    const before = faults()

    void first.zk.exists('/abandoned', { watcher: () => undefined })
    await act(...goOver())
    await run.heal()

    expect(before).toEqual([])
    expect(faults()).toContain('W10: the watch of an aborted read of c1 is kept, at rest')
  })

  it('has nothing against that of a client which could not say goodbye', async () => {
    const { run, faults } = await play([
      wish('aborted read'),
      { do: 'say', client: 0 },
      { do: 'half-open', client: 0, lost: 'said' },
      wish('close'),
    ])

    await run.heal()

    expect(faults()).toEqual([])
  })

  it('notices that somebody never gets an answer', async () => {
    const { run, first, faults } = await play([wish('sync'), { do: 'say', client: 0 }])
    bytesOf(first).loseNextFrame()

    await run.heal()

    expect(faults()).toContain('c1 still waits for 1 answers, at rest')
  })
})
