/** The whole thing through its public face, step by step against the model: T2, T3, T4, T5, T6, W6, and whatever else a client can see. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyRun } from './arbitraries.js'
import { starvedCells } from './generator-floor.js'
import { Tally } from './model-tally.js'
import { runParameters, timeLimitMs } from './run-parameters.js'
import { SideBySide } from './side-by-side.js'

const parameters = runParameters(1200)
/** A cell that is met less often than once in so many runs is starved. */
const RUNS_A_HIT = 600

test('every session sees, and every report shows, what the model says', {
  timeout: timeLimitMs(parameters),
}, async () => {
  const met = new Tally()
  const property = fc.asyncProperty(anyRun(80), async (steps) => {
    const run = await SideBySide.play(steps)
    met.merge(run.tally)
  })
  await fc.assert(property, parameters)
  expect(
    starvedCells(met, Math.floor(parameters.numRuns / RUNS_A_HIT)),
    'the generator no longer reaches these',
  ).toEqual([])
})
