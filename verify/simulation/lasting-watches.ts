/**
 * Lasting watches of a party, persistent and recursive. A7, A8: they are told what they are owed; A6: who is removed hears of that once,
 * before the removal is confirmed, and then nothing any more; A4: each state once.
 */
import { isKeeperException, type WatchedEvent, type WatchReport, type ZooKeeper } from '../../src/index.js'
import type { Notification } from '../../src/protocol/message.js'
import { DueEvents, type WatchedPlace } from './due-events.js'
import type { Witness } from './witness.js'

type Stage = 'asked for' | 'set' | 'leaving' | 'gone'

/** How a lasting watch is taken away. */
export interface Removal {
  /** Whether it goes even if the server cannot be asked. */
  readonly isLocal: boolean
}

/** One watch. */
class LastingWatch {
  readonly path: string
  readonly isRecursive: boolean
  readonly #witness: Witness
  readonly #due: DueEvents
  #removals = 0
  #lastState: string | undefined
  stage: Stage = 'asked for'
  /** Called with each event of a znode. */
  onEvent: () => void = () => undefined

  constructor(place: WatchedPlace, witness: Witness) {
    this.path = place.path
    this.isRecursive = place.isRecursive
    this.#witness = witness
    this.#due = new DueEvents('watch', place, witness)
  }

  /** Whether it has heard that its client is over. */
  get knowsTheEnd(): boolean {
    return this.#lastState === 'Expired' || this.#lastState === 'Closed' || this.#lastState === 'AuthFailed'
  }

  /** Whether this is what the server has for it. */
  isReportedBy({ path, modes }: WatchReport): boolean {
    return path === this.#due.serverPath && modes.includes(this.isRecursive ? 'recursive' : 'persistent')
  }

  /** How often it was told that it was removed. */
  get removals(): number {
    return this.#removals
  }

  arrived(event: Notification): void {
    if (this.stage !== 'gone') this.#due.arrived(event, this.stage === 'set')
  }

  /** What should have been told by now. */
  checkDelivered(): void {
    this.#due.checkDelivered()
  }

  readonly watcher = (event: WatchedEvent): void => {
    const { type, path, state } = event
    if (type === 'None') return this.#stateChanged(state)
    this.#witness.called(`${this.name} ${type} ${path}`)
    if (type === 'PersistentWatchRemoved') return this.#removed()
    if (this.stage === 'gone') this.#witness.fault(`A6: ${type} ${path} for ${this.name}, which is removed`)
    this.#due.told(event)
    this.onEvent()
  }

  /** For people. */
  get name(): string {
    return this.#due.name
  }

  #removed(): void {
    this.#removals += 1
    if (this.stage !== 'leaving')
      this.#witness.fault(`A6: ${this.name} is told of its removal and is ${this.stage}`)
  }

  /** A4: each state once. */
  #stateChanged(state: string): void {
    if (state === this.#lastState) this.#witness.fault(`A4: ${this.name} was told ${state} twice in a row`)
    this.#lastState = state
  }
}

/** As much of a client as lasting watches need. */
export type LastingClient = Pick<ZooKeeper, 'addWatch' | 'removeWatches' | 'chroot' | 'state'>

/** All of a party. */
export class LastingWatches {
  readonly #zk: LastingClient
  readonly #witness: Witness
  #watches: LastingWatch[] = []

  constructor(zk: LastingClient, witness: Witness) {
    this.#zk = zk
    this.#witness = witness
  }

  /** An event has come, and is not delivered yet. */
  arrived(event: Notification): void {
    for (const watch of this.#watches) watch.arrived(event)
  }

  /** Everything is at rest. */
  checkDelivered(): void {
    for (const watch of this.#watches) watch.checkDelivered()
  }

  /** Those that are set, and that the server does not have. */
  findUnwatched(reports: readonly WatchReport[]): string[] {
    return this.#watches
      .filter((watch) => watch.stage === 'set' && !reports.some((report) => watch.isReportedBy(report)))
      .map(({ name }) => name)
  }

  /** Those that were set to the end, and were not told of it. */
  findUntold(): string[] {
    return this.#watches
      .filter(({ stage, knowsTheEnd }) => stage === 'set' && !knowsTheEnd)
      .map(({ name }) => `${name} was never told of the end`)
  }

  /** Sets one; it may go again with the first event that it hears. */
  async add(
    path: string,
    options: { readonly isRecursive: boolean; readonly leaves: boolean },
  ): Promise<void> {
    const { isRecursive, leaves } = options
    const watch = new LastingWatch({ path, isRecursive, chroot: this.#zk.chroot }, this.#witness)
    if (leaves) watch.onEvent = () => void this.#remove(watch, { isLocal: true }).catch(() => undefined)
    this.#watches.push(watch)
    try {
      await this.#zk.addWatch(path, watch.watcher, { recursive: isRecursive })
      if (watch.stage === 'asked for') watch.stage = 'set'
    } catch (error) {
      watch.stage = 'gone'
      throw error
    }
  }

  /** Removes the oldest one that is set; nothing if there is none. */
  async removeOldest(removal: Removal): Promise<void> {
    const watch = this.#watches.find(({ stage }) => stage === 'set')
    if (watch !== undefined) await this.#remove(watch, removal)
  }

  async #remove(watch: LastingWatch, { isLocal }: Removal): Promise<void> {
    if (watch.stage !== 'set') return
    watch.stage = 'leaving'
    const type = watch.isRecursive ? 'PersistentRecursive' : 'Persistent'
    try {
      await this.#zk.removeWatches(watch.path, { watcher: watch.watcher, type, local: isLocal })
    } catch (error) {
      watch.stage = this.#zk.state === 'CLOSED' ? 'gone' : 'set'
      if (watch.removals > 0) this.#witness.fault('A6: a removal fails, and the watcher was told of it')
      if (isKeeperException(error, 'NOWATCHER'))
        this.#witness.fault(`A6: nobody knows the watch of ${watch.path} that is set`)
      throw error
    }
    watch.stage = 'gone'
    this.#witness.count('watch removed')
    if (watch.removals !== 1)
      this.#witness.fault(`A6: a watch was removed, and its watcher was told ${watch.removals} times`)
    this.#watches = this.#watches.filter((each) => each !== watch)
  }
}
