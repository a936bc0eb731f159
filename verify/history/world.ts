/**
 * World: one course that a history can have taken, as far as it was gone through: the naive model in its state, which of the unknown
 * transactions have happened, and how much of what each connection has heard is explained. A world ends with its first contradiction.
 */
import type { Notification } from '../../src/protocol/message.js'
import { ModelServer, type WatchLists } from '../../test/property/model-server.js'
import { Tally } from '../../test/property/model-tally.js'
import type { Scribe } from '../differential/scribe.js'
import type { Exchange, Thread } from './history.js'
import type { Horizon } from './horizon.js'
import { LateCloses, withCounted } from './late-closes.js'
import type { Lines } from './lines.js'
import { callOf, replyOf } from './model-bridge.js'
import { isWrite } from './requests.js'
import type { Unknown } from './unknowns.js'
import type { CheckOptions, Rule, Violation } from './violation.js'

/** What all worlds of a history share. */
export interface Ground {
  readonly lines: Lines
  readonly scribe: Scribe
  readonly horizon: Horizon
  readonly options: Pick<CheckOptions, 'eventsHaveZxid' | 'deletesLagBehindCloses'>
}

/** What one connection hears because of one transaction or request. */
interface Due {
  readonly thread: Thread
  readonly events: string[]
  reply: string | undefined
}

interface WorldState {
  readonly model: ModelServer
  readonly done: ReadonlySet<Unknown>
  readonly cursors: ReadonlyMap<Thread, number>
  readonly threads: ReadonlyMap<bigint, Thread>
  readonly lateCloses: LateCloses
}

/** One of them. */
export class World {
  readonly #ground: Ground
  readonly #model: ModelServer
  readonly #done: Set<Unknown>
  readonly #cursors: Map<Thread, number>
  /** The connection that each session has at this point. */
  readonly #threads: Map<bigint, Thread>
  readonly #lateCloses: LateCloses
  #due: Map<Thread, Due> = new Map()

  private constructor(ground: Ground, state: WorldState) {
    this.#ground = ground
    this.#model = state.model
    this.#done = new Set(state.done)
    this.#cursors = new Map(state.cursors)
    this.#threads = new Map(state.threads)
    this.#lateCloses = state.lateCloses
    this.#model.deliver = (session, type, path, zxid) => this.#notify(session, { type, path, zxid })
  }

  /** Before anything has happened. */
  static first(ground: Ground): World {
    const model = new ModelServer(0, new Tally())
    const lateCloses = new LateCloses(ground)
    return new World(ground, { model, done: new Set(), cursors: new Map(), threads: new Map(), lateCloses })
  }

