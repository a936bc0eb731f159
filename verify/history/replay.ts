/**
 * Replay: all that a history has of T1, T2, T3, T4, T5, T6, W1, W2, W4, W5, W6, W7 and W9. Every reply carries a zxid, so the order is
 * not searched for but read off: writes by their own zxid, reads behind the write whose zxid they carry. In that order all requests go
 * once more to a naive model, which says what each connection must have heard, to the last event. Only the zxids that no reply carries
 * leave a choice among the unknown transactions; then all courses are followed until what was heard contradicts them.
 */
import { Scribe } from '../differential/scribe.js'
import type { Exchange, History, Thread } from './history.js'
import type { Horizon } from './horizon.js'
import { Lines } from './lines.js'
import { hasPlace, isWrite } from './requests.js'
import type { Session } from './sessions.js'
import { type Unknown, unknownsOf } from './unknowns.js'
import type { CheckOptions, Violation } from './violation.js'
import { World } from './world.js'

interface Placed {
  readonly thread: Thread
  readonly exchange: Exchange
  readonly zxid: number
  readonly isWrite: boolean
  /** Of the connection among those of its session. */
  readonly turn: number
  readonly place: number
}

/** How the unknown came out. */
export interface ReplayFigures {
  /** Zxids that no reply carried. */
  readonly gaps: number
  /** Writes that nobody was answered, and how many of them have happened. */
  readonly lostWrites: number
  readonly happened: number
  /** The most courses that had to be followed at a time. */
  readonly worlds: number
}

/** How much is kept in mind. */
interface Effort {
  /** For how many zxids courses are told apart that differ in nothing but zxids. */
  readonly memory: number
  /** Of more courses than this the less likely are given up. */
  readonly worlds: number
}

/** If the first leaves no course, some true one may have been given up. */
const EFFORTS: readonly Effort[] = [
  { memory: 200, worlds: 16 },
  { memory: 1_000, worlds: 256 },
  { memory: 4_000, worlds: 4_096 },
]

/** What a replay needs. */
export interface ReplayGround {
  readonly history: History
  readonly sessions: ReadonlyMap<bigint, Session>
  readonly horizon: Horizon
  readonly options: CheckOptions
}

/** The first contradiction of the course that gets furthest; none if there is a course without. */
export function replay(ground: ReplayGround): { violations: readonly Violation[]; figures: ReplayFigures } {
  const { stackTraceLimit } = Error
  // The model throws for each code that is not OK, and nobody looks at where.
  Error.stackTraceLimit = 0
  let outcome: { violation: Violation | undefined; figures: ReplayFigures } | undefined
  for (const effort of EFFORTS) {
    const run = new Replay(ground, effort)
    outcome = { violation: run.run(), figures: run.figures }
    if (outcome.violation === undefined || outcome.figures.worlds <= effort.worlds) break
  }
  Error.stackTraceLimit = stackTraceLimit
  if (outcome === undefined) throw new Error('Nothing was tried')
  const { violation, figures } = outcome
  return { violations: violation === undefined ? [] : [violation], figures }
}

class Replay {
  readonly #ground: ReplayGround
  readonly #effort: Effort
  readonly #unknowns: readonly Unknown[]
  /** Those of the unknown that can have happened about here, and how many were looked at. */
  #alive: Unknown[] = []
  #looked = 0
  #worlds: World[]
  #failure: Violation | undefined
  #gaps = 0
  #mostWorlds = 1

  constructor(ground: ReplayGround, effort: Effort) {
    const { history, sessions, horizon, options } = ground
    this.#ground = ground
    this.#effort = effort
    this.#unknowns = unknownsOf(history, sessions, horizon, options)
    const lines = new Lines(history, scribeFor(sessions), options)
    // The model has times of its own.
    this.#worlds = [World.first({ lines, scribe: scribeFor(sessions), horizon, options })]
  }

