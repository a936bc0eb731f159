/** IntSet: a set of small whole numbers that behaves as a Set does, in whatever form it is kept. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IntSet } from '../../src/base/int-set.js'
import { runParameters } from '../property/run-parameters.js'

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

describe('an IntSet', () => {
  it('has the members that a Set has, after any steps', () => {
    const property = fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const set = IntSet.of([], 0)
      const model = new Set([0])
      for (const { does, members } of steps) {
        for (const each of members) {
          const wasThere = model.has(each)
          const isRight = set.has(each) === wasThere && set[does](each) === (wasThere === (does === 'delete'))
          if (!isRight) return false
          model[does](each)
        }
        if (set.size !== model.size || sorted(set.toList()).join() !== sorted(model).join()) return false
      }
      return true
    })
    fc.assert(property, runParameters(100))
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
