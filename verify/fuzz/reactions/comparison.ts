/**
 * Comparison: damaged frames to two servers, each frame to both, until they react to one in different ways that nothing explains.
 * Invariant: what is made of a frame while it is shortened is as safe for the real server, and lies about its length as the frame did.
 */
import { join, toHex } from '../../../test/protocol/hex.js'
import type { Random } from '../../random.js'
import { shrink } from '../../shrink.js'
import { frameOf, intBytes } from '../frames.js'
import type { Mutator } from '../mutator.js'
import type { ComparedServers, Reactions } from './compared-servers.js'
import { isSafe, requestIn } from './is-safe.js'
import { ENDS, STUCK } from './reaction.js'
import { REACTION_DIFFERENCES, type ReactionPair } from './reaction-differences.js'

/** Reactions to one frame that differ, and nothing explains why. */
export interface Unexplained {
  /** How many frames had been sent with it. */
  readonly run: number
  readonly frame: Uint8Array
  readonly pair: ReactionPair
  /** The shortest frame found in time that both servers react to as they did to this one. */
  readonly shortest: Uint8Array
}

/** Where frames come from. */
export interface FrameSource {
  readonly random: Random
  readonly mutator: Mutator
  readonly corpus: readonly Uint8Array[]
}

/** Frames after which the znodes are put in order again. */
const RUNS_A_RESET = 250
const LENGTH_BYTES = 4
const BAD_LENGTH_CHANCE = 0.02
const BAD_LENGTHS = [-1, -0x80000000, 0, 0x7fffffff, 1_048_576] as const
const XID = intBytes(7)
const SHRINK_MS = 15_000
const PATIENCE_MS = 1_500
const LONG_PATIENCE_MS = 15_000
/** A difference is due after so many times the frames in which it is met once: that it is not met then has a chance of e^-10. */
const DUE_FACTOR = 10

/** One comparison. */
export class Comparison {
  readonly #servers: ComparedServers
  readonly #hits = new Map<string, number>(REACTION_DIFFERENCES.map(({ id }) => [id, 0]))
  readonly #reactions = new Set<string>()
  #unsafe = 0

  constructor(servers: ComparedServers) {
    this.#servers = servers
  }

  /** How often each deliberate difference was met. */
  get hits(): ReadonlyMap<string, number> {
    return this.#hits
  }

  /** How many reactions of zoolet there were that are not the same. */
  get reactions(): number {
    return this.#reactions.size
  }

  /** Frames that were not sent, since they can end the real server. */
  get unsafe(): number {
    return this.#unsafe
  }

  /** So many frames, or up to the first that is unexplained. */
  async run(runs: number, source: FrameSource): Promise<Unexplained | undefined> {
    for (let run = 1; run <= runs; run++) {
      if (run % RUNS_A_RESET === 0) await this.#servers.reset()
      const frame = this.#next(source)
      const pair = await this.ask(frame)
      if (await this.isExplained(pair)) continue
      return { run, frame, pair, shortest: await this.#shorten(frame, pair) }
    }
    return undefined
  }

  /** What both make of one frame, its length included. */
  async ask(frame: Uint8Array): Promise<ReactionPair> {
    const { real, zoolet } = await this.#askTwice(frame)
    this.#reactions.add(zoolet.replaceAll(/-?\d+ |\+\d+/g, ''))
    return { request: requestIn(frame.subarray(LENGTH_BYTES)), real, zoolet }
  }

  /** Whether they are the same, or differ on purpose. */
  async isExplained(pair: ReactionPair): Promise<boolean> {
    if (pair.real === pair.zoolet) return true
    const difference = REACTION_DIFFERENCES.find((each) => each.explains(pair))
    if (difference === undefined) return false
    this.#hits.set(difference.id, (this.#hits.get(difference.id) ?? 0) + 1)
    // One of them may have done what the other has not.
    await this.#servers.reset()
    return true
  }

  /**
   * Again, and with more time, if one of them has not answered yet, which takes the real server long that prints a large request
   * that it cannot read; or if they differ in nothing but how they ended: it may close only with what it says next.
   */
  async #askTwice(frame: Uint8Array): Promise<Reactions> {
    const soon = await this.#servers.ask(frame, PATIENCE_MS)
    if (!isMatterOfTime(soon)) return soon
    await this.#servers.reset()
    return this.#servers.ask(frame, LONG_PATIENCE_MS)
  }

  #next({ random, mutator, corpus }: FrameSource): Uint8Array {
    const payload = this.#nextSafe(mutator, corpus)
    const isLying = random.chance(BAD_LENGTH_CHANCE)
    return isLying ? join(intBytes(random.pick(BAD_LENGTHS)), payload) : frameOf(payload)
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

  async #shorten(frame: Uint8Array, pair: ReactionPair): Promise<Uint8Array> {
    const payload = frame.subarray(LENGTH_BYTES)
    const length = frame.subarray(0, LENGTH_BYTES)
    const isLying = toHex(length) !== toHex(intBytes(payload.length))
    const build = (bytes: readonly number[]): Uint8Array =>
      isLying ? join(length, Uint8Array.from(bytes)) : frameOf(Uint8Array.from(bytes))
    const fails = (fewer: readonly number[]): Promise<boolean> => this.#isAlike(build(fewer), pair)
    return build(await shrink([...payload], fails, performance.now() + SHRINK_MS))
  }

  async #isAlike(frame: Uint8Array, before: ReactionPair): Promise<boolean> {
    const payload = frame.subarray(LENGTH_BYTES)
    if (!isSafe(payload, requestIn(payload))) return false
    await this.#servers.reset()
    const { real, zoolet } = await this.ask(frame)
    return shapeOf(real) === shapeOf(before.real) && shapeOf(zoolet) === shapeOf(before.zoolet)
  }
}

/** Deliberate differences that so many frames should have met, and have not. */
export function findUnmet(hits: ReadonlyMap<string, number>, runs: number): string[] {
  return REACTION_DIFFERENCES.filter(
    ({ id, framesAHit }) => runs >= framesAHit * DUE_FACTOR && !hits.get(id),
  ).map(({ id, framesAHit }) => `${id} was not met in ${runs} frames, where one of ${framesAHit} meets it`)
}

/** Whether the two could be alike had they been given more time. */
function isMatterOfTime({ real, zoolet }: Reactions): boolean {
  if (real.endsWith(STUCK) !== zoolet.endsWith(STUCK)) return true
  return real !== zoolet && withoutEnd(real) === withoutEnd(zoolet)
}

function withoutEnd(reaction: string): string {
  return ENDS.reduce((text, end) => text.replace(new RegExp(`(^|, )${end}$`), ''), reaction)
}

/** What stays the same while a frame becomes shorter. */
function shapeOf(reaction: string): string {
  return reaction.replaceAll(/-?\d+ |\+\d+|".*?"/g, '')
}
