/** IntSet and IntSets: sets of small whole numbers that behave as sets do, in whatever form they are kept. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IntSet } from '../../src/base/int-set.js'
import { countMembers, forEachMember, hasMember, type IntMembers, IntSets } from '../../src/base/int-sets.js'

interface Step {
  readonly does: 'add' | 'delete'
  readonly members: readonly number[]
}

/** Close together, far apart, and both: what makes a bitmap, a table, or one of the other. */
const member = fc.oneof(
  fc.nat({ max: 40 }),
  fc.nat({ max: 3_000 }),
  fc.nat({ max: 2 ** 31 - 1 }),
  fc.nat({ max: 60 }).map((i) => i * 65_536),
)
const step: fc.Arbitrary<Step> = fc.record({
  does: fc.constantFrom('add', 'add', 'delete'),
  members: fc.oneof(
    fc.array(member, { maxLength: 40 }),
    fc.tuple(fc.nat({ max: 500 }), fc.nat({ max: 700 })).map(([from, count]) => rangeOf(from, count)),
  ),
})

function rangeOf(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => from + i)
}

function sorted(members: Iterable<number>): number[] {
  return [...members].sort((a, b) => a - b)
}

function listOf(members: IntMembers): number[] {
  const list: number[] = []
  forEachMember(members, (each) => void list.push(each))
  return sorted(list)
}

describe('an IntSet', () => {
  it('has the members that a Set has, after any steps', () => {
    const property = fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const set = IntSet.of([], 0)
      const model = new Set([0])
      for (const { does, members } of steps) {
        for (const each of members) {
          const isNew = !model.has(each)
          expect(set.has(each)).toBe(!isNew)
          expect(set[does](each)).toBe(does === 'add' ? isNew : !isNew)
          model[does](each)
        }
        expect([set.size, sorted(set.toList())]).toEqual([model.size, sorted(model)])
      }
    })
    fc.assert(property, { numRuns: 150 })
  })

  it('takes a bit for each of many neighbours, and gives room back when they go', () => {
    const set = IntSet.of([], 0)
    for (const each of rangeOf(1, 999_999)) set.add(each)
    const dense = set.bytes
    for (const each of rangeOf(100, 999_900)) set.delete(each)

    expect([set.size, dense < 200_000, set.bytes <= 2_048]).toEqual([100, true, true])
  })

  it('takes a few bytes for each of many that are far apart', () => {
    const set = IntSet.of([], 0)
    for (const each of rangeOf(1, 10_000)) set.add(each * 10_007)

    expect(set.bytes).toBeLessThanOrEqual(10_000 * 8)
  })
})

describe('sets of ints', () => {
  it('have the members that Sets by number have, after any steps', () => {
    const steps = fc.array(fc.tuple(fc.nat({ max: 3 }), step), { maxLength: 15 })
    const property = fc.property(steps, (all) => {
      const sets = new IntSets()
      const models = rangeOf(0, 4).map(() => new Set<number>())
      for (const [key, { does, members }] of all) {
        const model = models[key] ?? new Set()
        for (const each of members) {
          const isNew = !model.has(each)
          expect(sets.has(key, each)).toBe(!isNew)
          expect(sets[does](key, each)).toBe(does === 'add' ? isNew : !isNew)
          model[does](each)
          expect(countMembers(sets.get(key))).toBe(model.size)
        }
        expect(models.map((_, i) => listOf(sets.get(i)))).toEqual(models.map(sorted))
      }
    })
    fc.assert(property, { numRuns: 150 })
  })

  it('keep a single member as it is, a few in a list, and more in a set of ints', () => {
    const sets = new IntSets()
    const kinds = rangeOf(0, 10).map((each) => {
      sets.add(0, each)
      const members = sets.get(0)
      return members instanceof IntSet ? 'set' : typeof members
    })

    expect(kinds).toEqual(['number', ...Array(7).fill('object'), 'set', 'set'])
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
