/** Sets of small numbers, against plain ones, in every form that they take. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { IntSet } from '../../src/base/int-set.js'
import { countMembers, forEachMember, hasMember, type IntMembers, IntSets } from '../../src/base/int-sets.js'
import { runParameters, timeLimitMs } from '../property/run-parameters.js'

const parameters = runParameters(100)
const timeout = timeLimitMs(parameters)

/** Members that lie close together, far apart, or both. */
const members = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 40 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 3000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 2 ** 31 - 1 }) },
)
const step = fc.record({
  key: fc.integer({ min: 0, max: 3 }),
  member: members,
  kind: fc.constantFrom('add', 'add', 'add', 'delete', 'has', 'take'),
})

test('do what plain sets do', { timeout }, () => {
  const property = fc.property(fc.array(step, { maxLength: 400, size: 'max' }), (steps) => {
    const sets = new IntSets()
    const plain = Array.from({ length: 4 }, () => new Set<number>())
    for (const { key, member, kind } of steps) {
      const set = plain[key] ?? new Set()
      const wasThere = set.has(member)
      let isRight = true
      if (kind === 'add') {
        isRight = sets.add(key, member) === !wasThere
        set.add(member)
      } else if (kind === 'delete') isRight = sets.delete(key, member) === set.delete(member)
      else if (kind === 'has') isRight = sets.has(key, member) === wasThere
      else if (member % 16 === 0) {
        isRight = listOf(sets.take(key)).join() === sorted(set).join()
        set.clear()
      }
      if (!isRight || countMembers(sets.get(key)) !== set.size) return false
    }
    expect([0, 1, 2, 3].map((key) => listOf(sets.get(key)))).toEqual(plain.map(sorted))
    return true
  })

  fc.assert(property, parameters)
})

describe('sets', () => {
  it('keep a single member as it is, a few in a list, and more in a set of ints', () => {
    const sets = new IntSets()
    const kinds = Array.from({ length: 18 }, (_, each) => {
      sets.add(0, each)
      const members = sets.get(0)
      return members instanceof IntSet ? 'set' : typeof members
    })

    expect(kinds).toEqual(['number', ...Array(15).fill('object'), 'set', 'set'])
  })

  it('give a whole set away, and are left with none', () => {
    const sets = new IntSets()
    for (const each of [3, 1, 2]) sets.add(5, each)

    const taken = sets.take(5)

    expect([listOf(taken), sets.get(5), sets.take(5), sets.take(99)]).toEqual([
      [1, 2, 3],
      undefined,
      undefined,
      undefined,
    ])
  })

  it('know nothing of keys and members that were never there', () => {
    const sets = new IntSets()
    sets.add(1, 7)

    expect([sets.delete(0, 7), sets.delete(1, 8), sets.delete(9, 7), sets.has(9, 7)]).toEqual(
      Array(4).fill(false),
    )
    expect([hasMember(undefined, 0), countMembers(undefined)]).toEqual([false, 0])
  })
})

describe('a set', () => {
  it.each([
    ['close together', 1],
    ['far apart', 99_991],
  ])('of many %s grows and shrinks again, and loses nobody', (_what, distance) => {
    const sets = new IntSets()
    const all = Array.from({ length: 5000 }, (_, i) => i * distance)

    const added = all.filter((member) => sets.add(0, member)).length
    const again = all.filter((member) => sets.add(0, member)).length
    const kept = all.filter((_, i) => i % 100 === 0)
    const removed = all.filter((_, i) => i % 100 !== 0).filter((member) => sets.delete(0, member)).length

    expect([added, again, removed]).toEqual([5000, 0, 4950])
    expect(listOf(sets.get(0))).toEqual(kept)
    expect(kept.every((member) => sets.delete(0, member))).toBe(true)
    expect(sets.get(0)).toBeUndefined()
  })

  it('of many close together may get one that lies far away', () => {
    const sets = new IntSets()
    for (let member = 0; member < 1000; member++) sets.add(0, member)

    sets.add(0, 2 ** 31 - 1)

    expect(countMembers(sets.get(0))).toBe(1001)
    expect([999, 1000, 2 ** 31 - 1].map((member) => sets.has(0, member))).toEqual([true, false, true])
  })
})

function listOf(found: IntMembers): number[] {
  const list: number[] = []
  forEachMember(found, (member) => list.push(member))
  return list.sort((a, b) => a - b)
}

function sorted(set: ReadonlySet<number>): number[] {
  return [...set].sort((a, b) => a - b)
}
