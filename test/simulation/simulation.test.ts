/** The simulation as a test: a few runs of everything that networks do, the same each time. `npm run verify -- simulation` does more. */
import { describe, expect, it } from 'vitest'
import { Random } from '../../verify/random.js'
import { PLAIN_SETUP } from '../../verify/simulation/action.js'
import { generatePlan, type Plan } from '../../verify/simulation/generate-actions.js'
import { type Outcome, simulate } from '../../verify/simulation/simulation.js'

function planOf(seed: number, actions = 200): Plan {
  return generatePlan(new Random(seed), { clients: 3, actions })
}

function run({ setup, actions }: Plan): Promise<Outcome> {
  return simulate(setup, actions)
}

describe('a simulation', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])('of seed %d breaks no promise', async (seed) => {
    const { faults } = await run(planOf(seed))

    expect(faults).toEqual([])
  })

  it('is the same for the same actions', async () => {
    const [one, other] = [await run(planOf(9)), await run(planOf(9))]

    expect(one.trace.length).toBeGreaterThan(50)
    expect(other).toEqual(one)
  })

  it('lets a client know what it could not see', async () => {
    const { trace } = await simulate({ ...PLAIN_SETUP, clients: 2 }, [
      { do: 'cut', client: 0, saidBytes: 0, heardBytes: 0 },
      { do: 'wish', client: 1, wish: 'set', path: '/a', layers: 0 },
      { do: 'say', client: 1 },
    ])

    expect(trace.indexOf('c1 event NodeDataChanged /a')).toBeGreaterThan(
      trace.indexOf('c1 None Disconnected'),
    )
  })

  it('gives each client only what is below its chroot, without it', async () => {
    const { trace, faults } = await simulate({ ...PLAIN_SETUP, clients: 1, hasChroot: true }, [
      { do: 'wish', client: 0, wish: 'create', path: '/x', layers: 0 },
      { do: 'say', client: 0 },
      { do: 'hear', client: 0, much: 'all' },
    ])

    expect(trace).toContain('c1 event NodeChildrenChanged /')
    expect(faults).toEqual([])
  })
})

describe('a generator', () => {
  it('gives each run faults and wishes of its own liking', () => {
    const kinds = [1, 2, 3, 4, 5, 6].map((seed) => {
      const { actions } = planOf(seed, 2_000)
      return new Set(actions.map((action) => (action.do === 'wish' ? action.wish : action.do)))
    })
    const sizes = kinds.map(({ size }) => size)

    expect(Math.max(...sizes)).toBeLessThan(45)
    expect(new Set(kinds.flatMap((each) => [...each])).size).toBeGreaterThan(48)
    expect(Math.min(...sizes)).toBeGreaterThan(20)
  })
})
