/** Every trap of the reference is settled: by a test that names it, or by a reason why it cannot apply. */
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { sourceFiles } from '../tidy/source-file.js'
import { INAPPLICABLE_TRAPS, TRAP_COUNT } from './traps.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const allTraps: readonly number[] = Array.from({ length: TRAP_COUNT }, (_, i) => i + 1)
const tested: ReadonlySet<number> = trapsInTitles()
const inapplicable: readonly number[] = INAPPLICABLE_TRAPS.map(({ trap }) => trap)

it('each trap is in the title of a test or in the table of those that cannot apply, and in no other place', () => {
  const settled = allTraps.filter((trap) => tested.has(trap) || inapplicable.includes(trap))

  expect(settled).toEqual(allTraps)
})

it('no trap is both tested and said not to apply, nor is one said twice', () => {
  expect(inapplicable.filter((trap) => tested.has(trap))).toEqual([])
  expect(new Set(inapplicable).size).toBe(inapplicable.length)
})

it('no title and no row speaks of a trap that the reference does not have', () => {
  const unknown = [...tested, ...inapplicable].filter((trap) => !allTraps.includes(trap))

  expect(unknown).toEqual([])
})

it('each reason is a sentence', () => {
  expect(INAPPLICABLE_TRAPS.filter(({ reason }) => !/^[A-Z].{10,}\.$/.test(reason))).toEqual([])
})

/** The numbers in string literals of tests, which are their titles; comments do not count. */
function trapsInTitles(): Set<number> {
  const files = sourceFiles(root, ['test']).filter(({ path }) => path.endsWith('.test.ts'))
  const numbers = files.flatMap(({ code }) =>
    [...code.matchAll(/\[trap (\d+)\](?=[^'`\n]*['`])/g)].map(([, digits]) => Number(digits)),
  )
  return new Set(numbers)
}
