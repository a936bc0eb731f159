/** The simulation as a test: a few runs of everything that networks do, the same each time. `npm run verify -- simulation` does more. */
import { describe, expect, it } from 'vitest'
import { Random } from '../../verify/random.js'
import { generateActions } from '../../verify/simulation/generate-actions.js'
import { simulate } from '../../verify/simulation/simulation.js'

const CLIENTS = 3

function actionsOf(seed: number, actions = 200): ReturnType<typeof generateActions> {
  return generateActions(new Random(seed), { clients: CLIENTS, actions })
}

describe('a simulation', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('of seed %d breaks no promise', async (seed) => {
    const { faults } = await simulate(actionsOf(seed), CLIENTS)

    expect(faults).toEqual([])
  })

  it('is the same for the same actions', async () => {
    const [one, other] = [await simulate(actionsOf(9), CLIENTS), await simulate(actionsOf(9), CLIENTS)]

    expect(one.trace.length).toBeGreaterThan(50)
    expect(other.trace).toEqual(one.trace)
  })

  it('does all that there is to do', async () => {
    const kinds = new Set<string>()
    for (let seed = 11; seed < 23; seed++)
      for (const kind of (await simulate(actionsOf(seed), CLIENTS)).done.keys()) kinds.add(kind)

    expect([...kinds].sort()).toEqual(['cut', 'expiry', 'hang up', 'hear', 'pass', 'redial', 'say', 'wish'])
  })

  it('lets a client know what it could not see', async () => {
    const { trace } = await simulate(
      [
        { do: 'cut', client: 0 },
        { do: 'wish', client: 1, wish: 'set', path: '/a' },
        { do: 'say', client: 1 },
      ],
      2,
    )

    expect(trace.filter((line) => line.startsWith('c1 event')).length).toBeGreaterThan(0)
  })
})
