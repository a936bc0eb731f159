/** The floors of the differential: a run that has asked for too little fails, and a short one says what it could not judge. */
import process from 'node:process'
import { describe, expect, it, vi } from 'vitest'
import { WANTED } from '../../verify/differential/cells.js'
import { judge, REQUESTS_A_DIFFERENCE, type Reached } from '../../verify/differential/floors.js'
import { Programme } from '../../verify/differential/programme.js'
import type { Step } from '../../verify/differential/step.js'
import { type Servers, startInProcess } from '../../verify/differential/subjects.js'

/** What the step of a commit asks for one at a time: 2 runs of 2,000 steps. */
const COMMIT_REQUESTS = 3_850
const LONG = REQUESTS_A_DIFFERENCE.pipelined
const WANTED_HERE = {
  cells: new Map([
    ['often', 2_000],
    ['seldom', 50_000],
  ]),
  differencesFrom: LONG,
  unreachable: new Set(['never']),
}

function reached(requests: number, cells: Record<string, number>, d1 = 1): Reached {
  return { requests, cells: new Map(Object.entries(cells)), differences: new Map([['D1', d1]]) }
}

describe('a run', () => {
  it('is enough with one hit for each so many requests', () => {
    const { isEnough, lines } = judge(reached(100_000, { often: 50, seldom: 2 }), WANTED_HERE)

    expect([isEnough, lines]).toEqual([
      true,
      ['deliberate differences met: D1 1 times', 'cells: 2 of 2 judged, 0 starved'],
    ])
  })

  it('is starved with one hit less', () => {
    const { isEnough, lines } = judge(reached(100_000, { often: 49, seldom: 2 }), WANTED_HERE)

    expect(isEnough).toBe(false)
    expect(lines).toContain('  often: 49, at least 50 wanted')
  })

  it('is starved on a commit, too, if it misses what is hit all the time', () => {
    expect(judge(reached(COMMIT_REQUESTS, { often: 1 }), WANTED_HERE).isEnough).toBe(true)
    expect(judge(reached(COMMIT_REQUESTS, {}), WANTED_HERE).isEnough).toBe(false)
    const judged = [...WANTED.values()].filter((rate) => rate <= COMMIT_REQUESTS)
    expect(judged.length).toBeGreaterThanOrEqual(40)
  })

  it('says what it is too short for', () => {
    const { lines } = judge(reached(COMMIT_REQUESTS, { often: 1 }), WANTED_HERE)

    expect(lines).toContain(`too short to ask that each is met: that takes ${LONG} requests`)
    expect(lines).toContain('too short to judge the other 1: they are rarer than this run is long')
  })

  it('fails if a deliberate difference was never met, once it is long enough', () => {
    const cells = { often: 1_000, seldom: 10 }

    expect(judge(reached(LONG, cells, 0), WANTED_HERE).isEnough).toBe(false)
    expect(judge(reached(LONG, cells, 1), WANTED_HERE).isEnough).toBe(true)
    expect(judge(reached(LONG - 1, cells, 0), WANTED_HERE).isEnough).toBe(true)
  })

  it('fails if it reaches what is listed as unreachable', () => {
    const { isEnough, lines } = judge(reached(COMMIT_REQUESTS, { often: 2, never: 1 }), WANTED_HERE)

    expect(isEnough).toBe(false)
    expect(lines).toContain('  never: 1, though it is listed as unreachable')
  })
})

/** zoolet twice. */
async function startTwins(): Promise<Servers> {
  const [leader, real] = [startInProcess(), startInProcess()]
  const close = async (): Promise<void> => {
    for (const { subject } of [leader, real]) await subject.close()
  }
  return { leader: leader.subject, zoo: leader.zoo, alike: [], real: real.subject, close }
}

async function runProgramme(work?: readonly Step[]): Promise<{ isRight: boolean; said: string }> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const plan = { steps: 2_500, slots: 4, maxWindow: 1 }
  const programme = new Programme(
    {
      ...{ mode: 'lock-step' as const, seed: 3, first: 1, runs: 1, plan },
      ...(work === undefined ? {} : { work: (each) => each.replay(work) }),
    },
    startTwins,
  )
  const isRight = await programme.run()
  const said = write.mock.calls.map(([text]) => String(text)).join('')
  write.mockRestore()
  return { isRight, said }
}

describe('the programme', { timeout: 60_000 }, () => {
  it('fails if its steps are all alike, though no server differs', async () => {
    const open: Step = { do: 'open', slot: 0, timeoutMs: 120_000 }
    const pings: Step = {
      do: 'send',
      slot: 0,
      requests: Array.from({ length: 25 }, () => ({ type: 'ping' })),
    }

    const { isRight, said } = await runProgramme([open, ...Array.from({ length: 100 }, () => pings)])

    expect(isRight).toBe(false)
    expect(said).toContain('1 runs, 2500 requests: no difference that nothing explains\n')
    expect(said).toContain('  getData OK: 0, at least 1 wanted\n')
    expect(said).not.toContain('ping OK: 0')
  })

  it('is content with random steps of that length', async () => {
    const { isRight, said } = await runProgramme()

    expect(said).toContain('0 starved')
    expect(isRight).toBe(true)
  })
})
