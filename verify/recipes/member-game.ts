/**
 * The game of a group. R10: in the end exactly those are members who have joined and not left, with what they say about themselves; who
 * watches is shown only members that there were, is told who joined and left without a hole, and knows the truth in the end.
 */
import { decodeUtf8 } from '../../src/base/platform.js'
import { type GroupMember, GroupMembership, type GroupState } from '../../src/recipes/index.js'
import { ROOT } from './action.js'
import type { Game, GameSurroundings, Wish } from './game.js'
import type { Party } from './party.js'

const PATH = `${ROOT}/group`

interface Watching {
  readonly party: Party
  members: readonly string[]
  isOver: boolean
}

/** One game. */
export class MemberGame implements Game {
  readonly #around: GameSurroundings
  readonly #groups = new Map<Party, GroupMembership>()
  /** What each member that is in says; undefined while it may still say something else. */
  readonly #said = new Map<Party, string | undefined>()
  /** How often each has joined. */
  readonly #stays = new Map<Party, number>()
  /** The ids of those who have said something else while they stayed. */
  readonly #changed = new Set<string>()
  readonly #watching = new Set<Watching>()
  /** All that there ever was: id and data. */
  readonly #seen = new Set<string>()
  readonly #isKazoo: boolean

  constructor(around: GameSurroundings) {
    this.#around = around
    this.#isKazoo = around.setup.layout === 'kazoo'
  }

