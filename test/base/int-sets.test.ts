/** Sets of small numbers, against plain ones, in every form that they take. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { countMembers, forEachMember, type IntMembers, IntSets } from '../../src/base/int-sets.js'
import { runParameters, timeLimitMs } from '../property/run-parameters.js'

const parameters = runParameters(300)
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
      if (kind === 'add')
        expect(sets.add(key, member)).toBe(!set.has(member) && set.add(member) !== undefined)
      else if (kind === 'delete') expect(sets.delete(key, member)).toBe(set.delete(member))
      else if (kind === 'has') expect(sets.has(key, member)).toBe(set.has(member))
      else if (member % 16 === 0) {
        expect(listOf(sets.take(key))).toEqual(sorted(set))
        set.clear()
      }
      expect(countMembers(sets.get(key))).toBe(set.size)
    }
    expect([0, 1, 2, 3].map((key) => listOf(sets.get(key)))).toEqual(plain.map(sorted))
  })

  fc.assert(property, parameters)
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
