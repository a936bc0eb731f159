/**
 * The game of `watchData` and `watchChildren`. R11: each state that is shown was so at the server, in the order in which they were; what
 * was not seen lies in a gap that says so, and the last one shown is the truth.
 */
import { type ChildrenState, type DataState, watchChildren, watchData } from '../../src/recipes/index.js'
import { unlessAborted } from '../../src/recipes/patience.js'
import { ROOT } from './action.js'
import type { Game, GameSurroundings, Wish } from './game.js'
import type { Party } from './party.js'
import { writeSomething } from './tree-writer.js'
import type { Moment } from './truth.js'

const TOP = `${ROOT}/top`
const PATHS = [TOP, `${TOP}/a`, `${TOP}/b`, `${TOP}/c`] as const
const SLOW_MS = 700

interface Following {
  readonly party: Party
  readonly kind: 'data' | 'children'
  readonly path: string
  /** The moment that was shown last. */
  place: number
  isOver: boolean
}

/** One game. */
export class StateGame implements Game {
  readonly #around: GameSurroundings
  readonly #followings = new Set<Following>()

  constructor(around: GameSurroundings) {
    this.#around = around
    around.truth.follow(...PATHS)
  }

  welcome(): void {}

  wish(party: Party, { wish, n }: Wish): boolean {
    if (wish === 'write') {
      void writeSomething(this.#around.admin, PATHS, n)
      return true
    }
    if (wish === 'stop') return party.abort()
    const path = PATHS[n % 2] ?? TOP
    const isSlow = n % 3 === 0
    return wish === 'data' ? this.#followData(party, path, isSlow) : this.#followChildren(party, path, isSlow)
  }

  look(): void {}

  rested(): void {
    for (const { party, kind, path, place, isOver } of this.#followings) {
      const moments = this.#around.truth.momentsOf(path)
      const last = moments.at(-1)
      const shown = moments[place]
      const isTrue = kind === 'data' ? isSameData(shown, last) : isSameChildren(shown, last)
      if (!isOver && !isTrue)
        this.#around.fault(`R11: ${party.name} is not shown the last ${kind} of ${path}, but moment ${place}`)
    }
  }

  isIdle(party: Party): boolean {
    return ![...this.#followings].some((each) => each.party === party && !each.isOver)
  }

  victims(): readonly string[] {
    return []
  }

  calm(): void {}

  finish(): void {}

  async close(party: Party): Promise<void> {
    while (party.abort());
  }

  mayStay(): boolean {
    return true
  }

  #followData(party: Party, path: string, isSlow: boolean): boolean {
    const follow = async (signal: AbortSignal, following: Following): Promise<void> => {
      for await (const state of watchData(party.client, path, { signal })) {
        this.#showData(following, state)
        if (isSlow) await this.#dawdle(signal)
      }
    }
    return this.#begin(party, 'data', path, follow)
  }

  #followChildren(party: Party, path: string, isSlow: boolean): boolean {
    const follow = async (signal: AbortSignal, following: Following): Promise<void> => {
      for await (const state of watchChildren(party.client, path, { signal })) {
        this.#showChildren(following, state)
        if (isSlow) await this.#dawdle(signal)
      }
    }
    return this.#begin(party, 'children', path, follow)
  }

  #begin(
    party: Party,
    kind: Following['kind'],
    path: string,
    follow: (signal: AbortSignal, following: Following) => Promise<void>,
  ): boolean {
    const following: Following = { party, kind, path, place: -1, isOver: false }
    this.#followings.add(following)
    party.begin({
      what: `follow the ${kind} of ${path}`,
      isEndless: true,
      patience: { until: 'abort' },
      work: (options) => follow(signalOf(options), following),
      ended: () => {
        following.isOver = true
      },
    })
    return true
  }

  #showData(following: Following, { data, stat, isGap }: DataState): void {
    const moments = this.#around.truth.momentsOf(following.path)
    const { place } = following
    const next = moments.findIndex(
      ({ znode }, i) =>
        i > place &&
        znode?.stat.mzxid === stat?.mzxid &&
        znode?.stat.czxid === stat?.czxid &&
        String(znode?.data ?? null) === String(data),
    )
    const isNew = (i: number): boolean => !isSameData(moments[i], moments[i - 1])
    const changes = moments.slice(place + 1, next + 1).filter((_, i) => isNew(place + 1 + i)).length
    this.#move(following, {
      next,
      isHole: !isGap && stat !== null && moments[place]?.znode !== undefined && changes > 1,
    })
  }

  #showChildren(following: Following, { children, added, removed, stat, isGap }: ChildrenState): void {
    const moments = this.#around.truth.momentsOf(following.path)
    const { place } = following
    const next = moments.findIndex(
      ({ znode, children: names }, i) =>
        i > place &&
        znode?.stat.czxid === stat?.czxid &&
        znode?.stat.cversion === stat?.cversion &&
        names.join() === children.join(),
    )
    const before = new Set(moments[place]?.children ?? [])
    const told = [...before]
      .filter((name) => !removed.includes(name))
      .concat(added)
      .sort()
    if (told.join() !== children.join())
      this.#around.fault(`R11: ${following.party.name} is shown ${children}, and was told ${told}`)
    this.#move(following, {
      next,
      isHole:
        !isGap && moments[place]?.znode !== undefined && stat !== null && hasBlink(moments, place, next),
    })
  }

  /** What came and went before it was ever seen leaves no trace: only what was there can have a hole after it. */
  #move(following: Following, { next, isHole }: { readonly next: number; readonly isHole: boolean }): void {
    const { party, kind, path, place } = following
    const { fault, say } = this.#around
    say(`${party.name} is shown moment ${next} of the ${kind} of ${path}`)
    if (next < 0)
      fault(`R11: ${party.name} is shown ${kind} of ${path} that never were, after moment ${place}`)
    else if (isHole) fault(`R11: ${party.name} has missed ${kind} of ${path}, and is told of no gap`)
    following.place = Math.max(next, place)
  }

  /** A slow reader. */
  async #dawdle(signal: AbortSignal): Promise<void> {
    const over = new Promise<void>((resolve) => void this.#around.zoo.clock.setTimer(resolve, SLOW_MS))
    if (signal.aborted) return
    await unlessAborted(over, signal).catch(() => undefined)
  }
}

/** Whether a child, or the parent, came or went in between, and was there or not as before in the end. */
function hasBlink(moments: readonly Moment[], from: number, to: number): boolean {
  const seen = moments.slice(from, to + 1)
  const isOther =
    seen[0]?.znode !== undefined && seen.some(({ znode }) => znode?.stat.czxid !== seen[0]?.znode?.stat.czxid)
  const names = new Set(seen.flatMap(({ children }) => children))
  const turns = [...names].some((name) => {
    let changes = 0
    for (let i = 1; i < seen.length; i++)
      if (seen[i]?.children.includes(name) !== seen[i - 1]?.children.includes(name)) changes += 1
    return changes > 1
  })
  return isOther || turns
}

function isSameData(a: Moment | undefined, b: Moment | undefined): boolean {
  return a?.znode?.stat.mzxid === b?.znode?.stat.mzxid && a?.znode?.stat.czxid === b?.znode?.stat.czxid
}

function isSameChildren(a: Moment | undefined, b: Moment | undefined): boolean {
  return a?.znode?.stat.czxid === b?.znode?.stat.czxid && a?.znode?.stat.cversion === b?.znode?.stat.cversion
}

function signalOf(options: { readonly signal?: unknown }): AbortSignal {
  if (options.signal instanceof AbortSignal) return options.signal
  throw new Error('This call has no signal')
}
