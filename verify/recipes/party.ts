/**
 * Party: one who takes part in a run: a client behind a gate, plain or lasting, and the calls that it has under way. Each call has to
 * end, with what was asked for or with a reason that is documented (R4), and at once when it is given up (R5).
 */
import type { EmbeddedZooKeeper, ZooKeeper } from '../../src/index.js'
import { isKeeperException } from '../../src/protocol/keeper-exception.js'
import { LastingClient, type RecipeClient, TimeoutError, type WaitOptions } from '../../src/recipes/index.js'
import type { Patience, Setup } from './action.js'
import { behindGate, CountingClock, Gate } from './gate.js'

/** How a call ended; without a value it was given up, or the session was over. */
export type Outcome<T> =
  | { readonly ended: 'served'; readonly value: T }
  | { readonly ended: 'gave up' }
  | { readonly ended: 'failed'; readonly code: string }

/** A call under way. */
interface Effort {
  readonly what: string
  readonly isEndless: boolean
  giveUp: (() => void) | undefined
  dueMs: number
  hasGivenUp: boolean
}

/** What a party needs of its run. */
export interface PartySurroundings {
  readonly zoo: EmbeddedZooKeeper
  readonly setup: Setup
  readonly fault: (what: string) => void
  readonly say: (line: string) => void
}

/** A call as a game makes it. */
export interface Calling<T> {
  readonly what: string
  readonly patience: Patience
  /** `isServed` is called when it has what it waited for, and has not ended yet: it cannot be given up any more. */
  readonly work: (options: WaitOptions, isServed: () => void) => Promise<T>
  readonly ended?: (outcome: Outcome<T>) => void
  /** Whether it goes on until it is given up. */
  readonly isEndless?: boolean
  /** Codes it may end with besides SESSIONEXPIRED of a session that is over. */
  readonly codes?: readonly string[]
}

const LISTENED = ['connected', 'disconnected', 'expired', 'authFailed', 'closed', 'watcherError'] as const

/** One of them. */
export class Party {
  readonly name: string
  readonly index: number
  readonly isLasting: boolean
  readonly gate = new Gate(() =>
    this.#around.fault(`R4: ${this.name} calls again and again, and never comes to rest`),
  )
  readonly clock: CountingClock
  readonly #around: PartySurroundings
  readonly #efforts = new Set<Effort>()
  #zk: ZooKeeper | undefined
  #client: RecipeClient | undefined
  /** Whether its link is held down. */
  isDown = false
  /** Whether it has closed its client itself. */
  isClosed = false

  constructor(name: string, index: number, around: PartySurroundings) {
    this.name = name
    this.index = index
    this.isLasting = around.setup.lasting[index] === true
    this.clock = new CountingClock(around.zoo.clock)
    this.#around = around
  }

