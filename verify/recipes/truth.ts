/**
 * Truth: what is so at the server at every moment: its znodes after each transaction, and how often the connection of each session
 * broke. What recipes say is compared with this.
 */
import type { EmbeddedZooKeeper, ZnodeReport } from '../../src/index.js'
import { ROOT } from './action.js'

/** The state of one znode from some moment on; undefined while there is none. */
export interface Moment {
  readonly zxid: number
  readonly znode: ZnodeReport | undefined
  /** The names of its children, in their order. */
  readonly children: readonly string[]
}

/** The server, as it is and as it was. */
export class Truth {
  readonly #zoo: EmbeddedZooKeeper
  readonly #breaks = new Map<bigint, number>()
  readonly #moments = new Map<string, Moment[]>()
  readonly #followed = new Set<string>()
  #znodes: ReadonlyMap<string, ZnodeReport> | undefined

  /** `happened` is called after each transaction. */
  constructor(zoo: EmbeddedZooKeeper, happened: () => void) {
    this.#zoo = zoo
    zoo.inspect((event) => {
      if (event.kind === 'disconnected' || event.kind === 'sessionExpired' || event.kind === 'sessionClosed')
        this.#breaks.set(event.sessionId, this.breaksOf(event.sessionId) + 1)
      if (event.kind !== 'txn') return
      this.#znodes = undefined
      for (const path of this.#followed) this.#remember(path, event.zxid)
      happened()
    })
  }

  /** Whether no connection was ever lost, and no session has ended. */
  get isUnbroken(): boolean {
    return this.#breaks.size === 0
  }

  /** All znodes of recipes by path. */
  get znodes(): ReadonlyMap<string, ZnodeReport> {
    this.#znodes ??= new Map(
      this.#zoo.reports
        .znodes()
        .filter(({ path }) => path.startsWith(ROOT))
        .map((znode) => [znode.path, znode]),
    )
    return this.#znodes
  }

  /** How often the server has lost the connection of a session, its end included. */
  breaksOf(sessionId: bigint): number {
    return this.#breaks.get(sessionId) ?? 0
  }

  /** Remembers the states of these paths from now on. */
  follow(...paths: readonly string[]): void {
    for (const path of paths) {
      this.#followed.add(path)
      this.#remember(path, 0)
    }
  }

  /** All states of a followed path, the first one first; two that follow each other differ in the Stat. */
  momentsOf(path: string): readonly Moment[] {
    return this.#moments.get(path) ?? []
  }

  /** The names of a znode's children, in the order of their code units. */
  childrenOf(path: string): string[] {
    const below = `${path}/`
    const names: string[] = []
    for (const other of this.znodes.keys())
      if (other.startsWith(below) && !other.includes('/', below.length)) names.push(other.slice(below.length))
    return names.sort()
  }

  #remember(path: string, zxid: number): void {
    const moments = this.#moments.get(path) ?? []
    this.#moments.set(path, moments)
    const znode = this.znodes.get(path)
    const last = moments.at(-1)
    if (last !== undefined && isSame(last.znode, znode)) return
    moments.push({ zxid, znode, children: this.childrenOf(path) })
  }
}

function isSame(a: ZnodeReport | undefined, b: ZnodeReport | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return a.stat.czxid === b.stat.czxid && a.stat.mzxid === b.stat.mzxid && a.stat.cversion === b.stat.cversion
}