  welcome(party: Party): void {
    for (const other of this.#groups.keys()) if (other.index === party.index) this.#forget(other)
    const { layout } = this.#around.setup
    this.#groups.set(party, new GroupMembership(party.client, PATH, { layout }))
  }

  wish(party: Party, { wish, n, patience }: Wish): boolean {
    const group = this.#groups.get(party)
    if (group === undefined) return false
    switch (wish) {
      case 'join':
        return this.#join(party, group, n, patience)
      case 'leave':
        return this.#leave(party, group, patience)
      case 'set data':
        return this.#setData(party, group, n, patience)
      case 'watch':
        return this.#watch(party, group)
      case 'list':
        party.begin({
          what: 'list',
          patience,
          work: (options) => group.members(options),
          ended: (outcome) => {
            if (outcome.ended === 'served') this.#checkSeen(party, outcome.value.map(textOf))
          },
        })
        return true
      default:
        return party.abort()
    }
  }

  happened(): void {
    for (const text of this.#there()) this.#seen.add(text)
  }

  look(): void {}

  rested(): void {
    const { fault } = this.#around
    const there = this.#there().sort()
    for (const [party, said] of this.#said) {
      if (said === undefined || party.isOver || party.pending.length > 0) continue
      if (!there.includes(said))
        fault(`R10: ${party.name} is a member as ${said}, and there are ${there.join()}`)
    }
    for (const { party, members, isOver } of this.#watching)
      if (!isOver && this.#lasting(members) !== this.#lasting(there))
        fault(`R10: ${party.name} is shown ${members.join()}, and there are ${there.join()}`)
  }

  isIdle(party: Party): boolean {
    return !this.#said.has(party) && ![...this.#watching].some((each) => each.party === party && !each.isOver)
  }

  victims(): readonly string[] {
    const { truth } = this.#around
    return truth.childrenOf(PATH).map((name) => `${PATH}/${name}`)
  }

  /** Who has joined stays in; who watches goes on. */
  calm(): void {}

  finish(): void {
    const { fault } = this.#around
    const there = this.#there()
    const live = [...this.#said].flatMap(([party, said]) => (party.isOver ? [] : [said]))
    if (!live.includes(undefined) && there.length !== live.length)
      fault(`R10: there are ${there.join()}, and members are ${live.join()}`)
  }

  async close(party: Party): Promise<void> {
    const group = this.#groups.get(party)
    this.#said.delete(party)
    while (party.abort());
    if (group?.isMember === true) await group.leave()
  }

  mayStay(): boolean {
    return false
  }

  #join(party: Party, group: GroupMembership, n: number, patience: Wish['patience']): boolean {
    if (group.isMember) return false
    const id = `m${party.index}`
    const text = this.#isKazoo ? id : `${id}=${n}`
    this.#said.set(party, undefined)
    this.#stays.set(party, (this.#stays.get(party) ?? 0) + 1)
    party.begin({
      what: `join as ${text}`,
      patience,
      work: (options) => group.join(id, this.#isKazoo ? null : String(n), options),
      ended: (outcome) => {
        if (outcome.ended !== 'served') this.#said.delete(party)
        // It may have left, or have said something else, meanwhile.
        else if (group.isMember && this.#said.has(party)) this.#said.set(party, text)
      },
    })
    return true
  }

  #leave(party: Party, group: GroupMembership, patience: Wish['patience']): boolean {
    if (!group.isMember || party.pending.some((what) => what.startsWith('join'))) return false
    this.#said.delete(party)
    party.begin({ what: 'leave', patience, work: (options) => group.leave(options) })
    return true
  }

  #setData(party: Party, group: GroupMembership, n: number, patience: Wish['patience']): boolean {
    if (this.#isKazoo || this.#said.get(party) === undefined) return false
    const text = `m${party.index}=${n}`
    const stay = this.#stays.get(party)
    this.#changed.add(`m${party.index}`)
    this.#said.set(party, undefined)
    party.begin({
      what: `set ${text}`,
      patience,
      work: (options) => group.setData(String(n), options),
      ended: (outcome) => {
        const isSame = this.#said.has(party) && this.#stays.get(party) === stay
        if (outcome.ended === 'served' && isSame) this.#said.set(party, text)
      },
    })
    return true
  }

  #watch(party: Party, group: GroupMembership): boolean {
    const watching: Watching = { party, members: [], isOver: false }
    this.#watching.add(watching)
    party.begin({
      what: 'watch',
      isEndless: true,
      patience: { until: 'abort' },
      work: async ({ signal }) => {
        for await (const state of group.watch({ signal })) this.#show(watching, state)
      },
      ended: () => {
        watching.isOver = true
      },
    })
    return true
  }

  #show(watching: Watching, { members, joined, left }: GroupState): void {
    const { fault, say } = this.#around
    const { party } = watching
    const now = members.map(textOf).sort()
    say(`${party.name} is shown ${now.join()}`)
    this.#checkSeen(party, now)
    const after = without(watching.members, left.map(textOf)).concat(joined.map(textOf)).sort()
    // What a member says may change while it stays; then it is known by its id.
    if (idsOf(after) !== idsOf(now))
      fault(`R10: ${party.name} is shown ${now.join()}, and was told ${after.join()}`)
    watching.members = now
  }

  /** What is said anew by one who stays is no change of the group. */
  #lasting(texts: readonly string[]): string {
    return texts.map((text) => (this.#changed.has(idOf(text)) ? idOf(text) : text)).join()
  }

  #checkSeen(party: Party, texts: readonly string[]): void {
    for (const text of texts)
      if (!this.#seen.has(text)) this.#around.fault(`R10: ${party.name} is shown ${text}, who never was`)
  }

  #there(): string[] {
    const { truth } = this.#around
    return truth.childrenOf(PATH).map((name) => {
      const data = truth.znodes.get(`${PATH}/${name}`)?.data
      const text = decodeUtf8(data ?? new Uint8Array(0))
      return this.#isKazoo ? text : `${name}=${text}`
    })
  }

  #forget(party: Party): void {
    this.#groups.delete(party)
    this.#said.delete(party)
  }
}

function textOf({ id, data }: GroupMember): string {
  const text = decodeUtf8(data ?? new Uint8Array(0))
  return text === id ? id : `${id}=${text}`
}

function without(ones: readonly string[], others: readonly string[]): string[] {
  const left = others.map(idOf)
  // Two can have one id: one whose session is not over yet, and the one that has taken its place.
  return ones.filter((text) => {
    const place = left.indexOf(idOf(text))
    if (place >= 0) left.splice(place, 1)
    return place < 0
  })
}

function idsOf(texts: readonly string[]): string {
  return texts.map(idOf).join()
}

function idOf(text: string): string {
  return text.split('=')[0] ?? ''
}
