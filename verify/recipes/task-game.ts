/**
 * The game of a task queue. R9: every task that is known to be put is done at least once, and exactly once if nothing went wrong; what
 * somebody certainly works on is given to nobody else, and nobody is given what was never put. R5: who stops to process tasks is let
 * go when the one at hand is finished, connected or not.
 */
import { decodeUtf8 } from '../../src/base/platform.js'
import { type Task, TaskQueue } from '../../src/recipes/index.js'
import { ROOT } from './action.js'
import { type Game, type GameSurroundings, PATIENT, type Wish } from './game.js'
import type { Party } from './party.js'

const PATH = `${ROOT}/tasks`

/** Longer than the longest pause between two tries. */
const PATIENT_STEPS = 26

interface Work {
  readonly party: Party
  readonly task: Task
  readonly text: string
  readonly sessionId: bigint
  readonly breaks: number
  /** Lets the worker of `process` end. */
  readonly finish: (() => void) | undefined
}

/** One game. */
export class TaskGame implements Game {
  readonly #around: GameSurroundings
  readonly #queues = new Map<Party, TaskQueue>()
  readonly #works = new Set<Work>()
  /** What is wanted to be put, and what is known to be. */
  readonly #wanted = new Set<string>()
  readonly #put = new Set<string>()
  /** How often each was given to somebody, and done to the end. */
  readonly #given = new Map<string, number>()
  readonly #done = new Map<string, number>()
  /** How to end a `process`. */
  readonly #processes = new Map<Party, AbortController>()
  /** How often each was asked to be calm. */
  readonly #steps = new Map<Party, number>()
  /** Whether everybody does now what is left. */
  #isDraining = false
  #next = 0

  constructor(around: GameSurroundings) {
    this.#around = around
  }

  welcome(party: Party): void {
    for (const work of this.#works) {
      if (work.party.index !== party.index) continue
      this.#works.delete(work)
      work.finish?.()
    }
    const { abortOn } = this.#around.setup
    this.#queues.set(party, new TaskQueue(party.client, PATH, { abortOn }))
  }

  wish(party: Party, { wish, n, patience }: Wish): boolean {
    const queue = this.#queues.get(party)
    if (queue === undefined) return false
    switch (wish) {
      case 'put':
        return this.#putOne(party, queue, n, patience)
      case 'done':
      case 'put back':
        return this.#end(party, wish, patience)
      case 'process':
        return this.#process(party, queue) || this.#stop(party)
      default:
        party.begin({
          what: wish,
          patience,
          work: (options) => (wish === 'take' ? queue.take(options) : queue.tryTake(options)),
          ended: (outcome) => {
            if (outcome.ended === 'served' && outcome.value !== null) this.#begin(party, outcome.value)
          },
        })
        return true
    }
  }

