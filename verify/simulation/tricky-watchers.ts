/**
 * Tricky watchers: one-shot watchers that throw, reject, set their watch again at once, or close their client. A1, no call
 * without a read that has succeeded since the last one: two reads that have left the same watch are good for one call; A3, a watch that is set during an event does not hear of that
 * event, and what one watcher throws is told to whom it concerns and stops nobody.
 */
import type { WatchedEvent, Watcher, ZooKeeper } from '../../src/index.js'
import type { Witness } from './witness.js'

/** What a watcher does when it is called. */
export type Trick = 'nothing' | 'throw' | 'reject' | 're-arm' | 'close'

/** More than these and a run is about nothing else. */
const MAX_REARMINGS = 3

/** As much of a client as tricky watchers need. */
export interface TrickyClient extends Pick<ZooKeeper, 'close'> {
  exists(path: string, options: { readonly watcher: Watcher }): Promise<unknown>
  getData(path: string, options: { readonly watcher: Watcher }): Promise<unknown>
  on(name: 'watcherError', listener: (error: unknown) => void): unknown
}

/** All of a party. */
export class TrickyWatchers {
  readonly #zk: TrickyClient
  readonly #witness: Witness
  readonly #thrown: string[] = []
  readonly #surfaced: string[] = []
  #numbers = 0

  constructor(zk: TrickyClient, witness: Witness) {
    this.#zk = zk
    this.#witness = witness
    zk.on('watcherError', (error) => this.#surfaced.push(String(error)))
  }

  /** Leaves a watch of this kind with two reads, of which one may fail. */
  async arm(path: string, trick: Trick): Promise<void> {
    const watcher = this.#watcher(path, trick)
    const reads = [
      watcher.armed(() => this.#zk.exists(path, { watcher: watcher.call })),
      watcher.armed(() => this.#zk.getData(path, { watcher: watcher.call })),
    ]
    for (const { status, ...rest } of await Promise.allSettled(reads))
      if (status === 'rejected' && 'reason' in rest) throw rest.reason
  }

  /** A3: everything that was thrown has come out, and nothing else. */
  checkDelivered(): void {
    const [thrown, surfaced] = [this.#thrown.toSorted().join(), this.#surfaced.toSorted().join()]
    if (thrown !== surfaced) this.#witness.fault(`A3: watchers threw ${thrown}, and told was ${surfaced}`)
    this.#thrown.length = 0
    this.#surfaced.length = 0
  }

  #watcher(
    path: string,
    trick: Trick,
  ): { call: (event: WatchedEvent) => unknown; armed: (read: () => Promise<unknown>) => Promise<unknown> } {
    let [isArmed, rearmings] = [false, 0]
    let last: WatchedEvent | undefined
    const armed = async (read: () => Promise<unknown>): Promise<unknown> => {
      const found = await read()
      isArmed = true
      return found
    }
    const call = (event: WatchedEvent): unknown => {
      if (event.type === 'None') return undefined
      this.#witness.called(`a watcher (${trick}) ${event.type} ${event.path}`)
      if (!isArmed)
        this.#witness.fault(
          `A1: ${event.type} ${event.path} for a watcher that no read has left since its last call`,
        )
      isArmed = false
      if (event === last) this.#witness.fault(`A3: a watcher is called twice for ${event.type} ${event.path}`)
      if (event.path !== path) this.#witness.fault(`A7: ${event.path} for a watcher of ${path}`)
      last = event
      if (trick !== 're-arm') return this.#play(trick)
      if (rearmings++ >= MAX_REARMINGS) return undefined
      return armed(() => this.#zk.exists(path, { watcher: call })).catch(
        () => 'it was asked for all the same',
      )
    }
    return { call, armed }
  }

  #play(trick: Trick): unknown {
    if (trick === 'nothing') return undefined
    this.#witness.count(`watcher: ${trick}`)
    if (trick === 'close') return this.#zk.close().then(() => this.#witness.closed())
    const error = new Error(`trick ${++this.#numbers} of ${this.#witness.name}`)
    this.#thrown.push(String(error))
    if (trick === 'reject') return Promise.reject(error)
    throw error
  }
}
