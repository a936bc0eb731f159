/**
 * Journal: what a client of this library tells its user, in the order in which the user gets it: watchers that are called, promises
 * that settle. Each watch has a watcher of its own, by number; number 0 is the default watcher.
 */
import { isKeeperException, type Stat, type WatchedEvent, type ZooKeeper } from '../../src/index.js'
import { type Look, zxidOf } from '../look.js'

/** A read that has left a watch, and the zxid of what it has seen: that of the last change of this kind, 0 for a missing znode. */
export interface Seen {
  readonly look: Look
  readonly path: string
  readonly zxid: number
  /** The watcher that it has left. */
  readonly watcher: number | undefined
}

/** One thing that the user was told. */
export type Entry =
  | { readonly kind: 'state'; readonly watcher: number; readonly state: WatchedEvent['state'] }
  | {
      readonly kind: 'event'
      readonly watcher: number
      readonly type: WatchedEvent['type']
      readonly path: string
      readonly zxid: number
    }
  | { readonly kind: 'answer'; readonly op: string; readonly code: string; readonly seen: Seen | undefined }

/** What stands in a journal. */
export interface Journalled {
  readonly name: string
  /** The one session that the client had. */
  readonly sessionId: bigint
  /** Calls that have not been answered. */
  readonly pending: number
  readonly entries: readonly Entry[]
}

/** One client's. */
export class Journal implements Journalled {
  readonly name: string
  readonly entries: Entry[] = []
  #sessionId = 0n
  #pending = 0
  #watchers = 0

  constructor(name: string) {
    this.name = name
  }

  /** The one session that the client had. */
  get sessionId(): bigint {
    return this.#sessionId
  }

  /** Calls that have not been answered. */
  get pending(): number {
    return this.#pending
  }

  /** The client has its session. */
  began({ sessionId }: Pick<ZooKeeper, 'sessionId'>): void {
    this.#sessionId = sessionId
  }

  /** A watcher that nobody else has; `react` is called with each event about a znode. */
  watcher(react: () => void = () => undefined): {
    readonly number: number
    readonly call: (event: WatchedEvent) => void
  } {
    const number = ++this.#watchers
    return {
      number,
      call: (event) => {
        this.told(number, event)
        if (event.type !== 'None') react()
      },
    }
  }

  /** A watcher is called. */
  told(watcher: number, { type, state, path, zxid }: WatchedEvent): void {
    if (type === 'None' || path === null) this.entries.push({ kind: 'state', watcher, state })
    else this.entries.push({ kind: 'event', watcher, type, path, zxid: Number(zxid) })
  }

  /** A call that changes something, or only waits. Resolves with true if it went well. */
  async called(op: string, call: Promise<unknown>): Promise<boolean> {
    return (await this.#settled(op, call, () => undefined)) === 'OK'
  }

  /** A read, which may leave a watch. */
  async looked(
    what: Omit<Seen, 'zxid'>,
    call: Promise<Stat | null | { readonly stat: Stat }>,
  ): Promise<void> {
    await this.#settled(what.look, call, (value) => {
      const stat = value !== null && 'stat' in value ? value.stat : value
      return { ...what, zxid: Number(zxidOf(what.look, stat)) }
    })
  }

  #settled<T>(op: string, call: Promise<T>, seenIn: (value: T) => Seen | undefined): Promise<string> {
    this.#pending += 1
    const answered = (code: string, seen: Seen | undefined): string => {
      this.#pending -= 1
      this.entries.push({ kind: 'answer', op, code, seen })
      return code
    }
    return call.then(
      (value) => answered(value === null ? 'NONODE' : 'OK', seenIn(value)),
      (error: unknown) => answered(isKeeperException(error) ? error.code : String(error), undefined),
    )
  }
}
