/**
 * Party: a client in a simulation with what it wants to know: it reads znodes, leaves watches, and reads again with each event. It
 * notes each promise that is broken to it: data that came before its event (A2, A5), an event that nothing was left for or that came
 * before the answer that left its watch (W3), a path that is not its own (A7), a state that came twice or after the end (A4).
 */
import {
  isKeeperException,
  RequestAbortedError,
  type Stat,
  type WatchedEvent,
  type WatchReport,
  type ZooKeeper,
} from '../../src/index.js'
import type { Notification } from '../../src/protocol/message.js'
import type { EventType } from '../../src/protocol/watched-event.js'
import { type Look, zxidOf } from '../look.js'
import type { Wish } from './action.js'
import { mayAnswer } from './answers.js'
import { LastingWatches } from './lasting-watches.js'
import type { Ledger } from './ledger.js'
import {
  type ClientListener,
  type ClientPlace,
  type ClientSurroundings,
  SimulatedClient,
} from './simulated-client.js'
import { StreamWatches } from './stream-watches.js'
import { TrickyWatchers } from './tricky-watchers.js'
import { ABORTED, BURDEN, GRANTS, type Wisher, wrapped } from './wishes.js'
import type { Witness } from './witness.js'

interface Loop {
  readonly look: Look
  /** What the watch is left on: this look, or existence as long as there is nothing to look at. */
  watched: Look
  /** As the client calls it. */
  readonly path: string
  /** What was seen last, with a watch behind it: the zxid that this look depends on, 0 for a missing znode; undefined at first. */
  seen: bigint | undefined
  isArmed: boolean
  /** Refused by a limit: to be asked for again some time. */
  isStarved: boolean
  /** What was seen before the event that asks for another look; undefined if there was none. */
  before: bigint | undefined
  /** When what is seen was asked for. */
  askedAt: number
  rounds: number
}

const LOOPS: readonly (readonly [Look, string])[] = [
  ['data', '/a'],
  ['exists', '/b'],
  ['children', '/a'],
  ['exists', '/a/x'],
  ['data', '/a/y'],
  ['children', '/'],
]
/** What can have happened to what was seen. */
const EVENTS: Readonly<Record<Look | 'missing', readonly EventType[]>> = {
  data: ['NodeDataChanged', 'NodeDeleted'],
  exists: ['NodeDataChanged', 'NodeDeleted'],
  children: ['NodeChildrenChanged', 'NodeDeleted'],
  missing: ['NodeCreated'],
}
const MOST_LAYERS = 50
/** Through how many functions the answers of loops come: every third time another number. */
const LAYERED_ROUNDS = 3
const LAYER_STEP = 17

/** One of the clients. */
export class Party implements ClientListener, Wisher {
  readonly client: SimulatedClient
  readonly zk: ZooKeeper
  readonly ledger: Ledger
  readonly witness: Witness
  readonly lasting: LastingWatches
  readonly streams: StreamWatches
  readonly tricky: TrickyWatchers
  readonly #loops: readonly Loop[]
  readonly #states: string[] = []
  #isAbandonedAnswered = false
  #pending = 0
  #asked = 0
  #values = 0

