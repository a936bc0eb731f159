/**
 * Rounds: the floor and ours by turns in one run, so that a noisy neighbour meets both. A ratio is the median of the ratios of
 * the rounds. A round is long enough to hold its share of garbage collection.
 */
import { setImmediate as macrotask } from 'node:timers/promises'

/** @typedef {import('./operations.js').Operation} Operation */
/** @typedef {import('./operations.js').Pass} Pass */

const ROUNDS = 25
const PASSES_A_ROUND = 10
const WARM_UP_ROUNDS = 3
const NS_A_MS = 1e6

/**
 * One row a phase: medians over the rounds, in nanoseconds a call.
 * @param {Operation} operation
 * @param {number} pathCount
 */
export async function measure({ names, floor, ours }, pathCount) {
  const calls = PASSES_A_ROUND * pathCount
  const rounds = []
  for (let i = 0; i < WARM_UP_ROUNDS + ROUNDS; i++) {
    const round = { floor: await timed(floor), ours: await timed(ours) }
    if (i >= WARM_UP_ROUNDS) rounds.push(round)
  }
  return names.map((name, phase) => {
    const floorNs = rounds.map((round) => (round.floor[phase] ?? 0) / calls)
    const oursNs = rounds.map((round) => (round.ours[phase] ?? 0) / calls)
    const ratios = oursNs.map((ns, i) => ns / (floorNs[i] ?? 0))
    return { name, floorNs: median(floorNs), oursNs: median(oursNs), ratio: median(ratios) }
  })
}

/**
 * Nanoseconds that each phase takes in one round. Timers and I/O come through between two passes.
 * @param {Pass[]} phases
 */
async function timed(phases) {
  const totals = phases.map(() => 0)
  for (let pass = 0; pass < PASSES_A_ROUND; pass++) {
    for (const [i, phase] of phases.entries()) {
      await macrotask()
      const startMs = performance.now()
      await phase()
      totals[i] = (totals[i] ?? 0) + (performance.now() - startMs) * NS_A_MS
    }
  }
  return totals
}

/** @param {number[]} values */
function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}