  look(): void {
    const { truth, fault, setup } = this.#around
    for (const [party, { signal }] of this.#processes)
      if (signal.aborted && this.isIdle(party))
        fault(`R5: ${party.name} has stopped to process tasks, and is not let go`)
    for (const { party, task, text, sessionId, breaks } of this.#works) {
      if (task.isOver || task.signal.aborted) continue
      const isCut = party.zk.sessionId !== sessionId || !party.isConnected
      // It has asked whether its claim is there, and nobody has heard it yet.
      const isAsking = party.gate.length > 0
      const isBroken = truth.breaksOf(sessionId) > breaks
      if (
        setup.abortOn === 'disconnection' ? isCut || isBroken : !isCut && !isAsking && !this.#hasClaim(task)
      )
        fault(`R2: ${party.name} works on ${text}, and is not told that it may be lost`)
    }
  }

  rested(): void {
    const { truth, fault } = this.#around
    const claimed = truth.childrenOf(`${PATH}/taken`)
    const free = this.#entries.filter((name) => !claimed.includes(name))
    for (const party of this.#queues.keys()) {
      const isWaiting = party.pending.includes('take') || (this.isIdle(party) && this.#processes.has(party))
      if (!party.isOver && isWaiting && free.length > 0)
        fault(`R9: ${party.name} waits for a task, and ${free.join()} can be had`)
    }
  }

  isIdle(party: Party): boolean {
    return ![...this.#works].some((work) => work.party === party)
  }

  /** None: who takes away a claim gives the task to another, and nobody who works on it hears of that. */
  victims(): readonly string[] {
    return []
  }

  calm(party: Party): void {
    while (this.#end(party, 'done', PATIENT));
    const steps = (this.#steps.get(party) ?? 0) + 1
    this.#steps.set(party, steps)
    // First those who wait already have to be woken.
    if (steps <= PATIENT_STEPS) {
      if (steps === PATIENT_STEPS && !this.#isDraining) this.rested()
      return
    }
    this.#isDraining = true
    const queue = this.#queues.get(party)
    if (queue === undefined) return
    // Who waits for a task gets one; who processes one after the other need not go on when there are no more.
    if (this.#entries.length === 0) {
      this.#processes.get(party)?.abort()
      if (party.pending.includes('take')) this.#putOne(party, queue, 0, PATIENT)
    } else if (![...this.#queues.keys()].some(({ pending }) => pending.includes('take')))
      this.#process(party, queue)
  }

  unfinished(): readonly string[] {
    return this.#entries.map((name) => `nobody does ${name}`)
  }

  finish(): void {
    const { fault, truth } = this.#around
    for (const text of this.#put)
      if ((this.#done.get(text) ?? 0) === 0) fault(`R9: ${text} was put, and nobody has done it`)
    const isCalm = truth.isUnbroken
    for (const [text, times] of this.#done)
      if (isCalm && times > 1) fault(`R9: ${text} was done ${times} times, though nothing went wrong`)
  }

  mayStay(): boolean {
    return false
  }

  get #entries(): string[] {
    return this.#around.truth.childrenOf(`${PATH}/entries`)
  }

  #putOne(party: Party, queue: TaskQueue, n: number, patience: Wish['patience']): boolean {
    const text = `t${++this.#next}`
    this.#wanted.add(text)
    party.begin({
      what: `put ${text}`,
      patience,
      work: (options) => queue.put(text, { ...options, priority: n % 3 }),
      ended: (outcome) => {
        if (outcome.ended === 'served') this.#put.add(text)
      },
    })
    return true
  }

  #process(party: Party, queue: TaskQueue): boolean {
    if (this.#processes.has(party)) return false
    const stop = new AbortController()
    this.#processes.set(party, stop)
    party.begin({
      what: 'process',
      // It ends by its signal without an error, when the task at hand is done.
      patience: PATIENT,
      work: () =>
        queue.process((task) => new Promise<void>((resolve) => this.#begin(party, task, resolve)), {
          signal: stop.signal,
        }),
      ended: () => this.#processes.delete(party),
    })
    return true
  }

  /** False if it has stopped already, and works on its last task. */
  #stop(party: Party): boolean {
    const process = this.#processes.get(party)
    if (process === undefined || process.signal.aborted) return false
    process.abort()
    return true
  }

  #begin(party: Party, task: Task, finish?: () => void): void {
    const { fault, truth, say } = this.#around
    const text = decodeUtf8(task.data ?? new Uint8Array(0))
    say(`${party.name} has ${text}`)
    if (!this.#wanted.has(text)) fault(`R9: ${party.name} is given ${text}, which nobody has put`)
    for (const work of this.#works)
      if (
        work.task.id === task.id &&
        this.#hasClaim(task) &&
        isCertain(work.task) &&
        this.#hasClaim(work.task)
      )
        if (work.party.isConnected && work.party.gate.length === 0)
          // Who still asks whether its claim is there does not know yet.
          fault(`R9: ${party.name} is given ${text}, and ${work.party.name} works on it`)
    this.#given.set(text, (this.#given.get(text) ?? 0) + 1)
    const { sessionId } = party.zk
    this.#works.add({ party, task, text, sessionId, breaks: truth.breaksOf(sessionId), finish })
  }

  /** Another one's claim has the same name. */
  #hasClaim({ id, fencingToken }: Task): boolean {
    return this.#around.truth.znodes.get(`${PATH}/taken/${id}`)?.stat.czxid === fencingToken
  }

  #end(party: Party, wish: 'done' | 'put back', patience: Wish['patience']): boolean {
    for (const work of this.#works) {
      const { task, text, finish } = work
      if (work.party !== party) continue
      this.#works.delete(work)
      if (wish === 'done' || finish !== undefined) this.#done.set(text, (this.#done.get(text) ?? 0) + 1)
      if (finish !== undefined) {
        finish()
        return true
      }
      party.begin({
        what: `${wish} ${text}`,
        patience,
        codes: wish === 'done' ? ['NONODE', 'SESSIONEXPIRED'] : [],
        work: (options) => (wish === 'done' ? task.done(options) : task.putBack(options)),
      })
      return true
    }
    return false
  }
}

function isCertain(task: Task): boolean {
  return !task.isOver && !task.signal.aborted
}
