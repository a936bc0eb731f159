/**
 * The game of tree caches. R12: a cache shows of each znode only what was so, in the order in which it was, and tells each change that it
 * shows; when all is at rest it is the tree: paths, data, Stats.
 */

import type { ZnodeReport } from '../../src/index.js'
import { TreeCache, type TreeChange } from '../../src/recipes/index.js'
import { ROOT } from './action.js'
import type { Game, GameSurroundings, Wish } from './game.js'
import type { Party } from './party.js'
import { writeSomething } from './tree-writer.js'

const TOP = `${ROOT}/top`
const PATHS = [TOP, `${TOP}/a`, `${TOP}/b`, `${TOP}/a/x`, `${TOP}/a/y`] as const

interface Open {
  readonly party: Party
  readonly cache: TreeCache
  readonly places: Map<string, number>
  isReady: boolean
}

/** One game. */
export class TreeGame implements Game {
  readonly #around: GameSurroundings
  readonly #open = new Set<Open>()

  constructor(around: GameSurroundings) {
    this.#around = around
    around.truth.follow(...PATHS)
  }

  welcome(party: Party): void {
    for (const each of this.#open) if (each.party.index === party.index) this.#open.delete(each)
  }

  wish(party: Party, { wish, n, patience }: Wish): boolean {
    if (wish === 'write') {
      void writeSomething(this.#around.admin, PATHS, n)
      return true
    }
    if (wish === 'open') return this.#openOne(party)
    const mine = [...this.#open].find((each) => each.party === party)
    if (mine === undefined) return false
    this.#open.delete(mine)
    void patience
    party.begin({ what: 'close', patience: { until: 'served' }, work: () => mine.cache.close() })
    return true
  }

  look(): void {}

  rested(): void {
    const { truth, fault } = this.#around
    for (const { party, cache, isReady } of this.#open) {
      if (party.isOver) continue
      if (!isReady) fault(`R12: the cache of ${party.name} is never ready`)
      const real = [...truth.znodes.values()].filter(({ path }) => path === TOP || path.startsWith(`${TOP}/`))
      const shown = [...cache.paths()].flatMap((path) => cache.get(path) ?? [])
      const [is, should] = [linesOf(shown), linesOf(real)]
      if (is !== should) fault(`R12: the cache of ${party.name} shows ${is}, and there is ${should}`)
      for (const path of PATHS)
        if (cache.children(path).join() !== truth.childrenOf(path).join())
          fault(`R12: the cache of ${party.name} has children ${cache.children(path)} of ${path}`)
    }
  }

  isIdle(party: Party): boolean {
    return ![...this.#open].some((each) => each.party === party)
  }

  victims(): readonly string[] {
    return []
  }

  calm(): void {}

  finish(): void {}

  async close(party: Party): Promise<void> {
    for (const each of this.#open)
      if (each.party === party) {
        this.#open.delete(each)
        await each.cache.close()
      }
  }

  mayStay(): boolean {
    return true
  }

  #openOne(party: Party): boolean {
    const cache = new TreeCache(party.client, TOP)
    const open: Open = { party, cache, places: new Map(), isReady: false }
    this.#open.add(open)
    cache.on('change', (change) => this.#change(open, change))
    cache.on('lost', (error) => {
      if (!party.isOver) this.#around.fault(`R12: the cache of ${party.name} is lost: ${error}`)
    })
    cache.ready.then(
      () => {
        open.isReady = true
      },
      () => undefined,
    )
    return true
  }

  #change({ party, places }: Open, { type, path, now, before }: TreeChange): void {
    const { truth, fault, say } = this.#around
    say(`${party.name} is told ${type} ${path}`)
    const moments = truth.momentsOf(path)
    const place = places.get(path) ?? -1
    const next = moments.findIndex(
      ({ znode }, i) =>
        i > place && znode?.stat.mzxid === now?.stat.mzxid && znode?.stat.czxid === now?.stat.czxid,
    )
    if (next < 0) fault(`R12: ${party.name} is told ${type} ${path}, which never was after moment ${place}`)
    const isRight =
      type === 'added' ? before === undefined : type === 'removed' ? now === undefined : before !== undefined
    if (!isRight) fault(`R12: ${party.name} is told ${type} ${path}, and that is not what it was before`)
    places.set(path, next)
  }
}

function linesOf(znodes: readonly Pick<ZnodeReport, 'path' | 'data' | 'stat'>[]): string {
  return znodes
    .map(({ path, data, stat }) => {
      const { czxid, mzxid, pzxid, version, cversion, numChildren, dataLength } = stat
      return [path, data, czxid, mzxid, pzxid, version, cversion, numChildren, dataLength].join(' ')
    })
    .sort()
    .join('; ')
}
