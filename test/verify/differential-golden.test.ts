/** The part `golden`: it writes all traces or none, and a difference on the way is reported like one of the differential. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'
import type { Failure } from '../../verify/differential/failure.js'
import { golden } from '../../verify/differential/golden-part.js'
import { findGoldenSteps } from '../../verify/differential/golden-steps.js'
import { report } from '../../verify/differential/report.js'
import { runOnce } from '../../verify/differential/run-once.js'
import type { Step } from '../../verify/differential/step.js'

vi.mock('../../verify/differential/golden-steps.js')
vi.mock('../../verify/differential/run-once.js')
vi.mock('../../verify/differential/report.js')
vi.mock('../../verify/differential/subjects.js')

const FOLDER = new URL('../golden/', import.meta.url)
const OPEN: Step = { do: 'open', slot: 0, timeoutMs: 120_000 }
const FAILURE: Failure = { subject: 'Apache ZooKeeper', step: OPEN, divergences: [] }
const OPTIONS = { seed: 7, runs: undefined, rest: {}, flags: new Set<string>() }

/** Every file that is there, with its text. */
function filesThere(): readonly (readonly [string, string])[] {
  return readdirSync(FOLDER).map((file) => [file, readFileSync(new URL(file, FOLDER), 'utf8')])
}

describe('the part golden', () => {
  it('leaves all files as they are if a later trace differs, and reports that with its seed', async () => {
    const before = filesThere()
    vi.mocked(findGoldenSteps).mockResolvedValue([
      { name: 'random-1', steps: [OPEN] },
      { name: 'random-2', steps: [OPEN] },
    ])
    vi.mocked(runOnce)
      .mockResolvedValueOnce({ failure: undefined, done: [OPEN], hits: [], trace: [] })
      .mockResolvedValueOnce({ failure: FAILURE, done: [OPEN], hits: [], trace: [] })

    const isRight = await golden.run(OPTIONS)

    expect(isRight).toBe(false)
    expect(filesThere()).toEqual(before)
    expect(vi.mocked(report).mock.calls.map(([found]) => found)).toEqual([
      {
        part: 'golden',
        file: 'golden-random-2-7',
        seed: 7,
        run: 2,
        repeat: 'npm run verify -- golden --seed 7',
        done: [OPEN],
        failure: FAILURE,
      },
    ])
  })

  it('takes no number of runs', () => {
    expect(golden.ignores).toEqual(['runs'])
  })
})
