/**
 * The model and the subject playing the same steps, compared after each: what every session saw, and the whole state of the
 * server. Calls of one batch are made before anything of the first has arrived.
 */
import { expect } from 'vitest'
import { canonical, expectSameLines, znodeLine } from './canonical.js'
import { brokenInServer } from './invariants.js'
import { logLines } from './log-lines.js'
import { ModelZooKeeper, refusedAtHome } from './model.js'
import type { Call, LogEntry } from './model-calls.js'
import { Tally } from './model-tally.js'
import { futures } from './model-time.js'
import { ephemeralsOf, statOf } from './model-tree.js'
import { quotaCalls, resolve, type SessionAct, SLOTS, type Step } from './steps.js'
import { lastingLines, RULES, SESSION_TIMEOUT_MS, Subject, subjectLines } from './subject.js'

const START_MS = 1_000_000
/** So often a client's link breaks in a run. */
const MAX_CUTS = 8
const ALL_SLOTS: readonly number[] = Array.from({ length: SLOTS }, (_, slot) => slot)

/** One run. */
export class SideBySide {
  readonly #transcript: string[] = []
  #subject = new Subject({ nowMs: START_MS })
  #model = new ModelZooKeeper({ nowMs: START_MS, tally: new Tally() })
  #calls = 0
  readonly #cuts = new Map<number, number>()
  #lastZxid = -1n

  /** What the run has met. */
  get tally(): Tally {
    return this.#model.server.tally
  }

  /** The server under test, for properties that go on from where a run ended. */
  get subject(): Subject {
    return this.#subject
  }

  /** The model, likewise. */
  get model(): ModelZooKeeper {
    return this.#model
  }

  /** Plays a run, lets somebody go on from there, and closes the server. A failure tells what was done. */
  static async play(
    steps: readonly Step[],
    andThen: (run: SideBySide) => Promise<void> = async () => {},
  ): Promise<SideBySide> {
    const run = new SideBySide()
    try {
      for (const slot of ALL_SLOTS) await run.#open(slot)
      await run.#compare()
      await run.go(steps)
      await andThen(run)
    } catch (error) {
      if (error instanceof Error) error.message += `\n\nWhat was done:\n${run.#transcript.join('\n')}\n`
      throw error
    } finally {
      await run.#subject.zoo.close()
    }
    return run
  }

  /** Plays steps and lets everything settle. */
  async go(steps: readonly Step[]): Promise<void> {
    for (const step of steps) await this.#step(step)
    await this.#compare()
  }

  /** Replaces the server by one made from its snapshot, and resumes the sessions with new clients. */
  async restart(): Promise<void> {
    const old = this.#subject
    const snapshot = structuredClone(old.zoo.snapshot())
    this.#transcript.push('restart from a snapshot')
    this.#subject = new Subject({ nowMs: this.#model.server.nowMs, snapshot })
    expectSameLines(lastingLines(this.#subject.zoo), lastingLines(old.zoo))
    await old.zoo.close()
    for (const id of this.#model.server.sessions.keys()) this.#model.server.dropConnection(id)
    for (const slot of ALL_SLOTS) {
      const id = this.#model.at(slot).session
      const saved = snapshot.sessions.find((session) => session.id === id)
      if (saved === undefined) await this.#open(slot)
      else {
        this.#cuts.delete(slot)
        await this.#subject.open(slot, saved)
        this.#model.resume(slot, id)
      }
    }
    await this.#compare()
  }

  async #step(step: Step): Promise<void> {
    if (step.kind === 'call') {
      this.#call(step.slot, resolve(step.call, this.#model.server))
      return step.settles ? this.#compare() : undefined
    }
    if (step.kind === 'quota') {
      for (const call of quotaCalls(step, this.#model.server)) this.#call(step.slot, call)
      return this.#compare()
    }
    await this.#compare()
    if (step.kind === 'time') return this.#advance(step.ms)
    if (step.kind === 'gap') await this.#gap(step)
    else if (step.kind === 'lost') this.#lose(step.slot, resolve(step.call, this.#model.server))
    else await this.#session(step.slot, step.act)
    return this.#compare()
  }

  #call(slot: number, call: Call): void {
    const number = ++this.#calls
    this.#transcript.push(`${number}: slot ${slot} ${canonical(call)}`)
    this.#model.call(slot, number, call)
    this.#subject.call(slot, number, call)
  }

  #lose(slot: number, call: Call): void {
    // What a client refuses itself is never sent, and of credentials no reply is lost.
    if (!this.#canBreak(slot) || call.op === 'addAuthInfo' || refusedAtHome(call) !== undefined) return
    this.#cuts.set(slot, this.#cutsOf(slot) + 1)
    const number = ++this.#calls
    this.#transcript.push(`${number}: slot ${slot} loses the reply of ${canonical(call)}`)
    this.#model.lose(slot, number, call)
    this.#subject.loseNextReply(slot)
    this.#subject.call(slot, number, call)
  }

  /** A client that loses its link again and again dials more slowly, at a time that nobody promises. */
  #canBreak(slot: number): boolean {
    return this.#model.at(slot).life === 'connected' && this.#cutsOf(slot) < MAX_CUTS
  }

  #cutsOf(slot: number): number {
    return this.#cuts.get(slot) ?? 0
  }

  async #gap({ slot, first, calls }: Step & { kind: 'gap' }): Promise<void> {
    if (!this.#canBreak(slot)) return
    const { server } = this.#model
    const watching = resolve(first, server)
    this.#call(slot, watching)
    await this.#compare()
    await this.#session(slot, 'disconnect')
    const focus = 'path' in watching ? watching.path : undefined
    for (const call of calls) {
      const scene = { tree: server.tree, watches: server.watches, focus }
      this.#call((slot + 1) % SLOTS, resolve(call, scene))
    }
    await this.#compare()
    await this.#session(slot, 'reconnect')
  }

  async #open(slot: number): Promise<void> {
    this.#cuts.delete(slot)
    const session = await this.#subject.open(slot)
    this.#model.open(slot, session, SESSION_TIMEOUT_MS)
  }

