/** The part `differential`: random steps on zoolet in process, zoolet over TCP, and a real Apache ZooKeeper. */
import { countOf, type Part, wordOf } from '../part.js'
import { Programme } from './programme.js'
import { requireApache, startAll } from './subjects.js'

/** Each mode with what a commit has time for. */
const MODES = {
  pipelined: { maxWindow: 16, steps: 2_000, runs: 6 },
  'lock-step': { maxWindow: 1, steps: 2_000, runs: 2 },
} as const

const SLOTS = 4

/** Compares zoolet with the real server. */
export const differential: Part = {
  name: 'differential',
  summary:
    'the same random requests to zoolet and to a real ZooKeeper: every reply, Stat, zxid and event is compared',
  options: {
    mode: 'pipelined (many requests in flight, the default) or lock-step (one at a time)',
    steps: 'steps of a run, 2000 unless given',
    first: 'the number of the first run, 1 unless given',
  },
  run: async (options) => {
    const word = wordOf(options, 'mode', ['pipelined', 'lock-step'])
    const mode = MODES[word]
    const plan = { steps: countOf(options, 'steps', mode.steps), slots: SLOTS, maxWindow: mode.maxWindow }
    const first = countOf(options, 'first', 1)
    requireApache()
    const task = { mode: word, seed: options.seed, first, runs: options.runs ?? mode.runs, plan }
    return new Programme(task, startAll).run()
  },
}