  get figures(): ReplayFigures {
    const lost = this.#unknowns.filter(({ kind }) => kind === 'write')
    const [world] = this.#worlds
    const happened = lost.filter((unknown) => world?.hasHappened(unknown)).length
    return { gaps: this.#gaps, lostWrites: lost.length, happened, worlds: this.#mostWorlds }
  }

  run(): Violation | undefined {
    const { history, options } = this.#ground
    let zxid = options.firstZxid
    for (const item of this.#inOrder()) {
      for (; zxid + 1 < item.zxid || (zxid < item.zxid && !item.isWrite); zxid++) this.#gap(zxid + 1)
      zxid = Math.max(zxid, item.zxid)
      this.#step((world) => world.answer(item.thread, item.exchange, item.zxid))
      if (this.#worlds.length === 0) return this.#failure
    }
    for (const last = lastTold(history); zxid < last; zxid++) this.#gap(zxid + 1)
    this.#step((world) => this.#findLeft(world) ?? world.finish(history.threads))
    return this.#worlds.length === 0 ? this.#failure : undefined
  }

  /** Everybody goes on, but for those who meet a contradiction. */
  #step(step: (world: World) => Violation | undefined): void {
    const [first] = this.#worlds
    if (first !== undefined && this.#worlds.length === 1) {
      const violation = step(first)
      if (violation !== undefined) this.#end(violation)
      return
    }
    let failure: Violation | undefined
    const left = this.#worlds.filter((world) => {
      const violation = step(world)
      failure ??= violation
      return violation === undefined
    })
    if (left.length === 0 && failure !== undefined) this.#end(failure)
    else this.#worlds = left
  }

  #end(violation: Violation): void {
    this.#failure ??= violation
    this.#worlds = []
  }

  /** A zxid that no reply carries: every world goes on with each transaction that can have taken it. */
  #gap(zxid: number): void {
    if (this.#worlds.length === 0) return
    this.#gaps += 1
    this.#meet(zxid)
    const courses: World[] = []
    let failure: Violation | undefined
    for (const world of this.#worlds) {
      const possible = candidates(this.#alive, world).flatMap((unknown) =>
        world.waysOf(unknown).map((way) => [unknown, way] as const),
      )
      for (const [i, [unknown, way]] of possible.entries()) {
        const course = i === possible.length - 1 ? world : world.fork()
        const violation = course.happen(unknown, zxid, way)
        failure ??= violation
        if (violation === undefined) courses.push(course)
      }
    }
    const nobody = `zxid ${zxid} belongs to nobody: something has happened twice, or unasked`
    if (courses.length === 0) this.#end(failure ?? { rule: 'T1', thread: 'all', what: nobody })
    else this.#worlds = this.#withoutTwins(courses, zxid)
  }

  /** Looks at the unknown that can begin before this zxid, and drops those that must have happened: whoever lacks one has no way on. */
  #meet(zxid: number): void {
    for (let next = this.#unknowns[this.#looked]; next !== undefined && next.after < zxid; ) {
      this.#alive.push(next)
      next = this.#unknowns[++this.#looked]
    }
    const over = this.#alive.filter(({ before }) => before <= zxid)
    if (over.length === 0) return
    this.#alive = this.#alive.filter(({ before }) => before > zxid)
    this.#step((world) => this.#findMissing(world, over))
  }

  /** Of what has to happen by now, something that has not. */
  #findMissing(world: World, over: readonly Unknown[]): Violation | undefined {
    for (const unknown of over) {
      if (unknown.kind === 'opening' && unknown.sessionId !== undefined && !world.hasHappened(unknown))
        return { rule: 'T1', thread: `session ${unknown.sessionId}`, what: 'has begun without a zxid' }
      if (unknown.kind === 'expiry' && unknown.sessionId !== undefined && world.isLive(unknown.sessionId))
        return { rule: 'S6', thread: `session ${unknown.sessionId}`, what: 'is over without a closeSession' }
    }
    return undefined
  }

  /** What had to happen before a write that was answered. */
  #findLeft(world: World): Violation | undefined {
    return this.#findMissing(
      world,
      this.#unknowns.filter(({ before }) => before !== Number.POSITIVE_INFINITY),
    )
  }

  /** The likeliest come first. */
  #withoutTwins(worlds: readonly World[], zxid: number): World[] {
    if (worlds.length === 1) return [...worlds]
    const left = new Map<string, World>()
    for (const world of worlds) {
      const key = world.key(this.#alive, zxid - this.#effort.memory)
      if (!left.has(key)) left.set(key, world)
    }
    this.#mostWorlds = Math.max(this.#mostWorlds, left.size)
    return [...left.values()].slice(0, this.#effort.worlds)
  }

  #inOrder(): Placed[] {
    const { history, sessions } = this.#ground
    const turns = new Map(
      [...sessions.values()].flatMap(({ threads }) => threads.map((each, i) => [each, i] as const)),
    )
    const placed = history.threads.flatMap((thread) =>
      thread.exchanges.flatMap((exchange, place): Placed[] => {
        if (exchange.reply === undefined || !hasPlace(exchange)) return []
        const { zxid } = exchange.reply
        return [{ thread, exchange, zxid, isWrite: isWrite(exchange), turn: turns.get(thread) ?? 0, place }]
      }),
    )
    return placed.sort(
      (a, b) =>
        a.zxid - b.zxid || Number(b.isWrite) - Number(a.isWrite) || a.turn - b.turn || a.place - b.place,
    )
  }
}

/**
 * Which of the unknown can be next, the likeliest first: what could begin soonest, and expiries last, which have much time. Of the
 * openings, which change nothing, the one that has least time left is as good as any.
 */
function candidates(alive: readonly Unknown[], world: World): Unknown[] {
  const possible = alive.filter((unknown) => world.canHappen(unknown))
  const openings = possible.filter(({ kind }) => kind === 'opening').sort((a, b) => a.before - b.before)
  const writes = possible.filter(({ kind }) => kind === 'write')
  const soon = [...openings.slice(0, 1), ...writes].sort((a, b) => a.place - b.place)
  return [...soon, ...possible.filter(({ kind }) => kind === 'expiry')]
}

/** The last zxid that an event tells of. */
function lastTold({ threads }: History): number {
  return threads.reduce(
    (last, { heard }) =>
      heard.reduce((most, each) => Math.max(most, 'event' in each ? each.event.zxid : 0), last),
    0,
  )
}

/** One that knows all sessions, by the same names as any other. */
function scribeFor(sessions: ReadonlyMap<bigint, Session>): Scribe {
  const scribe = new Scribe()
  for (const sessionId of sessions.keys())
    scribe.connected({ sessionId, timeoutMs: 1, password: new Uint8Array(0) })
  return scribe
}
