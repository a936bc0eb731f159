/** IntColumns: who is told only that something is gone still knows, when asked, what is left. Against plain sets, in every form. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { IntColumns } from '../../src/base/int-columns.js'
import { forEachMember, IntSets } from '../../src/base/int-sets.js'
import { runParameters, timeLimitMs } from '../property/run-parameters.js'

const parameters = runParameters(100)
const timeout = timeLimitMs(parameters)

/** Sets and columns in step, as a table of watches has them. */
class Pairs {
  readonly sets = new IntSets()
  readonly columns = new IntColumns(this.sets)

  add(key: number, member: number): void {
    if (this.sets.add(key, member)) this.columns.add(key, member)
  }

  delete(key: number, member: number): void {
    if (this.sets.delete(key, member)) this.columns.drop(member)
  }

  take(key: number): void {
    forEachMember(this.sets.take(key), (member) => this.columns.drop(member))
  }

  forget(member: number): void {
    for (const key of this.columns.keys(member)) this.sets.delete(key, member)
    this.columns.forget(member)
  }

  keys(member: number): number[] {
    return this.columns.keys(member).sort((a, b) => a - b)
  }
}

function rangeOf(from: number, count: number, distance = 1): number[] {
  return Array.from({ length: count }, (_, i) => from + i * distance)
}

/** Close together, far apart, and both. A key is a place in a list, so none is very large. */
const keys = fc.oneof(
  fc.array(fc.nat({ max: 40 }), { maxLength: 40 }),
  fc.array(fc.nat({ max: 20_000 }), { maxLength: 60 }),
  fc
    .tuple(fc.nat({ max: 300 }), fc.nat({ max: 200 }), fc.constantFrom(1, 3, 97))
    .map((range) => rangeOf(...range)),
)
const step = fc.record({
  does: fc.constantFrom('add', 'add', 'add', 'delete', 'take', 'forget'),
  member: fc.nat({ max: 3 }),
  keys,
})

test('know what plain sets know', { timeout }, () => {
  const property = fc.property(fc.array(step, { maxLength: 30, size: 'max' }), (steps) => {
    const pairs = new Pairs()
    const plain = rangeOf(0, 4).map(() => new Set<number>())
    for (const { does, member, keys } of steps) {
      const set = plain[member] ?? new Set()
      if (does === 'forget') {
        pairs.forget(member)
        set.clear()
      } else
        for (const key of keys) {
          if (does === 'take') for (const each of plain) each.delete(key)
          else set[does](key)
          pairs[does](key, member)
        }
      const areRight = plain.every((each, other) => pairs.columns.count(other) === each.size)
      if (!areRight || pairs.keys(member).join() !== [...set].sort((a, b) => a - b).join()) return false
    }
    expect(rangeOf(0, 4).map((member) => pairs.keys(member))).toEqual(
      plain.map((set) => [...set].sort((a, b) => a - b)),
    )
    return true
  })

  fc.assert(property, parameters)
})

describe('the columns of sets', () => {
  it.each([
    ['close together', 1],
    ['far apart', 1_009],
  ])('do not grow while keys %s come and go', (_what, distance) => {
    const pairs = new Pairs()
    const all = rangeOf(7, 100, distance)
    for (const key of all) pairs.add(key, 5)

    for (const _ of rangeOf(0, 100))
      for (const key of all) {
        pairs.take(key)
        pairs.add(key, 5)
      }

    expect([pairs.columns.count(5), pairs.columns.roomOf(5) <= 512, pairs.keys(5)]).toEqual([100, true, all])
  })

  it('take a bit for four of many keys close together, and a number for each of others', () => {
    const pairs = new Pairs()
    for (const key of rangeOf(0, 4_096)) pairs.add(key, 0)
    for (const key of rangeOf(0, 4_096, 50)) pairs.add(key, 1)

    expect([pairs.columns.roomOf(0) <= 4_096 / 112, pairs.columns.roomOf(1)]).toEqual([true, 4_096])
  })

  it('keep nothing of many keys that are all gone', () => {
    const pairs = new Pairs()
    for (const key of rangeOf(0, 4_096, 50)) pairs.add(key, 0)
    for (const key of rangeOf(0, 4_096, 50)) pairs.take(key)

    expect([pairs.columns.count(0), pairs.columns.roomOf(0), pairs.keys(0)]).toEqual([0, 0, []])
  })

  it.each([
    ['close together', 1],
    ['far apart', 1_009],
  ])('keep no more than the fewer keys that come after many %s', (_what, distance) => {
    const pairs = new Pairs()
    for (const key of rangeOf(0, 1_000, distance)) pairs.add(key, 0)
    for (const key of rangeOf(0, 1_000, distance)) pairs.take(key)

    for (const key of rangeOf(0, 32, 1_009)) pairs.add(key, 0)

    expect([pairs.columns.roomOf(0), pairs.keys(0)]).toEqual([32, rangeOf(0, 32, 1_009)])
  })

  it.each([
    ['numbers', 50],
    ['bits', 2],
  ])('keep little for one key that is left of many kept as %s', (_what, distance) => {
    const pairs = new Pairs()
    for (const key of rangeOf(0, 20_000, distance)) pairs.add(key, 0)
    for (const key of rangeOf(distance, 19_999, distance)) pairs.take(key)
    const left = pairs.columns.roomOf(0)

    for (const _ of rangeOf(0, 100))
      for (const key of rangeOf(1_000_001, 10, distance)) {
        pairs.add(key, 0)
        pairs.take(key)
      }

    expect([left <= 256, pairs.columns.roomOf(0) <= 256, pairs.keys(0)]).toEqual([true, true, [0]])
  })

  it('go from bits to numbers when a key lies far away, and forget what is gone', () => {
    const pairs = new Pairs()
    for (const key of rangeOf(0, 64)) pairs.add(key, 0)
    for (const key of rangeOf(0, 60)) pairs.take(key)
    pairs.add(1_000_000, 0)

    expect([pairs.keys(0), pairs.columns.roomOf(0)]).toEqual([[60, 61, 62, 63, 1_000_000], 5])
  })

  it('know nothing of members that were never there', () => {
    const { columns } = new Pairs()
    columns.forget(9)

    expect([columns.count(9), columns.keys(9), columns.roomOf(9)]).toEqual([0, [], 0])
  })
})