  constructor(place: ClientPlace, around: ClientSurroundings, witness: Witness) {
    this.witness = witness
    this.ledger = around.ledger
    this.client = new SimulatedClient(witness.name, place, around, this)
    this.zk = this.client.zk
    this.lasting = new LastingWatches(this.zk, witness)
    this.streams = new StreamWatches(this.zk, witness)
    this.tricky = new TrickyWatchers(this.zk, witness)
    this.#loops = LOOPS.map(([look, path]) => ({
      look,
      path,
      watched: look,
      seen: undefined,
      isArmed: false,
      isStarved: false,
      before: undefined,
      askedAt: 0,
      rounds: 0,
    }))
    for (const loop of this.#loops) void this.#read(loop)
  }

  get name(): string {
    return this.witness.name
  }

  get isOver(): boolean {
    return this.zk.state === 'CLOSED' || this.zk.state === 'AUTH_FAILED'
  }

  /** Calls that have not ended yet. */
  get pending(): number {
    return this.#pending
  }

  get faults(): readonly string[] {
    const waiting = this.isOver ? [...this.lasting.findUntold(), ...this.streams.findUntold()] : []
    const untold = waiting.map((what) => `A4: ${this.name}: ${what}`)
    return [...this.witness.faults, ...untold, ...stateFaults(this.name, this.#states)]
  }

  /** What it still does not know, though all is at rest: its loops against the state of the server. */
  findMissed(stats: ReadonlyMap<string, Stat>): string[] {
    const missedByLoops = this.#loops.flatMap(({ watched, path, seen, isArmed }) => {
      const { chroot } = this.zk
      const stat = stats.get(path === '/' && chroot !== '' ? chroot : chroot + path)
      const now = zxidOf(watched, stat ?? null)
      if (isArmed && seen === now) return []
      return [
        `${this.name} has missed a change of ${path}: its ${watched} is of ${now}, and it knows ${seen}`,
      ]
    })
    return [...missedByLoops, ...this.streams.findMissed().map((what) => `${this.name}: ${what}`)]
  }

  /** What the server should watch for it, and does not. */
  findUnwatched(watches: readonly WatchReport[]): string[] {
    return [...this.lasting.findUnwatched(watches), ...this.streams.findUnwatched(watches)].map(
      (what) => `${this.name} has ${what}, and the server has not`,
    )
  }

  /** All is at rest: what has arrived has been told. */
  checkDelivered(): void {
    this.lasting.checkDelivered()
    this.streams.checkDelivered()
    this.tricky.checkDelivered()
  }

  /** Asks once more for what a limit has refused. */
  revive(): void {
    for (const loop of this.#loops) {
      if (!loop.isStarved || this.isOver) continue
      loop.isStarved = false
      void this.#read(loop)
    }
  }

  /** Whether it was told that its session is over. */
  get hasExpired(): boolean {
    return this.#states.includes('Expired')
  }

  /** Whether it may have a watch of what it has asked for and given up: a local server has answered before that. */
  get mayWatchAbandoned(): boolean {
    return this.#isAbandonedAnswered
  }

  /** Whether a limit stands between it and what it wants to know. */
  get isStarved(): boolean {
    return this.#loops.some(({ isStarved }) => isStarved)
  }

  /** Gives up the many watches that it has no use for. */
  unburden(): void {
    for (const path of BURDEN)
      this.#await(`removal of ${path}`, this.zk.removeWatches(path, { type: 'Data', local: true }))
  }

  /** Asks for something, whatever comes of it. */
  wish(wish: Wish, path: string, layers: number): void {
    const outcome = GRANTS[wish](this, path, layers)
    this.#await(`${wish} ${path}`, outcome)
    outcome.then(
      () => {
        this.witness.count(`granted: ${wish}`)
        if (wish === 'aborted read') this.#isAbandonedAnswered = true
        if (wish === 'doomed multi')
          this.witness.fault(`a multi with a wrong version has succeeded on ${path}`)
      },
      (error: unknown) => {
        if (isKeeperException(error) && !mayAnswer(wish, error.code))
          this.witness.fault(`${wish} ${path} ended with ${error.code}, which it never may`)
      },
    )
  }

  readonly nextValue = (): string => `${this.name}#${++this.#values};`

  async look(look: Look, path: string, layers: number): Promise<void> {
    const asked = ++this.#asked
    const { epoch } = this.ledger
    const stat = await wrapped(layers, () => this.#ask(look, path))
    const now = zxidOf(look, stat)
    this.witness.note(`${look} ${path} ${now}`)
    this.ledger.saw(now, epoch)
    for (const loop of this.#loops) this.#compare(loop, { look, path, now, asked })
  }

  stateChanged(event: WatchedEvent): void {
    this.witness.called(`None ${event.state}`)
    if (event.type === 'None') this.#states.push(event.state)
    if (event.state === 'SyncConnected') this.streams.connected()
  }

  arrived(event: Notification): void {
    this.lasting.arrived(event)
    this.streams.arrived(event)
  }

  /** P3: no data before the event of the change that made them, however long their way through the code that awaits them. */
  #compare(
    loop: Loop,
    read: { readonly look: Look; readonly path: string; readonly now: bigint; readonly asked: number },
  ): void {
    const isSame = (loop.watched === 'children') === (read.look === 'children') && loop.path === read.path
    if (!isSame || !loop.isArmed || loop.seen === read.now || read.asked < loop.askedAt) return
    this.witness.fault(
      `A2: a read of ${read.path} shows ${read.now} before the event, where ${loop.seen} was watched`,
    )
  }

  async #ask(
    look: Look,
    path: string,
    options: { readonly watcher?: (event: WatchedEvent) => void } = {},
  ): Promise<Stat | null> {
    if (look === 'exists') return this.zk.exists(path, options)
    const { stat } =
      look === 'data' ? await this.zk.getData(path, options) : await this.zk.getChildren(path, options)
    return stat
  }

  #await(what: string, outcome: Promise<unknown>): void {
    this.#pending += 1
    outcome
      .then(
        () => this.witness.note(`${what} OK`),
        (error: unknown) => this.#failed(what, error),
      )
      .finally(() => {
        this.#pending -= 1
      })
  }

  #failed(what: string, error: unknown): void {
    if (isKeeperException(error)) this.witness.count(`answer: ${error.code}`)
    else if (error instanceof RequestAbortedError) this.witness.count('aborted after it was sent')
    else if (error instanceof Error && error.message === ABORTED)
      this.witness.count('aborted before it was sent')
    else this.witness.fault(`${what} ended with ${error}`)
    this.witness.note(`${what} ${isKeeperException(error) ? error.code : error}`)
  }

  async #read(loop: Loop): Promise<void> {
    this.#pending += 1
    loop.watched = loop.look
    try {
      while (!this.isOver) if (await this.#look(loop)) return
    } finally {
      this.#pending -= 1
    }
  }

  /** False if it has to be asked again. */
  async #look(loop: Loop): Promise<boolean> {
    const registration = { isAnswered: false, isFired: false }
    const watcher = (event: WatchedEvent): void => this.#heard(loop, event, registration)
    const layers = loop.rounds % LAYERED_ROUNDS === 0 ? (loop.rounds * LAYER_STEP) % (MOST_LAYERS + 1) : 0
    loop.rounds += 1
    const asked = ++this.#asked
    try {
      const stat = await wrapped(layers, () => this.#ask(loop.watched, loop.path, { watcher }))
      registration.isAnswered = true
      loop.isArmed = true
      loop.askedAt = asked
      loop.seen = zxidOf(loop.watched, stat)
      // What was missing may have come and gone again.
      if (loop.seen === loop.before && loop.seen !== 0n)
        this.witness.fault(
          `W4: an event for the ${loop.watched} of ${loop.path}, which is of ${loop.seen} as before`,
        )
    } catch (error) {
      if (!isKeeperException(error)) throw error
      // A read that finds nothing leaves no watch: its existence is watched until there is something.
      if (error.code === 'NONODE') loop.watched = 'exists'
      if (error.code === 'NONODE' || error.code === 'CONNECTIONLOSS') return false
      loop.isStarved = error.code === 'THROTTLEDOP' || error.code === 'QUOTAEXCEEDED'
    }
    this.witness.note(`${loop.watched} loop ${loop.path} ${loop.seen}`)
    return true
  }

  #heard(
    loop: Loop,
    { type, path }: WatchedEvent,
    registration: { readonly isAnswered: boolean; isFired: boolean },
  ): void {
    // Changes of state come to every watcher, and use up none.
    if (type === 'None') return
    this.witness.called(`event ${type} ${path}`)
    if (path !== loop.path) this.witness.fault(`A7: an event for ${path} came to who watches ${loop.path}`)
    if (!registration.isAnswered)
      this.witness.fault(`A2: ${type} ${path} came before the answer of the read that left the watch`)
    if (registration.isFired) this.witness.fault(`W3: a watch of ${path} fired twice`)
    if (!EVENTS[loop.seen === 0n ? 'missing' : loop.watched].includes(type))
      this.witness.fault(`W9: ${type} ${path} for a watch of its ${loop.watched}, last seen as ${loop.seen}`)
    registration.isFired = true
    loop.isArmed = false
    // Two looks at different things cannot be compared.
    loop.before = loop.watched === loop.look ? loop.seen : undefined
    void this.#read(loop)
  }
}

/** A4: connected and disconnected take turns, and after the end nothing comes. */
function stateFaults(name: string, states: readonly string[]): string[] {
  const faults: string[] = []
  for (const [i, state] of states.entries()) {
    if (state === states[i - 1]) faults.push(`A4: ${name} was told ${state} twice in a row`)
    const isFinal = state === 'Expired' || state === 'Closed' || state === 'AuthFailed'
    if (isFinal && i < states.length - 1) faults.push(`A4: ${name} was told ${states[i + 1]} after ${state}`)
  }
  return faults
}