  async #session(slot: number, act: SessionAct): Promise<void> {
    const { life, session } = this.#model.at(slot)
    const isAlive = life === 'connected' || life === 'disconnected'
    const isPossible = {
      open: !isAlive,
      close: isAlive,
      expire: isAlive && this.#model.server.sessions.has(session),
      disconnect: this.#canBreak(slot),
      reconnect: life === 'disconnected',
      intrude: this.#model.server.sessions.has(session),
    }[act]
    if (!isPossible) return
    this.#transcript.push(`${act} slot ${slot}`)
    if (act === 'open') return this.#open(slot)
    if (act === 'disconnect') this.#cuts.set(slot, this.#cutsOf(slot) + 1)
    if (act !== 'intrude') this.#model[act](slot)
    await this.#subject.act(slot, act)
  }

  /** Moves the clock and takes the first future of the model that the subject has lived. */
  async #advance(ms: number): Promise<void> {
    const waiting = ALL_SLOTS.filter((slot) => this.#model.at(slot).queue.length > 0)
    // Where in its connect attempt a client is nobody knows: wait long or not at all.
    if (waiting.length > 0 && ms <= 2 * RULES.connectTimeoutMs) return
    for (const slot of waiting) this.#model.loseQueued(slot)
    this.#transcript.push(`${ms} ms pass`)
    await this.#subject.clock.advance(ms)
    await this.#subject.zoo.settle()

    const logs = ALL_SLOTS.map((slot) => this.#subject.drain(slot))
    let likeliest: ModelZooKeeper | undefined
    for (const world of futures(this.#model, ms, RULES)) {
      likeliest ??= world
      if (canonical(modelView(world)) !== canonical(subjectView(this.#subject, world, logs))) continue
      this.#model = world
      return this.#settled()
    }
    const world = likeliest ?? this.#model
    expect(subjectView(this.#subject, world, logs), 'no future that is allowed').toEqual(modelView(world))
  }

  async #compare(): Promise<void> {
    await this.#subject.zoo.settle()
    const logs = ALL_SLOTS.map((slot) => this.#subject.drain(slot))
    expectSameLines(subjectView(this.#subject, this.#model, logs), modelView(this.#model))
    this.#settled()
  }

  #settled(): void {
    const { reports } = this.#subject.zoo
    expectSameLines(brokenInServer(reports), [])
    const { zxid } = reports.counts()
    if (zxid < this.#lastZxid) throw new Error(`The zxid fell from ${this.#lastZxid} to ${zxid}`)
    this.#lastZxid = zxid
    for (const slot of ALL_SLOTS) this.#model.client(slot)?.forget()
  }
}

function subjectView(
  subject: Subject,
  world: ModelZooKeeper,
  logs: readonly (readonly LogEntry[])[],
): readonly string[] {
  return [...logs.flatMap((log, slot) => slotLines(world, slot, log)), ...subjectLines(subject.zoo)]
}

function modelView(world: ModelZooKeeper): readonly string[] {
  const logs = ALL_SLOTS.flatMap((slot) => slotLines(world, slot, world.client(slot)?.log ?? []))
  return [...logs, ...modelLines(world)]
}

function slotLines(world: ModelZooKeeper, slot: number, log: readonly LogEntry[]): readonly string[] {
  const calls = world.client(slot)?.unordered ?? new Set()
  return logLines(log, { calls, endings: world.server.endings }).map((line) => `slot ${slot}: ${line}`)
}

/** The state of the model's server in the words of `subjectLines`. */
function modelLines({ server }: ModelZooKeeper): readonly string[] {
  const { tree, zxid, sessions, watches } = server
  const znodes = [...tree].map(([path, { data, acl, kind }]) =>
    znodeLine({ path, data, acl, stat: statOf(tree, path), kind }),
  )
  const lasting = [...sessions].map(([id, { timeoutMs }]) =>
    canonical([id, timeoutMs, [...ephemeralsOf(tree, id)].sort()]),
  )
  const open = [...sessions].map(([id, { lostAtMs }]) => `session ${id} ${lostAtMs === undefined}`)
  const armed = watches.map(({ session, table, mode, path }) => `watch ${session} ${table} ${mode} ${path}`)
  return [`zxid ${zxid}`, ...znodes.sort(), ...lasting.sort(), ...open.sort(), ...armed.sort()]
}
