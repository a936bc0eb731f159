/** How a run that fails becomes a short one, and a test. */
import { describe, expect, it } from 'vitest'
import { type Action, PLAIN_SETUP } from '../../verify/simulation/action.js'
import type { Plan } from '../../verify/simulation/generate-actions.js'
import { plainerAction, simplify } from '../../verify/simulation/simplify.js'
import { kindOf, testOf } from '../../verify/simulation/verdict.js'

const NEVER = Number.POSITIVE_INFINITY
const noise: readonly Action[] = Array.from({ length: 20 }, () => ({ do: 'redial', client: 2 }))
const culprit: Action = { do: 'cut', client: 2, saidBytes: 9, heardBytes: 700 }
const plan: Plan = {
  setup: {
    clients: 3,
    sessionTimeoutMs: 6_000,
    hasChroot: true,
    hasLocal: true,
    isNarrow: true,
    expiresLocally: true,
  },
  actions: [...noise, culprit, ...noise],
}

/** Fails if there is a cut after something was said, of a client that there is, where everything is narrow. */
async function fails({ setup, actions }: Plan): Promise<boolean> {
  return setup.isNarrow && actions.some((action) => action.do === 'cut' && action.saidBytes > 0)
}

describe('a plan that fails', () => {
  it('is left with the one action, the one client and the one value that it takes', async () => {
    expect(await simplify(plan, fails, NEVER)).toEqual({
      setup: { ...PLAIN_SETUP, clients: 1, isNarrow: true },
      actions: [{ do: 'cut', client: 0, saidBytes: 9, heardBytes: 0 }],
    })
  })

  it('is left as it is once there is no time', async () => {
    expect(await simplify(plan, fails, 0)).toBe(plan)
  })

  it.each<Action>([
    { do: 'wish', client: 0, wish: 'set', path: '/a', layers: 0 },
    { do: 'say', client: 0 },
    { do: 'cut', client: 0, saidBytes: 0, heardBytes: 0 },
    { do: 'burst', writes: 1, path: '/a' },
    { do: 'restart', state: 'lost' },
  ])('of plain actions has nothing plainer: %o', (action) => {
    expect(plainerAction(action, PLAIN_SETUP)).toEqual([])
  })

  it('becomes a test', () => {
    const lines = testOf({ setup: PLAIN_SETUP, actions: [culprit] }, "W1: c1's change")

    expect(lines).toBe(`  it("keeps every promise: W1: c1's change", async () => {
    const { faults } = await simulate(
      ${JSON.stringify(PLAIN_SETUP)},
      [
        {"do":"cut","client":2,"saidBytes":9,"heardBytes":700},
      ],
    )

    expect(faults).toEqual([])
  })`)
  })
})

describe('the kind of a fault', () => {
  it('is the same for other clients, numbers and paths', () => {
    const [one, other] = [
      'W1: c1 has missed a change of /a: it is of 9',
      'W1: c12 has missed a change of /a/x: it is of 10',
    ]

    expect(kindOf(one)).toBe(kindOf(other))
    expect(kindOf('S1: a reply')).not.toBe(kindOf('S2: a reply'))
  })
})
