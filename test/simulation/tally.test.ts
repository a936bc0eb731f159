/** What is counted over all runs, and that a generator which starves is noticed. */
import { describe, expect, it } from 'vitest'
import { FLOORS, Tally } from '../../verify/simulation/tally.js'

const ACTIONS = 300
const RUNS = 400

/** Runs in each of which every kind happens so often. */
function tallyOf(times: number, without: readonly string[] = []): Tally {
  const tally = new Tally()
  const done = new Map(
    Object.keys(FLOORS)
      .filter((kind) => !without.includes(kind))
      .map((kind) => [kind, times]),
  )
  for (let run = 0; run < RUNS; run++) tally.add({ done, virtualMs: 3_600_000 })
  return tally
}

describe('a tally', () => {
  it('tells how often what happened, and how fast', () => {
    const lines = tallyOf(1).lines(100_000)

    expect(lines.slice(0, 2)).toEqual([
      '400 runs, 4.0 a second: no promise is broken',
      '400.0 virtual hours, 14400 times as fast as the clock',
    ])
    expect(lines[2]).toMatch(/^what happened: .*\bcut 400, /)
  })

  it('has nothing against runs in which everything happens', () => {
    expect(tallyOf(100).findStarved(ACTIONS)).toEqual([])
  })

  it.each(['cut', 'half-open: what is said is lost', 'wish: multi', 'closed: slow reader'])(
    'notices that there was no %s',
    (kind) => {
      const [line, ...more] = tallyOf(100, [kind]).findStarved(ACTIONS)

      expect([line, more]).toEqual([expect.stringContaining(`"${kind}" happened 0 times`), []])
    },
  )

  it('expects nothing of a few actions, and says so', () => {
    const tally = tallyOf(0)

    expect([tally.findStarved(3), tally.findUnproved(3)]).toEqual([
      [],
      'NOT LOOKED AT: whether the generator starves, as 1200 actions are fewer than 120000',
    ])
    expect(tally.findUnproved(ACTIONS)).toBe(undefined)
  })
})
