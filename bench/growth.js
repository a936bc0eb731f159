/**
 * Target 2: what calls cost with a million znodes, in floors over a map of the same size, beside what they cost with a thousand. Each
 * pass takes the same paths, chosen at random over all of them.
 */
import { setUp } from './operations.js'
import { measure, warmUp } from './rounds.js'

/** @typedef {import('./row.js').Row} Row */

const [SMALL, LARGE] = [1_000, 1_000_000]
const MOST = 1.5

/** @returns {Promise<Row[]>} */
export async function measureGrowth() {
  const small = await floorsAt(SMALL)
  const large = await floorsAt(LARGE)
  return [...large].map(([name, floors]) => {
    const before = small.get(name) ?? 0
    return {
      target: 2,
      name: `${name}, a million znodes`,
      ours: `${floors.toFixed(2)} floors`,
      theirs: `a thousand ${before.toFixed(2)}`,
      ratio: floors / before,
      wanted: MOST,
    }
  })
}

/** @param {number} znodes */
async function floorsAt(znodes) {
  const { operations, pathCount, close } = await setUp({ dataBytes: 16, znodes })
  /** @type {Map<string, number>} */
  const floors = new Map()
  await warmUp(operations)
  for (const operation of operations)
    for (const { name, ratio } of await measure(operation, pathCount)) floors.set(name, ratio)
  await close()
  return floors
}
