/** The target `verdict`: damaged frames to a real Apache ZooKeeper and to zoolet, and what each of them makes of a frame. */
import process from 'node:process'
import { isApacheInstalled } from '../../../test/peers/apache-process.js'
import { hex, join, toHex } from '../../../test/protocol/hex.js'
import { type PartOptions, say } from '../../part.js'
import { Random } from '../../random.js'
import { shrink } from '../../shrink.js'
import { readCorpus } from '../corpus.js'
import { frameOf, intBytes } from '../frames.js'
import { Mutator } from '../mutator.js'
import { createRequestsTarget } from '../targets/requests-target.js'
import { isSafe, requestIn } from './is-safe.js'
import { VERDICT_DIFFERENCES, type VerdictPair } from './verdict-differences.js'
import { startVerdictServers, type VerdictServers } from './verdict-servers.js'
import { verdictOf } from './wire-verdict.js'

const RUNS = 2000
/** Inputs after which the znodes are put in order again. */
const RUNS_A_RESET = 250
const BAD_LENGTH_CHANCE = 0.02
const BAD_LENGTHS = [-1, -0x80000000, 0, 0x7fffffff, 1_048_576] as const
const XID = intBytes(7)
const SHRINK_MS = 15_000

/** False if a verdict differs and nothing explains it. */
export async function compareVerdicts(options: PartOptions): Promise<boolean> {
  if (!isApacheInstalled()) throw new Error('There is no Apache ZooKeeper here: apt-get install zookeeper')
  const servers = await startVerdictServers()
  try {
    const comparison = new Comparison(servers, options)
    const { input } = options.rest
    return input === undefined
      ? await comparison.run(options.runs ?? RUNS)
      : await comparison.runOne(hex(input))
  } finally {
    await servers.close()
  }
}

class Comparison {
  readonly #servers: VerdictServers
  readonly #options: PartOptions
  readonly #hits = new Map<string, number>(VERDICT_DIFFERENCES.map(({ id }) => [id, 0]))
  readonly #verdicts = new Set<string>()
  #unsafe = 0

  constructor(servers: VerdictServers, options: PartOptions) {
    this.#servers = servers
    this.#options = options
  }

  async run(runs: number): Promise<boolean> {
    const random = new Random(this.#options.seed)
    const { seeds, shape, name } = createRequestsTarget()
    const mutator = new Mutator(random, shape)
    const corpus = [...seeds, ...readCorpus(name)]
    const startMs = performance.now()
    for (let run = 1; run <= runs; run++) {
      if (run % RUNS_A_RESET === 0) await this.#servers.reset()
      const payload = this.#nextSafe(mutator, corpus)
      const isLying = random.chance(BAD_LENGTH_CHANCE)
      const frame = isLying ? join(intBytes(random.pick(BAD_LENGTHS)), payload) : frameOf(payload)
      const pair = await this.#ask(frame)
      if (await this.#isExplained(pair)) continue
      await this.#report(frame, pair, run)
      return false
    }
    const perSecond = Math.round(runs / ((performance.now() - startMs) / 1000))
    say(
      `verdict: ${runs} frames, ${perSecond}/s, ${this.#verdicts.size} verdicts; ${this.#unsafe} not sent, since they can end the real server`,
    )
    say(
      `deliberate differences met: ${[...this.#hits].map(([id, times]) => `${id} ${times} times`).join(', ')}`,
    )
    return true
  }

  /** One frame, its length included. */
  async runOne(frame: Uint8Array): Promise<boolean> {
    const pair = await this.#ask(frame)
    this.#say(pair)
    return this.#isExplained(pair)
  }

  #nextSafe(mutator: Mutator, corpus: readonly Uint8Array[]): Uint8Array {
    for (;;) {
      const payload = mutator.mutate(corpus)
      // With the xid of events, a reply would look like one.
      payload.set(XID.subarray(0, payload.length))
      if (isSafe(payload, requestIn(payload))) return payload
      this.#unsafe += 1
    }
  }

  async #ask(frame: Uint8Array): Promise<VerdictPair> {
    const { real, zoolet } = this.#servers
    const verdicts = await Promise.all([verdictOf(real, frame), verdictOf(zoolet, frame)])
    const [theirs, ours] = verdicts
    this.#verdicts.add(ours.replaceAll(/-?\d+ |\+\d+/g, ''))
    return { request: requestIn(frame.subarray(4)), real: theirs, zoolet: ours }
  }

  async #isExplained(pair: VerdictPair): Promise<boolean> {
    if (pair.real === pair.zoolet) return true
    const difference = VERDICT_DIFFERENCES.find((each) => each.explains(pair))
    if (difference === undefined) return false
    this.#hits.set(difference.id, (this.#hits.get(difference.id) ?? 0) + 1)
    // One of them may have done what the other has not.
    await this.#servers.reset()
    return true
  }

  async #report(frame: Uint8Array, pair: VerdictPair, run: number): Promise<void> {
    const { seed } = this.#options
    say(`FAIL fuzz/verdict  seed=${seed} run=${run} node=${process.versions.node}`)
    say(`repeat: npm run verify -- fuzz --target verdict --seed ${seed} --runs ${run}`)
    this.#say(pair)
    say(`input: ${toHex(frame)}`)
    const payload = await shrink(
      [...frame.subarray(4)],
      (fewer) => this.#differs(fewer, pair),
      performance.now() + SHRINK_MS,
    )
    const short = frameOf(Uint8Array.from(payload))
    say(`shrunk: ${short.length} of ${frame.length} bytes`)
    say(`minimised input: ${toHex(short)}`)
    say(`this input alone: npm run verify -- fuzz --target verdict --input ${toHex(short)}`)
    say(
      'a regression test belongs in test/transport/wire-server-end.test.ts, or a row in docs/compatibility.md',
    )
  }

  async #differs(payload: readonly number[], before: VerdictPair): Promise<boolean> {
    const bytes = Uint8Array.from(payload)
    if (!isSafe(bytes, requestIn(bytes))) return false
    await this.#servers.reset()
    const pair = await this.#ask(frameOf(bytes))
    return shapeOf(pair.real) === shapeOf(before.real) && shapeOf(pair.zoolet) === shapeOf(before.zoolet)
  }

  #say({ request, real, zoolet }: VerdictPair): void {
    say(
      `request: ${JSON.stringify(request, (_, value) => (typeof value === 'bigint' ? String(value) : value))}`,
    )
    say(`verdict of ${this.#servers.real.name}: ${real}`)
    say(`verdict of ${this.#servers.zoolet.name}: ${zoolet}`)
  }
}

/** What stays the same while an input becomes shorter. */
function shapeOf(verdict: string): string {
  return verdict.replaceAll(/-?\d+ |\+\d+|".*?"/g, '')
}
