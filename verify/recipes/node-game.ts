/**
 * The game of persistent nodes, all of which want one of few paths. R10: in the end each path that somebody keeps is there, is owned by
 * one of its keepers and says what that wants; `isPresent` is true of that one alone.
 */
import { decodeUtf8 } from '../../src/base/platform.js'
import { PersistentNode } from '../../src/recipes/index.js'
import { ROOT } from './action.js'
import type { Game, GameSurroundings, Wish } from './game.js'
import type { Party } from './party.js'

const PATHS = [`${ROOT}/nodes/a`, `${ROOT}/nodes/b`] as const

interface Keeping {
  readonly node: PersistentNode
  /** What was set last: also by who gave up setting it. */
  data: string
  /** Whether a call to set it has failed. */
  isUnsure: boolean
  isLost: boolean
}

/** One game. */
export class NodeGame implements Game {
  readonly #around: GameSurroundings
  readonly #keepings = new Map<Party, Keeping[]>()
  #hasDeleted = false

  constructor(around: GameSurroundings) {
    this.#around = around
  }

  welcome(party: Party): void {
    for (const other of this.#keepings.keys()) if (other.index === party.index) this.#keepings.delete(other)
    this.#keepings.set(party, [])
  }

  wish(party: Party, { wish, n, patience }: Wish): boolean {
    const keepings = this.#keepings.get(party) ?? []
    const keeping = keepings[n % Math.max(keepings.length, 1)]
    if (wish === 'keep') return this.#keep(party, keepings, n, patience)
    if (keeping === undefined || keeping.isLost) return false
    if (wish === 'set data') return this.#setData(party, keeping, n, patience)
    keepings.splice(keepings.indexOf(keeping), 1)
    party.begin({
      what: `drop ${keeping.node.path}`,
      patience,
      work: (options) => keeping.node.close(options),
    })
    return true
  }

  look(): void {}

  rested(): void {
    const { truth, fault } = this.#around
    for (const [party, keepings] of this.#keepings)
      for (const { node, data, isUnsure, isLost } of keepings) {
        if (isLost || party.isOver) continue
        const znode = truth.znodes.get(node.path)
        if (znode === undefined) {
          fault(`R10: ${party.name} keeps ${node.path}, which is not there`)
          continue
        }
        const isOwner = znode.stat.ephemeralOwner === party.zk.sessionId
        if (node.isPresent !== isOwner)
          fault(`R10: ${party.name} is told ${node.isPresent} of ${node.path}, and that is ${isOwner}`)
        const text = decodeUtf8(znode.data ?? new Uint8Array(0))
        // Until one hears that its znode was deleted, it may write into that of the next one.
        if (isOwner && !this.#hasDeleted && !isUnsure && text !== data)
          fault(`R10: ${node.path} of ${party.name} says ${text}, not ${data}`)
      }
  }

  isIdle(party: Party): boolean {
    return (this.#keepings.get(party) ?? []).length === 0
  }

  victims(): readonly string[] {
    this.#hasDeleted = true
    return PATHS.filter((path) => this.#around.truth.znodes.has(path))
  }

  calm(): void {}

  finish(): void {}

  async close(party: Party): Promise<void> {
    const keepings = this.#keepings.get(party) ?? []
    this.#keepings.set(party, [])
    await Promise.all(keepings.map(({ node }) => node.close()))
  }

  mayStay(): boolean {
    return false
  }

  #keep(party: Party, keepings: Keeping[], n: number, patience: Wish['patience']): boolean {
    const path = PATHS[n % 2] ?? PATHS[0]
    if (keepings.some(({ node }) => node.path === path)) return false
    const node = new PersistentNode(party.client, path, String(n), { takesOver: n % 3 === 0 })
    const keeping: Keeping = { node, data: String(n), isUnsure: false, isLost: false }
    keepings.push(keeping)
    node.on('created', () => this.#around.say(`${party.name} has created ${path}`))
    node.on('lost', (error) => {
      keeping.isLost = true
      if (!party.isOver) this.#around.fault(`R10: ${party.name} keeps ${path}, and has lost it: ${error}`)
    })
    void patience
    return true
  }

  #setData(party: Party, keeping: Keeping, n: number, patience: Wish['patience']): boolean {
    keeping.data = String(n)
    party.begin({
      what: `set ${keeping.node.path} to ${n}`,
      patience,
      work: (options) => keeping.node.setData(String(n), options),
      ended: (outcome) => {
        if (outcome.ended === 'failed') keeping.isUnsure = true
      },
    })
    return true
  }
}
