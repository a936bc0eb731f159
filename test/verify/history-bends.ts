/** Histories for the tests of the checker: recorded from zoolet, and then bent so that one rule is broken. */
import { EmbeddedZooKeeper } from '../../src/index.js'
import type { CreateMode } from '../../src/protocol/create-mode.js'
import type { Reply, Request } from '../../src/protocol/message.js'
import type { Dial } from '../../verify/differential/cnxn.js'
import { InProcessCnxn } from '../../verify/differential/in-process-cnxn.js'
import { check } from '../../verify/history/checker.js'
import { type Exchange, type Heard, History, type Thread } from '../../verify/history/history.js'
import { Line, type Ticket } from '../../verify/history/line.js'
import { Load } from '../../verify/history/load.js'
import type { CheckOptions } from '../../verify/history/violation.js'
import { work } from '../../verify/history/worker.js'
import { Random } from '../../verify/random.js'

/** What holds for an embedded server with its own settings. */
export const OPTIONS: CheckOptions = {
  eventsHaveZxid: true,
  goodbyeIsNoEnd: false,
  strangersCutOwners: false,
  deletesLagBehindCloses: false,
  firstZxid: 0,
  tickMs: 2_000,
}

/** Nobody ends it. */
export const NEVER: AbortSignal = new AbortController().signal

/** Three workers of one server, whose connections break now and then if there are troubles. */
export async function record(troubles = 0): Promise<History> {
  const zoo = new EmbeddedZooKeeper()
  const history = new History()
  const workers = [1, 2, 3].map((i) => {
    const random = new Random(7, i)
    const dial = history.recorded((events) => new InProcessCnxn(zoo, events), `worker ${i}`)
    const load = new Load({ random, name: `w${i}`, hasLastingWatches: true })
    return { dial, random, load, requests: 600, troubles, mayBreak: () => true, signal: NEVER }
  })
  await Promise.all(workers.map((worker) => work(worker)))
  await zoo.close()
  return history
}

/** A server whose connections a test opens one by one, in process. */
export class Stage {
  readonly history: History = new History()
  readonly #zoo = new EmbeddedZooKeeper()

  /** A connection for a new session, or for this one. */
  open(ticket?: Ticket, timeoutMs = 30_000): Promise<Line> {
    const dial: Dial = this.history.recorded((events) => new InProcessCnxn(this.#zoo, events), 'one')
    return Line.open({ dial, ticket, timeoutMs, created: () => undefined })
  }

  /** The connection that was opened last. */
  get last(): Thread {
    return threadAt(this.history, -1)
  }
}

/** The rules that a history breaks, each once, by their names. */
export function rulesOf(history: History, options: Partial<CheckOptions> = {}): string[] {
  const { violations } = check(history, { ...OPTIONS, ...options })
  return [...new Set(violations.map(({ rule }) => rule))].sort()
}

/** A connection by its number. */
export function threadAt({ threads }: History, i: number): Thread {
  const thread = threads.at(i)
  if (thread === undefined) throw new Error(`There is no connection ${i}`)
  return thread
}

/** The first connection that has heard an event right before a reply, and the place of the event. */
export function findEvent(
  history: History,
  fits: (thread: Thread, at: number) => boolean = () => true,
): [Thread, number] {
  for (const thread of history.threads) {
    const at = thread.heard.findIndex(
      (each, i) => 'event' in each && 'exchange' in (thread.heard[i + 1] ?? {}) && fits(thread, i),
    )
    if (at >= 0) return [thread, at]
  }
  throw new Error('There is no such event')
}

/** The exchange that was heard there. */
export function exchangeAt(thread: Thread, at: number): Exchange {
  const heard: Heard | undefined = thread.heard[at]
  if (heard === undefined || !('exchange' in heard)) throw new Error('There is no reply here')
  return heard.exchange
}

/** Another answer in the place of the one that was given. */
export function bend(exchange: Exchange, change: Partial<Reply>): void {
  if (exchange.reply !== undefined) exchange.reply = { ...exchange.reply, ...change }
}

/** The connection broke before the answers from this one on came. */
export function loseAnswers(thread: Thread, from: Exchange): void {
  const at = thread.heard.findIndex((each) => 'exchange' in each && each.exchange === from)
  for (const each of thread.heard.splice(at)) if ('exchange' in each) each.exchange.reply = undefined
  thread.isClosed = true
  thread.endedBy = 'loss'
}

/** A create, of a persistent znode unless told otherwise. */
export function create(path: string, text: string, mode: CreateMode = 'PERSISTENT'): Request {
  const acl = [{ scheme: 'world', id: 'anyone', perms: 31 }]
  return { type: 'create', path, data: bytes(text), acl, mode, ttlMs: -1 }
}

/** A setData of any version. */
export function set(path: string, text: string): Request {
  return { type: 'setData', path, data: bytes(text), version: -1 }
}

/** A getData. */
export function get(path: string, watch = false): Request {
  return { type: 'getData', path, watch }
}

/** A setWatches for data watches of these paths. */
export function dataWatches(relativeZxid: number, ...dataPaths: string[]): Request {
  return {
    type: 'setWatches',
    relativeZxid,
    dataWatches: dataPaths,
    existWatches: [],
    childWatches: [],
    persistentWatches: [],
    persistentRecursiveWatches: [],
  }
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