  /** What its recipes work with. */
  get client(): RecipeClient {
    if (this.#client === undefined) throw new Error(`${this.name} has no client yet`)
    return this.#client
  }

  /** The client of its last session, without the gate. */
  get zk(): ZooKeeper {
    if (this.#zk === undefined) throw new Error(`${this.name} has no client yet`)
    return this.#zk
  }

  /** Whether its session is over for good. */
  get isOver(): boolean {
    return this.isClosed || (!this.isLasting && this.zk.state === 'CLOSED')
  }

  /** Whether it is connected, and nobody is at work on a new session. */
  get isConnected(): boolean {
    return this.zk.state === 'CONNECTED'
  }

  /** Calls that have not ended, and should. */
  get pending(): readonly string[] {
    return [...this.#efforts].flatMap(({ what, isEndless }) => (isEndless ? [] : [what]))
  }

  async connect(): Promise<void> {
    const { zoo, setup } = this.#around
    const { sessionTimeoutMs } = setup
    const connect = async (): Promise<ZooKeeper> => {
      const zk = await zoo.connect({ sessionTimeoutMs, connectTimeoutMs: sessionTimeoutMs })
      this.#zk = zk
      this.isDown = false
      return behindGate(zk, this.gate, this.clock)
    }
    this.#client = this.isLasting ? await LastingClient.connect(connect) : await connect()
  }

  /** Makes a call, and looks at how it ends. */
  begin<T>({ what, patience, work, ended, isEndless = false, codes = [] }: Calling<T>): void {
    const { say, zoo } = this.#around
    const controller = new AbortController()
    const reason = new Error(`${this.name} gives up`)
    const effort: Effort = {
      what,
      isEndless,
      hasGivenUp: false,
      dueMs: patience.until === 'timeout' ? zoo.clock.monotonicMs() + patience.ms : Number.POSITIVE_INFINITY,
      giveUp:
        patience.until === 'abort' || patience.until === 'soon' ? () => controller.abort(reason) : undefined,
    }
    this.#efforts.add(effort)
    say(`${this.name} begins to ${what}`)
    const settle = (outcome: Outcome<T>, detail: string): void => {
      this.#efforts.delete(effort)
      say(`${this.name} has ended to ${what}: ${detail}`)
      ended?.(outcome)
    }
    const fail = (error: unknown): void => {
      const outcome = this.#judge(effort, error, reason, codes)
      settle(outcome, outcome.ended === 'failed' ? outcome.code : outcome.ended)
    }
    try {
      const isServed = (): void => {
        effort.dueMs = Number.POSITIVE_INFINITY
        effort.giveUp = undefined
        // It was too late for that.
        effort.hasGivenUp = false
      }
      work(optionsOf(patience, controller.signal), isServed).then(
        (value) => settle({ ended: 'served', value }, 'served'),
        fail,
      )
    } catch (error) {
      fail(error)
    }
    if (patience.until === 'soon') void this.#giveUpSoon(effort, patience.microtasks)
  }

  /** Gives up the oldest call that can be. False if there is none. */
  abort(): boolean {
    for (const effort of this.#efforts)
      if (effort.giveUp !== undefined && !effort.hasGivenUp) {
        effort.hasGivenUp = true
        effort.giveUp()
        return true
      }
    return false
  }

  /** At rest: who has given up was told so. */
  look(): void {
    const { fault, zoo } = this.#around
    this.gate.looked()
    const nowMs = zoo.clock.monotonicMs()
    for (const effort of this.#efforts)
      if (effort.hasGivenUp || effort.dueMs <= nowMs) {
        this.#efforts.delete(effort)
        fault(`R5: ${this.name} has given up to ${effort.what}, and is not told so`)
      }
  }

  /** What is left of all that it did. */
  leftovers(): string[] {
    const found: string[] = []
    const { zk, gate, clock } = this
    if (gate.length > 0) found.push(`${gate.length} calls at the gate`)
    if (clock.pending > 0) found.push(`${clock.pending} timers`)
    if (zk.state === 'CLOSED') return found
    for (const name of LISTENED)
      if (zk.listenerCount(name) > 0) found.push(`${zk.listenerCount(name)} listeners of "${name}"`)
    const watches = this.#around.zoo.reports.watchesBySession().get(zk.sessionId) ?? []
    for (const { path, table } of watches) found.push(`a watch of ${path} (${table})`)
    return found
  }

  async close(): Promise<void> {
    this.isClosed = true
    const { client } = this
    await ('latest' in client ? client.close() : this.zk.close())
  }

  async #giveUpSoon(effort: Effort, microtasks: number): Promise<void> {
    for (let i = 0; i < microtasks; i++) await undefined
    if (!this.#efforts.has(effort) || effort.giveUp === undefined) return
    effort.hasGivenUp = true
    effort.giveUp()
  }

  #judge(effort: Effort, error: unknown, reason: Error, codes: readonly string[]): Outcome<never> {
    const { zoo, fault } = this.#around
    // What goes on until it is given up ends then as it should.
    if (error === reason && effort.hasGivenUp && !effort.isEndless) return { ended: 'gave up' }
    if (error instanceof TimeoutError && effort.dueMs <= zoo.clock.monotonicMs()) return { ended: 'gave up' }
    if (isKeeperException(error)) {
      const isTold = error.code === 'SESSIONEXPIRED' && this.isOver
      if (isTold || codes.includes(error.code)) return { ended: 'failed', code: error.code }
    }
    fault(`R4: ${this.name} wanted to ${effort.what}, and was told ${describeError(error)}`)
    return { ended: 'failed', code: String(error) }
  }
}

function optionsOf(patience: Patience, signal: AbortSignal): WaitOptions {
  if (patience.until === 'timeout') return { timeoutMs: patience.ms }
  return patience.until === 'served' ? {} : { signal }
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return `${error.constructor.name} ${error.message}`
}
