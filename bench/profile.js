/**
 * Runs one operation and nothing else, for a profiler:
 * `node --cpu-prof bench/profile.js getData 100 10` is getData with 100 bytes for 10 seconds.
 */
import { setImmediate as macrotask } from 'node:timers/promises'
import { setUp } from './operations.js'

const [name = 'getData', dataBytes = '16', seconds = '5'] = process.argv.slice(2)
const { operations, pathCount, close } = await setUp({ dataBytes: Number(dataBytes), znodes: 1000 })
const operation = operations.find(({ names }) => names.some((phase) => phase.startsWith(name)))
if (operation === undefined) {
  const all = operations.flatMap(({ names }) => names)
  throw new RangeError(`There is no operation ${JSON.stringify(name)}: choose from ${all.join(', ')}`)
}

const endMs = performance.now() + Number(seconds) * 1000
let passes = 0
for (; performance.now() < endMs; passes++) {
  for (const phase of operation.ours) {
    await phase()
    await macrotask()
  }
}
await close()
console.log(`${operation.names.join(' + ')}: ${passes * pathCount} times`)
