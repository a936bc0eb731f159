/** The target `reactions`: damaged frames to a real Apache ZooKeeper and to zoolet, and what each of them does about a frame. */
import { say } from '../../part.js'
import { Random } from '../../random.js'
import { readCorpus } from '../corpus.js'
import { type FuzzOptions, REACTIONS } from '../fuzz-options.js'
import { Mutator } from '../mutator.js'
import { headingOf, linesOfInputs } from '../repeat.js'
import { createRequestsTarget } from '../targets/requests-target.js'
import { startComparedServers } from './compared-servers.js'
import { Comparison, findUnmet, type Unexplained } from './comparison.js'
import type { ReactionPair } from './reaction-differences.js'

const RUNS = 2000

/** False if the reactions to a frame differ and nothing explains it, or if what explains it is not met any more. */
export async function compareReactions({ seed, runs = RUNS, input }: FuzzOptions): Promise<boolean> {
  const servers = await startComparedServers()
  try {
    const comparison = new Comparison(servers)
    return input === undefined ? await runMany(comparison, runs, seed) : await runOne(comparison, input)
  } finally {
    await servers.close()
  }
}

async function runMany(comparison: Comparison, runs: number, seed: number): Promise<boolean> {
  const random = new Random(seed)
  const { seeds, shape, name } = createRequestsTarget()
  const source = { random, mutator: new Mutator(random, shape), corpus: [...seeds, ...readCorpus(name)] }
  const startMs = performance.now()
  const unexplained = await comparison.run(runs, source)
  const { reactions, unsafe, hits } = comparison
  const done = unexplained?.run ?? runs
  const perSecond = Math.round(done / ((performance.now() - startMs) / 1000))
  say(
    `${REACTIONS}: ${done} frames, ${perSecond}/s, ${reactions} reactions; ${unsafe} not sent, since they can end the real server`,
  )
  say(`deliberate differences met: ${[...hits].map(([id, times]) => `${id} ${times} times`).join(', ')}`)
  if (unexplained !== undefined) sayUnexplained(unexplained, seed)
  const unmet = unexplained === undefined ? findUnmet(hits, runs) : []
  if (unmet.length > 0) for (const line of headingOf({ target: REACTIONS, seed }, runs)) say(line)
  for (const line of unmet) say(`verdict: ${line}: if it is none any more, it has to go`)
  return unexplained === undefined && unmet.length === 0
}

async function runOne(comparison: Comparison, frame: Uint8Array): Promise<boolean> {
  const pair = await comparison.ask(frame)
  sayPair(pair)
  return comparison.isExplained(pair)
}

function sayUnexplained({ run, frame, pair, shortest }: Unexplained, seed: number): void {
  const origin = { target: REACTIONS, seed }
  for (const line of headingOf(origin, run)) say(line)
  sayPair(pair)
  for (const line of linesOfInputs(origin, frame, shortest)) say(line)
  say(
    'a regression test belongs in test/transport/wire-server-end.test.ts, or a row in docs/compatibility.md',
  )
}

function sayPair({ request, real, zoolet }: ReactionPair): void {
  say(
    `request: ${JSON.stringify(request, (_, value) => (typeof value === 'bigint' ? String(value) : value))}`,
  )
  say(`Apache ZooKeeper: ${real}`)
  say(`zoolet: ${zoolet}`)
}
