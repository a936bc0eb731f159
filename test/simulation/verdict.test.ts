/** What is said of a run that is not as it should be: a test that fails, or where two runs of the same actions differ. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ZooKeeper } from '../../src/index.js'
import { type Action, PLAIN_SETUP } from '../../verify/simulation/action.js'
import type { Plan } from '../../verify/simulation/generate-actions.js'
import { type Outcome, simulate } from '../../verify/simulation/simulation.js'
import { catchUncaught } from '../../verify/simulation/uncaught.js'
import { judge } from '../../verify/simulation/verdict.js'
import { macrotask } from '../semantics/ordering/event-loop.js'
import { wish } from './played.js'

const PASS: Action = { do: 'pass', ms: 1 }
const BURST: Action = { do: 'burst', writes: 1, path: '/a' }
const SETUP = { ...PLAIN_SETUP, clients: 1 }

/** All that is said, line by line; nothing if all is well. */
async function verdictOf(plan: Plan, run: (plan: Plan) => Promise<Outcome>): Promise<readonly string[]> {
  const lines: string[] = []
  const say = (line: string): void => void lines.push(line)
  const options = { run, say, failed: () => say('FAIL'), shrinkMs: 5_000 }
  const isRight = await judge(plan, await run(plan), options)
  expect(isRight).toBe(lines.length === 0)
  return lines
}

function planOf(...actions: readonly Action[]): Plan {
  return { setup: SETUP, actions }
}

function runPlan({ setup, actions }: Plan): Promise<Outcome> {
  return simulate(setup, actions)
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('a verdict', () => {
  it('is that nothing is wrong with a run that is the same twice', async () => {
    expect(await verdictOf(planOf(PASS, BURST), runPlan)).toEqual([])
  })

  it('is the shortest test that fails in the same way', async () => {
    const lines = await verdictOf(planOf(PASS, BURST, PASS, BURST), async (plan) => {
      const outcome = await runPlan(plan)
      return plan.actions.includes(BURST) ? { ...outcome, faults: ['W1: c1 has missed 7'] } : outcome
    })

    expect(lines.slice(0, 3)).toEqual([
      'FAIL',
      '  W1: c1 has missed 7',
      'shrinking 4 actions, for 5 s at most',
    ])
    expect(lines).toContain('shrunk: 1 of 4 actions')
    expect(lines.at(-1)).toContain('it("keeps every promise: W1: c1 has missed 7"')
  })

  it.each([
    ['what clients saw', { trace: ['c1 read'] }, 'line 1 of what clients saw is "c1 None SyncConnected" in'],
    ['what the server did', { txns: [] }, "line 1 of what the server did is \"{ kind: 'txn', zxid: 1,"],
    ['what is left', { znodes: [] }, "line 1 of the final tree is \"{ path: '/',"],
    [
      'the counts',
      { done: new Map([['pass', 1]]) },
      'line 1 of the counts is "pass 2" in one run, and "pass 1"',
    ],
    ['the time', { virtualMs: 7 }, 'and "7 ms" in the other'],
  ])('is where two runs of the same actions differ, and no test: %s', async (_, other, difference) => {
    let runs = 0
    const lines = await verdictOf(planOf(PASS, PASS), async (plan) => {
      const outcome = await runPlan(plan)
      return ++runs === 2 ? { ...outcome, ...other } : outcome
    })

    expect(lines).toEqual(['FAIL', expect.stringContaining('the same actions gave another run')])
    expect(lines[1]).toContain(difference)
  })

  it('has no test for a fault that does not come again in the end', async () => {
    let runs = 0
    const lines = await verdictOf(planOf(BURST), async (plan) => {
      const outcome = await runPlan(plan)
      return ++runs <= 2 ? { ...outcome, faults: ['W1'] } : outcome
    })

    expect(lines.at(-1)).toBe('  the shrunk run does not fail again, so that no test can show it')
  })
})

describe('an error that nobody catches', () => {
  it.each([
    ['thrown', (error: Error): void => queueMicrotask(() => expect.fail(error.message))],
    ['rejected', (error: Error): void => void Promise.reject(error)],
  ])('is a fault like any other, and becomes a test: %s', async (_, raise) => {
    vi.spyOn(ZooKeeper.prototype, 'sync').mockImplementation(async () => {
      raise(new Error('a bug'))
      return '/a'
    })

    const lines = await verdictOf(planOf(PASS, wish('sync'), PASS), runPlan)

    expect(lines[1]).toMatch(/^ {2}nobody caught \w*Error: a bug$/)
    expect(lines).toContain('shrunk: 1 of 3 actions')
    expect(lines.at(-1)).toContain('"wish":"sync"')
  })

  it('is the own affair of the process again afterwards', async () => {
    const before = process.listeners('unhandledRejection')
    const caught: string[] = []
    const stop = catchUncaught((what) => caught.push(what))

    void Promise.reject(new Error('left alone'))
    await macrotask()
    stop()

    expect(caught).toEqual(['Error: left alone'])
    expect(process.listeners('unhandledRejection')).toEqual(before)
  })
})
