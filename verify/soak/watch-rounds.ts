/**
 * WatchRounds: arms every kind of watch on a path by every reading client, and makes each of them fire: the one-shot ones, which
 * are gone by that, the persistent and recursive ones, which are removed. Invariant: each round leaves its path as it found it.
 */
import type { ReadOptions, WatchedEvent, ZooKeeper } from '../../src/index.js'

/** Who takes part. */
export interface WatchCast {
  readonly readers: readonly ZooKeeper[]
  readonly writer: ZooKeeper
}

/** Watches that one client arms on a path in one round. */
export const WATCHES_A_ROUND = 7
/** Of which are standard: each is called exactly once. */
const STANDARD_A_ROUND = 5
/** Persistent and recursive: each is called for one change and for its removal. */
const LASTING_A_ROUND = 2

/** What was armed, and what was heard of it. */
export class WatchRounds {
  readonly #cast: WatchCast
  #rounds = 0
  #standard = 0
  #lasting = 0
  #removals = 0

  constructor(cast: WatchCast) {
    this.#cast = cast
  }

  /** Watches that were armed so far. */
  get armed(): number {
    return this.#rounds * this.#cast.readers.length * WATCHES_A_ROUND
  }

  /** One round on a path that exists and has no children. */
  async run(path: string): Promise<void> {
    const { readers, writer } = this.#cast
    const child = `${path}/c`
    this.#rounds += 1
    await Promise.all(
      readers.flatMap((zk) => [
        zk.getData(path, this.#once()),
        zk.getChildren(path, this.#once()),
        zk.exists(child, this.#once()),
      ]),
    )
    await Promise.all([writer.setData(path, 'x'), writer.create(child)])
    await Promise.all(
      readers.flatMap((zk) => [
        zk.getData(child, this.#once()),
        zk.getChildren(path, this.#once()),
        zk.addWatch(path, this.#heardLasting()),
        zk.addWatch(path, this.#heardLasting(), { recursive: true }),
      ]),
    )
    await writer.delete(child)
    await Promise.all(
      readers.flatMap((zk) => [
        zk.removeWatches(path, { type: 'Persistent' }),
        zk.removeWatches(path, { type: 'PersistentRecursive' }),
      ]),
    )
  }

  /** Sentences about watches that were called too often or too seldom. */
  findFaults(): string[] {
    const watches = this.#rounds * this.#cast.readers.length
    return [
      ...differing('standard watches', this.#standard, watches * STANDARD_A_ROUND),
      ...differing('persistent and recursive watches', this.#lasting, watches * LASTING_A_ROUND),
      ...differing('removed watches', this.#removals, watches * LASTING_A_ROUND),
    ]
  }

  /** A function of its own for each watch, since that is what could stay behind. */
  #once(): ReadOptions {
    return {
      watcher: ({ type }) => {
        if (type !== 'None') this.#standard += 1
      },
    }
  }

  #heardLasting(): (event: WatchedEvent) => void {
    return ({ type }) => {
      if (type === 'PersistentWatchRemoved') this.#removals += 1
      else if (type !== 'None') this.#lasting += 1
    }
  }
}

function differing(what: string, calls: number, expected: number): string[] {
  return calls === expected ? [] : [`${what} were called ${calls} times, not ${expected}`]
}
