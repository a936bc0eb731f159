/** Recipes under faults as a test: a few runs of each, the same each time. `npm run verify -- recipes` does more. */
import { describe, expect, it, vi } from 'vitest'
import { Barrier, Counter, GroupMembership, TaskQueue, Tenure, TreeCache } from '../../src/recipes/index.js'
import { Random } from '../../verify/random.js'
import { type Plan, RECIPES, type RecipeName } from '../../verify/recipes/action.js'
import { generatePlan } from '../../verify/recipes/generate-plan.js'
import { runPlan } from '../../verify/recipes/recipe-run.js'

const SEEDS = [1, 2, 3, 4] as const

function planOf(recipe: RecipeName, seed: number): Plan {
  return generatePlan(new Random(20_261, seed), recipe, 80)
}

/** The rules that some run of a recipe has broken. */
async function brokenBy(recipe: RecipeName): Promise<ReadonlySet<string>> {
  const faults = []
  for (let seed = 1; seed <= 12; seed++) faults.push(...(await runPlan(planOf(recipe, seed))).faults)
  return new Set(faults.map((fault) => fault.split(':')[0] ?? ''))
}

describe('a run of a recipe', () => {
  it.each(RECIPES)('keeps every rule: %s', async (recipe) => {
    for (const seed of SEEDS) expect((await runPlan(planOf(recipe, seed))).faults).toEqual([])
  })

  it('is the same for the same plan', async () => {
    const [one, other] = [await runPlan(planOf('multiLock', 5)), await runPlan(planOf('multiLock', 5))]

    expect(one.log.length).toBeGreaterThan(50)
    expect(other).toEqual(one)
  })
})

describe('a run notices', () => {
  it('what is released and stays (R4)', async () => {
    const release = vi.spyOn(Tenure.prototype, 'release').mockResolvedValue(undefined)

    const rules = await brokenBy('lock')
    release.mockRestore()

    expect([...rules]).toContain('R4')
  })

  it('who is told that it holds what it has lost (R2)', async () => {
    const isHeld = vi.spyOn(Tenure.prototype, 'isHeld', 'get').mockReturnValue(true)

    const rules = await brokenBy('lock')
    isHeld.mockRestore()

    expect([...rules]).toContain('R2')
  })

  it('a token that does not grow (R3)', async () => {
    const token = vi.spyOn(Tenure.prototype, 'fencingToken', 'get').mockReturnValue(7n)

    const rules = await brokenBy('election')
    token.mockRestore()

    expect([...rules]).toContain('R3')
  })

  it('who passes a barrier that is set (R7)', async () => {
    const wait = vi.spyOn(Barrier.prototype, 'wait').mockResolvedValue(undefined)

    const rules = await brokenBy('barrier')
    wait.mockRestore()

    expect([...rules]).toContain('R7')
  })

  it('who is told of a sum that is not there (R8)', async () => {
    const add = vi.spyOn(Counter.prototype, 'add').mockImplementation(async (amount = 1) => amount)

    const rules = await brokenBy('counter')
    add.mockRestore()

    expect([...rules]).toContain('R8')
  })

  it('who calls again and again, without a pause (R4)', async () => {
    const add = vi.spyOn(Counter.prototype, 'add').mockImplementation(async function (this: Counter) {
      for (;;) await this.get()
    })

    const { faults } = await runPlan(planOf('counter', 1))
    add.mockRestore()

    expect(faults[0]).toMatch(/^R4: p\d+ calls again and again, and never comes to rest$/)
  })

  it('a task that is done by nobody (R9)', async () => {
    const put = vi.spyOn(TaskQueue.prototype, 'put').mockResolvedValue('entry-000-0000000000')

    const rules = await brokenBy('taskQueue')
    put.mockRestore()

    expect([...rules]).toContain('R9')
  })

  it('members that have left, and stay (R10)', async () => {
    const leave = vi.spyOn(GroupMembership.prototype, 'leave').mockResolvedValue(undefined)

    const rules = await brokenBy('members')
    leave.mockRestore()

    expect([...rules]).toContain('R10')
  })

  it('a cache that shows nothing (R12)', async () => {
    const get = vi.spyOn(TreeCache.prototype, 'get').mockReturnValue(undefined)

    const rules = await brokenBy('treeCache')
    get.mockRestore()

    expect([...rules]).toContain('R12')
  })
})
