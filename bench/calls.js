/** Target 1: awaited calls of an in-process client over 1,000 znodes, in floors of plain JavaScript. */
import { setUp } from './operations.js'
import { measure, warmUp } from './rounds.js'
import { showNs } from './row.js'

/** @typedef {import('./row.js').Row} Row */

const ZNODES = 1_000

/** Floors, by operation and bytes of data. @type {Record<string, Record<number, number>>} */
const WANTED = {
  exists: { 16: 2.5, 100: 2.5 },
  getData: { 16: 3, 100: 4 },
  setData: { 16: 5, 100: 5 },
  create: { 16: 8, 100: 8 },
  delete: { 16: 8, 100: 8 },
  'watch: fire': { 16: 10, 100: 10 },
  'watch: whole cycle': { 16: 22, 100: 22 },
}

/** @returns {Promise<Row[]>} */
export async function measureCalls() {
  /** @type {Row[]} */
  const rows = []
  for (const dataBytes of [16, 100]) {
    const { operations, pathCount, close } = await setUp({ dataBytes, znodes: ZNODES })
    await warmUp(operations)
    for (const operation of operations) {
      for (const { name, floorNs, oursNs, ratio } of await measure(operation, pathCount)) {
        rows.push({
          target: 1,
          name: `${name}, ${dataBytes} bytes`,
          ours: showNs(oursNs),
          theirs: `floor ${showNs(floorNs)}`,
          ratio,
          wanted: WANTED[name]?.[dataBytes],
        })
      }
    }
    await close()
  }
  return rows
}