  fork(): World {
    const model = this.#model.fork()
    return new World(this.#ground, {
      model,
      done: this.#done,
      cursors: this.#cursors,
      threads: this.#threads,
      lateCloses: this.#lateCloses.fork(),
    })
  }

  /** Whether this can be the next thing that has happened. */
  canHappen(unknown: Unknown): boolean {
    if (this.#done.has(unknown)) return false
    switch (unknown.kind) {
      case 'opening':
        return true
      case 'expiry':
        return unknown.sessionId === undefined
          ? this.#done.has(unknown.opening)
          : this.#model.sessions.has(unknown.sessionId)
      case 'write':
        return (
          (unknown.previous === undefined || this.#done.has(unknown.previous)) &&
          this.#model.sessions.has(unknown.thread.sessionId)
        )
    }
  }

  hasHappened(unknown: Unknown): boolean {
    return this.#done.has(unknown)
  }

  /** Whether a session has begun and not ended. */
  isLive(sessionId: bigint): boolean {
    return this.#model.sessions.has(sessionId)
  }

  /** The ways in which the unknown transaction can go: what is counted that is gone, over which it then fails. */
  waysOf(unknown: Unknown): readonly (readonly string[])[] {
    const counted = unknown.kind === 'write' ? this.#lateCloses.countable(unknown.exchange) : []
    return counted.length > 0 ? [[], counted] : [[]]
  }

  /** The unknown transaction takes this zxid, in one of its ways. */
  happen(unknown: Unknown, zxid: number, counted: readonly string[]): Violation | undefined {
    this.#done.add(unknown)
    this.#model.zxid = zxid - 1
    this.#model.nowMs = zxid
    switch (unknown.kind) {
      case 'opening':
        if (unknown.sessionId !== undefined) this.#model.openSession(unknown.sessionId, 1)
        return undefined
      case 'expiry':
        if (unknown.sessionId !== undefined) this.#endSession(unknown.sessionId)
        return this.#settle({ isEnd: true })
      case 'write': {
        const { request } = unknown.exchange
        const { sessionId } = unknown.thread
        this.#speak(unknown.thread)
        if (request.type === 'closeSession') this.#endSession(sessionId)
        else withCounted(this.#model, counted, () => this.#model.request(sessionId, callOf(request)))
        return this.#settle({ isEnd: request.type === 'closeSession' })
      }
    }
  }

  /** The request happens that was answered with this zxid, and its connection has heard what it had to, and nothing else. */
  answer(thread: Thread, exchange: Exchange, zxid: number): Violation | undefined {
    const { sessionId, name } = thread
    const { request } = exchange
    if (!this.#model.sessions.has(sessionId)) {
      const isOver = this.#threads.has(sessionId)
      const what = `a ${request.type} has zxid ${zxid}, and the session ${isOver ? 'is over' : 'has taken no zxid'}`
      return { rule: isOver ? 'S6' : 'T1', thread: name, what }
    }
    this.#speak(thread)
    this.#model.zxid = isWrite(exchange) ? zxid - 1 : zxid
    // Znodes get the zxid of their creation for a time: all that is compared of times is that they belong to a zxid.
    this.#model.nowMs = zxid
    this.#dueOf(thread).reply = this.#replyTo(sessionId, exchange, zxid)
    const isEnd = request.type === 'closeSession'
    return this.#settle({ isEnd, rule: request.type === 'setWatches' ? 'W9' : undefined })
  }

  /** Whether all that was heard is explained. */
  finish(threads: readonly Thread[]): Violation | undefined {
    for (const thread of threads) {
      const line = this.#ground.lines.leftFrom(thread, this.#cursor(thread))
      if (line !== undefined)
        return { rule: 'W4', thread: thread.name, what: `heard ${line}, where nothing was due` }
    }
    return undefined
  }

  /**
   * A text that two worlds share if they will behave in the same way. Zxids of transactions up to `since` are left out: nobody has
   * asked for long what they are.
   */
  key(alive: readonly Unknown[], since: number): string {
    const { tree, watches, sessions } = this.#model
    const shown = (zxid: number): number => (zxid > since ? zxid : 0)
    const nodes = Array.from(tree, ([path, { data, czxid, mzxid, pzxid, version, created, owner }]) =>
      [path, data, shown(czxid), shown(mzxid), shown(pzxid), version, created, owner].join(' '),
    ).sort()
    const armed = watches
      .map(({ session, path, table, mode }) => `${session} ${path} ${table} ${mode}`)
      .sort()
    const live = [...sessions.keys()].sort()
    const done = alive.map((unknown) => (this.#done.has(unknown) ? 1 : 0))
    const cursors = [...this.#cursors].map(([{ name }, at]) => `${name} ${at}`).sort()
    return [nodes, armed, live, done, cursors].map((each) => each.join('\n')).join('\n\n')
  }

  #endSession(sessionId: bigint): void {
    this.#lateCloses.ends(this.#model, sessionId, this.#model.zxid + 1)
    this.#model.endSession(sessionId)
  }

  #replyTo(sessionId: bigint, exchange: Exchange, zxid: number): string {
    const { request } = exchange
    const { scribe } = this.#ground
    const done = { xid: 0, zxid, code: 'OK', response: { type: 'done' } } as const
    if (request.type === 'closeSession') {
      this.#endSession(sessionId)
      return scribe.reply(request.type, done)
    }
    if (request.type === 'setWatches') {
      const lists: WatchLists = {
        data: request.dataWatches,
        exists: request.existWatches,
        child: request.childWatches,
        persistent: request.persistentWatches,
        recursive: request.persistentRecursiveWatches,
      }
      this.#model.setWatches(sessionId, request.relativeZxid, lists)
      return scribe.reply(request.type, done)
    }
    const reply = withCounted(this.#model, this.#lateCloses.countedBy(exchange), () =>
      this.#model.request(sessionId, callOf(request)),
    )
    return scribe.reply(request.type, replyOf(request, reply))
  }

  /** A new connection has none of the watches of the one before it. */
  #speak(thread: Thread): void {
    const { sessionId } = thread
    const before = this.#threads.get(sessionId)
    if (before === thread) return
    this.#threads.set(sessionId, thread)
    this.#model.dropConnection(sessionId)
    this.#model.resumeSession(sessionId)
  }

  #notify(sessionId: bigint, { type, path, zxid }: Notification): void {
    const thread = this.#threads.get(sessionId)
    if (thread === undefined) return
    const { scribe, options } = this.#ground
    this.#dueOf(thread).events.push(scribe.event({ type, path, zxid: options.eventsHaveZxid ? zxid : -1 }))
  }

  #dueOf(thread: Thread): Due {
    const due = this.#due.get(thread) ?? { thread, events: [], reply: undefined }
    this.#due.set(thread, due)
    return due
  }

  /** Each connection has heard next what was due to it. */
  #settle({
    isEnd,
    rule,
  }: {
    readonly isEnd: boolean
    readonly rule?: Rule | undefined
  }): Violation | undefined {
    const all = [...this.#due.values()]
    this.#due = new Map()
    for (const { thread, events, reply } of all) {
      const at = this.#cursor(thread)
      const { lines } = this.#ground
      // Events of one ending session have no order among themselves.
      const told = isEnd ? lines.matchSet(thread, at, events) : lines.match(thread, at, events)
      const answered = reply === undefined || 'what' in told ? told : lines.match(thread, told.at, [reply])
      if ('what' in answered) return { ...answered, rule: rule ?? answered.rule }
      this.#cursors.set(thread, answered.at)
    }
    return undefined
  }

  #cursor(thread: Thread): number {
    return this.#cursors.get(thread) ?? 0
  }
}
