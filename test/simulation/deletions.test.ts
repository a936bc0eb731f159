/** Deletions against what was asked for: each way to break the account, and such as do not. */
import { describe, expect, it } from 'vitest'
import { Deletions, type WriteOutcome } from '../../verify/simulation/deletions.js'
import { goOver, play, wish } from './played.js'

const OWNER = { sessionId: 7n }

function faultsOf(outcomes: readonly WriteOutcome[], applied: number): string[] {
  const deletions = new Deletions()
  for (const outcome of outcomes) deletions.begin(OWNER, '/a').end(outcome)
  for (let i = 0; i < applied; i++) deletions.applied(OWNER.sessionId, { type: 'delete', path: '/a' })
  return deletions.faults()
}

describe('deletions', () => {
  it.each<[readonly WriteOutcome[], number]>([
    [['applied'], 1],
    [['not applied'], 0],
    [['unknown'], 0],
    [['unknown', 'applied'], 2],
  ])('that ended with %o may have been done %d times (S4)', (outcomes, applied) => {
    expect(faultsOf(outcomes, applied)).toEqual([])
  })

  it.each<[readonly WriteOutcome[], number, string]>([
    [['applied'], 0, '1 to 1'],
    [['not applied'], 1, '0 to 0'],
    [['unknown'], 2, '0 to 1'],
    [[], 1, '0 to 0'],
  ])('that ended with %o are noticed if they were done %d times (S4)', (outcomes, applied, possible) => {
    expect(faultsOf(outcomes, applied)).toEqual([
      `S4: 7 /a was deleted ${applied} times, where it was ${possible} times`,
    ])
  })

  it('of a whole tree count as one, and nothing beside it may go', () => {
    const deletions = new Deletions()
    deletions.begin(OWNER, '/a/d').end('unknown')
    const ops = ['/a/d/e', '/b', '/a/d'].map((path) => ({ type: 'delete', path }) as const)

    deletions.applied(OWNER.sessionId, { type: 'multi', ops })

    expect(deletions.faults()).toEqual(['S4: 7 /b was deleted 1 times, where it was 0 to 0 times'])
  })
})

describe('a simulation', () => {
  it.each(['delete', 'delete all'] as const)('has nothing against a %s', async (kind) => {
    const { run, faults } = await play([
      wish('create all', '/b'),
      ...Array.from({ length: 5 }, () => goOver()).flat(),
      wish(kind, kind === 'delete' ? '/b/d/e' : '/b'),
      ...Array.from({ length: 5 }, () => goOver()).flat(),
    ])

    expect(run.host.zoo.reports.znodes().some(({ path }) => path === '/b/d/e')).toBe(false)
    expect(faults()).toEqual([])
  })

  it('notices a deletion of a session that has not asked for it', async () => {
    const { run, first, faults } = await play([wish('sync'), ...goOver()])
    const zxid = Number(run.host.zoo.reports.counts().zxid) + 1

    run.ledger.inspect({ kind: 'txn', zxid, timeMs: 0, txn: { type: 'delete', path: '/b' } })

    expect(faults()).toContain(`S4: ${first.zk.sessionId} /b was deleted 1 times, where it was 0 to 0 times`)
  })
})
