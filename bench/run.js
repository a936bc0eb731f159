/**
 * `npm run bench`: what docs/performance.md promises, each figure beside its yardstick, in one run, part by part; then which targets hold. Arguments
 * choose parts: `npm run bench -- calls objects`. What counts are the ratios; the times are this machine's, today.
 */
import { measureCalls } from './calls.js'
import { measureFanOut } from './fan-out.js'
import { measureGrowth } from './growth.js'
import { measureNodeClients } from './node-clients.js'
import { measureAnatomy } from './objects/anatomy.js'
import { measureCosts } from './objects/costs.js'
import { measureObjects } from './objects/measure.js'
import { measureRecipes } from './recipes.js'
import { holds, printTable } from './row.js'
import { measureStart } from './start.js'
import { measureTurns } from './turns.js'
import { measureWire } from './wire/measure.js'

/** @type {Record<string, () => Promise<import('./row.js').Row[]>>} */
const PARTS = {
  calls: measureCalls,
  'node-clients': measureNodeClients,
  growth: measureGrowth,
  objects: measureObjects,
  costs: measureCosts,
  anatomy: measureAnatomy,
  'fan-out': measureFanOut,
  wire: measureWire,
  start: measureStart,
  turns: measureTurns,
  recipes: measureRecipes,
}

const wanted = process.argv.slice(2)
const unknown = wanted.find((name) => !Object.hasOwn(PARTS, name))
if (unknown !== undefined) {
  console.error(`There is no part ${unknown}: there are ${Object.keys(PARTS).join(', ')}`)
  process.exit(2)
}

const rows = []
for (const [name, measure] of Object.entries(PARTS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const part = await measure()
  printTable(part)
  console.log()
  rows.push(...part)
}

for (const target of new Set(rows.filter(({ wanted }) => wanted !== undefined).map((row) => row.target))) {
  const missed = rows.filter((row) => row.target === target && !holds(row))
  console.log(
    missed.length === 0
      ? `target ${target} holds`
      : `target ${target} is missed: ${missed.map(({ name }) => name).join('; ')}`,
  )
}
