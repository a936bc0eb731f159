/**
 * EventThread: the one queue through which everything reaches the user, events and the outcomes of calls alike, in the order
 * of their arrival (laws 3 and 4). Completing a call only schedules what awaits it, so before an event that follows a
 * completion the queue waits for the end of the turn, when no microtask is left; and once enough was delivered, it lets timers and I/O
 * go first.
 */
import Denque from 'denque'
import type { Scheduler } from '../base/scheduler.js'
import type { Telling } from '../base/tap.js'
import type { Code } from '../protocol/code.js'
import type { KeeperState, WatchedEvent } from '../protocol/watched-event.js'
import type { Watcher } from '../protocol/watcher.js'
import type { ClientInspectionEvent } from './client-inspection.js'
import type { Turn } from './turn.js'
import { countOf, eachOf, type Watchers } from './watchers.js'

/** The outcome of a call, ready to be handed over. */
export interface Completion {
  readonly isCompletion: true
  readonly xid: number
  readonly code: Code
  /** Resolves or rejects the caller's promise. Must not throw. */
  run(): void
}

interface Delivery {
  readonly isCompletion: false
  readonly watchers: Watchers | undefined
  readonly event: WatchedEvent
  readonly first: Watcher | undefined
}

interface Notice {
  readonly isCompletion: false
  readonly run: () => void
}

type Item = Completion | Delivery | Notice

/** Takes what a watcher throws or rejects with. */
export type WatcherErrorSink = (error: unknown, event: WatchedEvent) => void

const NEVER = -1
const FINAL_STATES: ReadonlySet<KeeperState> = new Set(['Expired', 'AuthFailed', 'Closed'])

/** The queue of one client. */
export class EventThread {
  readonly #queue = new Denque<Item>()
  readonly #turn: Turn
  readonly #scheduler: Scheduler
  readonly #failed: WatcherErrorSink
  readonly #tap: Telling<ClientInspectionEvent>
  #lastCompletionTurn = NEVER
  #lastReleaseTurn = NEVER
  #isScheduled = false
  #lastWatcher: Watcher | undefined
  #handed = 0
  /** For inspection; set by the connection. */
  sessionId = 0n

  constructor(
    turn: Turn,
    scheduler: Scheduler,
    failed: WatcherErrorSink,
    tap: Telling<ClientInspectionEvent>,
  ) {
    this.#turn = turn
    this.#scheduler = scheduler
    this.#failed = failed
    this.#tap = tap
  }

  /** True if nothing waits. */
  get isIdle(): boolean {
    return this.#queue.length === 0
  }

  /** How many things wait. */
  get length(): number {
    return this.#queue.length
  }

  /** How many things were handed over so far. */
  get handed(): number {
    return this.#handed
  }

  /** The watcher that was called last: whom to blame if the queue never rests. */
  get lastWatcher(): Watcher | undefined {
    return this.#lastWatcher
  }

  /** Hands over the outcome of a call: at once if nothing is before it, since that only schedules what awaits it. */
  complete(completion: Completion): void {
    if (this.#tap.isOpen) this.#tell('queued', completion)
    if (this.#queue.length === 0 && !this.#mustWait(completion)) this.#hand(completion)
    else this.#enqueue(completion)
  }

  /** True if an outcome may be handed over right now, which is then taken for done: nothing is before it, and nobody listens. */
  mayComplete(): boolean {
    const { current, isSpent } = this.#turn
    if (this.#queue.length > 0 || isSpent || this.#lastReleaseTurn === current || this.#tap.isOpen)
      return false
    this.#turn.spend()
    this.#handed += 1
    this.#lastCompletionTurn = current
    return true
  }

  /** Calls each of the watchers, in their turn; of a change of state, `first` makes it known to others. */
  deliver(watchers: Watchers | undefined, event: WatchedEvent, first?: Watcher): void {
    if (countOf(watchers) === 0 && first === undefined) return
    const delivery = { isCompletion: false, watchers, event, first } as const
    if (this.#tap.isOpen) this.#tell('queued', delivery)
    this.#enqueue(delivery)
  }

  /** An event has settled the promise of somebody who reads a stream of events. */
  released(): void {
    this.#turn.spend()
    this.#lastReleaseTurn = this.#turn.current
  }

  /** Runs one of our own callbacks as if it were an event. It must not throw. */
  post(run: () => void): void {
    this.#enqueue({ isCompletion: false, run })
  }

  #enqueue(item: Item): void {
    this.#queue.push(item)
    if (this.#isScheduled) return
    this.#isScheduled = true
    if (this.#mustWait(item)) this.#turn.wait(this.#drain, item.isCompletion)
    else this.#scheduler.microtask(this.#drain)
  }

  /**
   * What awaits a settled promise may still be running through its microtasks; only the end of a turn comes after all of them. After a
   * completion an event has to wait for that, since completions among themselves have no order that a caller could see; after
   * an event that reached a stream's reader everything has.
   */
  #mustComeLater(item: Item): boolean {
    const { current } = this.#turn
    const isAfterCompletion = !item.isCompletion && this.#lastCompletionTurn === current
    return isAfterCompletion || this.#lastReleaseTurn === current
  }

  #mustWait(item: Item): boolean {
    return this.#turn.isSpent || this.#mustComeLater(item)
  }

  readonly #drain = (): void => {
    for (let head = this.#queue.peekFront(); head !== undefined; head = this.#queue.peekFront()) {
      if (this.#mustWait(head)) return this.#turn.wait(this.#drain, head.isCompletion)
      this.#queue.shift()
      this.#hand(head)
    }
    this.#isScheduled = false
  }

  #hand(item: Item): void {
    this.#turn.spend()
    this.#handed += 1
    if (this.#tap.isOpen && !isNotice(item)) this.#tell('delivered', item)
    if (item.isCompletion) this.#lastCompletionTurn = this.#turn.current
    if ('watchers' in item) this.#callAll(item)
    else item.run()
  }

  #tell(kind: 'queued' | 'delivered', item: Completion | Delivery): void {
    const { sessionId } = this
    if (item.isCompletion)
      return this.#tap.tell({ kind, item: 'completion', sessionId, xid: item.xid, code: item.code })
    const { type, state, path } = item.event
    this.#tap.tell({
      kind,
      item: 'event',
      sessionId,
      type,
      state,
      path,
      watcherCount: countOf(item.watchers),
    })
  }

  #callAll({ watchers, event, first }: Delivery): void {
    if (first !== undefined) this.#call(first, event)
    if (typeof watchers === 'function') this.#blame(watchers, event)
    else for (const watcher of eachOf(watchers)) this.#blame(watcher, event)
    // A client that is over keeps nothing alive. Only a change of state can tell of its end.
    if (event.type === 'None' && FINAL_STATES.has(event.state)) this.#lastWatcher = undefined
  }

  #blame(watcher: Watcher, event: WatchedEvent): void {
    this.#lastWatcher = watcher
    this.#call(watcher, event)
  }

  #call(watcher: Watcher, event: WatchedEvent): void {
    try {
      const result: unknown = watcher(event)
      // An async watcher is not awaited; its rejection is not lost.
      if (isThenable(result)) Promise.resolve(result).catch((error: unknown) => this.#failed(error, event))
    } catch (error) {
      this.#failed(error, event)
    }
  }
}

function isNotice(item: Item): item is Notice {
  return !item.isCompletion && 'run' in item
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
