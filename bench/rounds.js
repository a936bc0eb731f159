/**
 * Rounds: the floor and ours by turns, pass for pass, so that a noisy neighbour meets both. What counts is the median of the
 * rounds' ratios. A round is long enough to hold its share of garbage collection.
 */
import { setImmediate as macrotask } from 'node:timers/promises'
import { median } from './row.js'

/** @typedef {import('./operations.js').Operation} Operation */
/** @typedef {import('./operations.js').Pass} Pass */

const ROUNDS = 25
const PASSES_A_ROUND = 10
const WARM_UP_ROUNDS = 10
const NS_A_MS = 1e6

/**
 * Runs all operations for a while. Whoever measures the first one without this measures how it is compiled, and compiled again once the
 * others have come.
 * @param {Operation[]} operations
 */
export async function warmUp(operations) {
  for (let i = 0; i < WARM_UP_ROUNDS; i++) for (const operation of operations) await round(operation)
}

/**
 * One row a phase: medians over the rounds, in nanoseconds a call.
 * @param {Operation} operation
 * @param {number} pathCount
 */
export async function measure(operation, pathCount) {
  const calls = PASSES_A_ROUND * pathCount
  /** @type {Awaited<ReturnType<typeof round>>[]} */
  const rounds = []
  while (rounds.length < ROUNDS) rounds.push(await round(operation))
  return operation.names.map((name, phase) => {
    const floorNs = rounds.map(({ floor }) => (floor[phase] ?? 0) / calls)
    const oursNs = rounds.map(({ ours }) => (ours[phase] ?? 0) / calls)
    const ratios = oursNs.map((ns, i) => ns / (floorNs[i] ?? 0))
    return { name, floorNs: median(floorNs), oursNs: median(oursNs), ratio: median(ratios) }
  })
}

/**
 * Nanoseconds that each phase takes in one round.
 * @param {Operation} operation
 */
async function round({ names, floor, ours }) {
  const spent = { floor: names.map(() => 0), ours: names.map(() => 0) }
  for (let pass = 0; pass < PASSES_A_ROUND; pass++) {
    await addTimes(floor, spent.floor)
    await addTimes(ours, spent.ours)
  }
  return spent
}

/**
 * Timers and I/O come through before each pass.
 * @param {Pass[]} phases
 * @param {number[]} spent
 */
async function addTimes(phases, spent) {
  for (const [i, phase] of phases.entries()) {
    await macrotask()
    const startMs = performance.now()
    await phase()
    spent[i] = (spent[i] ?? 0) + (performance.now() - startMs) * NS_A_MS
  }
}
