/** Where the time of a read of the tree goes: each step with all that come before it, over a hot set, beside the least that a read can take. */
import { median, showNs } from '../row.js'
import { startOurs } from './subjects.js'

const ZNODES = 1000
const DATA_BYTES = 100
const WARM_UP_ROUNDS = 50
const ROUNDS = 50
const STEPS = [
  ['lookup', 'tree: the lookup in a Map'],
  ['find', 'tree: with an object for the znode'],
  ['exists', 'tree: with the Stat and its bigints'],
  ['lendData', 'tree: with a view of the data, too'],
  ['getData', 'tree: with a private copy instead'],
]

/** @returns {Promise<import('../row.js').Row[]>} */
export async function measureAnatomy() {
  const ours = await startOurs()
  /** @type {number[][]} */
  const rounds = []
  for (let i = -WARM_UP_ROUNDS; i < ROUNDS; i++) {
    const round = []
    for (const [step = ''] of STEPS)
      round.push((await ours.ask(`tree ${ZNODES} ${DATA_BYTES} ${step}`))[0] ?? 0)
    if (i >= 0) rounds.push(round)
  }
  await ours.close()
  const least = median(rounds.map(([ns = 0]) => ns))
  return STEPS.map(([, name = ''], k) => ({
    target: 3,
    name,
    ours: showNs(median(rounds.map((round) => round[k] ?? 0))),
    theirs: `lookup ${showNs(least)}`,
    ratio: median(rounds.map((round) => (round[k] ?? 0) / (round[0] ?? 1))),
    wanted: undefined,
  }))
}
