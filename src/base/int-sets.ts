/**
 * IntSets: sets of small whole numbers, one for each small whole number, in as little room as they need. Nearly every set of a large
 * table has one member, which stands in the table itself; a few stand in a list; more are an IntSet. An empty set costs nothing.
 */
import { IntSet } from './int-set.js'

/** As many as the engine makes room for when a list of two grows. */
const LONGEST_LIST = 16

/** The members of one set. */
export type IntMembers = undefined | number | readonly number[] | IntSet

/** Calls back with each member. The set must not change meanwhile. */
export function forEachMember(members: IntMembers, visit: (member: number) => void): void {
  if (members === undefined) return
  if (typeof members === 'number') visit(members)
  else members.forEach(visit)
}

/** How many members there are. */
export function countMembers(members: IntMembers): number {
  if (members === undefined) return 0
  if (typeof members === 'number') return 1
  return members instanceof IntSet ? members.size : members.length
}

/** Whether it is one of them. */
export function hasMember(members: IntMembers, member: number): boolean {
  if (members === undefined) return false
  if (typeof members === 'number') return members === member
  return members instanceof IntSet ? members.has(member) : members.includes(member)
}

/** Sets by number. Keys and members are whole numbers from 0, and cost room up to the largest key. */
export class IntSets {
  readonly #sets: (undefined | number | number[] | IntSet)[] = []

  /** False if it was a member already. */
  add(key: number, member: number): boolean {
    const sets = this.#sets
    // Most keys are given out one after the other.
    if (key === sets.length) {
      sets.push(member)
      return true
    }
    while (sets.length <= key) sets.push(undefined)
    const members = sets[key]
    if (members === undefined) sets[key] = member
    else if (typeof members === 'number') {
      if (members === member) return false
      sets[key] = [members, member]
    } else if (members instanceof IntSet) return members.add(member)
    else {
      if (members.includes(member)) return false
      if (members.length < LONGEST_LIST) members.push(member)
      else sets[key] = IntSet.of(members, member)
    }
    return true
  }

  /** False if it was no member. */
  delete(key: number, member: number): boolean {
    const members = this.#sets[key]
    if (members === undefined) return false
    if (typeof members === 'number') {
      if (members !== member) return false
      this.#sets[key] = undefined
      return true
    }
    if (members instanceof IntSet) {
      const isGone = members.delete(member)
      if (members.size === LONGEST_LIST >> 1) this.#sets[key] = members.toList()
      return isGone
    }
    return this.#deleteFromList(key, members, member)
  }

  has(key: number, member: number): boolean {
    return hasMember(this.#sets[key], member)
  }

  /** The members of a set, as they are now: a later change may or may not show. */
  get(key: number): IntMembers {
    return this.#sets[key]
  }

  /** Takes a whole set out, and leaves it empty. */
  take(key: number): IntMembers {
    const members = this.#sets[key]
    if (members !== undefined) this.#sets[key] = undefined
    return members
  }

  #deleteFromList(key: number, members: number[], member: number): boolean {
    const at = members.indexOf(member)
    if (at < 0) return false
    members.splice(at, 1)
    if (members.length === 1) this.#sets[key] = members[0]
    return true
  }
}
