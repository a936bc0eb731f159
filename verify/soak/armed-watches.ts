/**
 * ArmedWatches: watches of every kind that clients hold through storms of reconnections, and what each of them heard.
 * Invariant: no two watches are on one path, so that each change concerns one watch.
 */
import type { WatchedEvent, ZooKeeper } from '../../src/index.js'

const KINDS = ['data', 'exist', 'child', 'persistent', 'recursive'] as const
type Kind = (typeof KINDS)[number]

/** A client and how many watches it holds. */
export interface Holder {
  readonly zk: ZooKeeper
  readonly watchCount: number
}

interface ArmedWatch {
  readonly zk: ZooKeeper
  readonly kind: Kind
  readonly path: string
  calls: number
}

/** All watches of a stage. */
export class ArmedWatches {
  readonly #writer: ZooKeeper
  readonly #watches: readonly ArmedWatch[]

  constructor(writer: ZooKeeper, holders: readonly Holder[]) {
    this.#writer = writer
    this.#watches = holders.flatMap(({ zk, watchCount }, holder) =>
      Array.from({ length: watchCount }, (_, i) => {
        const kind = KINDS[i % KINDS.length] ?? 'data'
        return { zk, kind, path: `/armed/h-${holder}-${kind}-${i}`, calls: 0 }
      }),
    )
  }

  /** Creates the znodes that the watches are on. */
  async prepare(): Promise<void> {
    await this.#writer.create('/armed')
    const present = this.#watches.filter(({ kind }) => kind !== 'exist')
    await Promise.all(present.map(({ path }) => this.#writer.create(path)))
  }

  /** Arms every watch anew. */
  async arm(): Promise<void> {
    await Promise.all(this.#watches.map(armOne))
  }

  /** Changes what each watch is on, once. */
  async touchAll(): Promise<void> {
    await Promise.all(
      this.#watches.map(({ kind, path }) => {
        if (kind === 'exist') return this.#writer.create(path)
        return kind === 'child' ? this.#writer.create(`${path}/c`) : this.#writer.setData(path, 'x')
      }),
    )
  }

  /** Makes everything as it was before `arm`; the lasting watches go. */
  async restore(): Promise<void> {
    await Promise.all(
      this.#watches.map(({ zk, kind, path }) => {
        if (kind === 'exist') return this.#writer.delete(path)
        if (kind === 'child') return this.#writer.delete(`${path}/c`)
        return kind === 'data' ? undefined : zk.removeWatches(path)
      }),
    )
  }

  /** Sentences about watches that were not called once. A lasting one hears nothing of what was changed while its client was away. */
  findFaults(wasAway: (zk: ZooKeeper) => boolean): string[] {
    const wrong = this.#watches.filter(({ zk, kind, calls }) => {
      const isDeaf = wasAway(zk) && (kind === 'persistent' || kind === 'recursive')
      return calls !== (isDeaf ? 0 : 1)
    })
    const [first] = wrong
    if (first === undefined) return []
    return [
      `${wrong.length} of ${this.#watches.length} watches were not called as often as they should: the first is a ${first.kind} watch on ${first.path}, called ${first.calls} times`,
    ]
  }
}

async function armOne(watch: ArmedWatch): Promise<void> {
  const { zk, kind, path } = watch
  watch.calls = 0
  const watcher = ({ type }: WatchedEvent): void => {
    if (type !== 'None' && !type.endsWith('WatchRemoved')) watch.calls += 1
  }
  switch (kind) {
    case 'data':
      await zk.getData(path, { watcher })
      break
    case 'exist':
      await zk.exists(path, { watcher })
      break
    case 'child':
      await zk.getChildren(path, { watcher })
      break
    default:
      await zk.addWatch(path, watcher, { recursive: kind === 'recursive' })
  }
}
