/** Watchers: one function or a set of them, which makes no difference to who asks. */
import { describe, expect, it } from 'vitest'
import { countOf, eachOf, includes, union, type Watchers } from '../../src/client/watchers.js'
import type { Watcher } from '../../src/protocol/watcher.js'

const [one, two, three]: readonly [Watcher, Watcher, Watcher] = [
  () => undefined,
  () => undefined,
  () => undefined,
]
const cases: readonly (readonly [string, Watchers | undefined, readonly Watcher[]])[] = [
  ['nobody', undefined, []],
  ['one', one, [one]],
  ['a set of one', new Set([one]), [one]],
  ['a set of two', new Set([one, two]), [one, two]],
]

describe('watchers', () => {
  it.each(cases)('that are %s', (_, watchers, expected) => {
    expect([...eachOf(watchers)]).toEqual(expected)
    expect(countOf(watchers)).toBe(expected.length)
    expect([one, two, three].filter((each) => includes(watchers, each))).toEqual(expected)
  })

  it.each([
    [undefined, undefined, []],
    [one, undefined, [one]],
    [undefined, two, [two]],
    [one, one, [one]],
    [one, two, [one, two]],
    [one, new Set([two, one]), [one, two]],
    [new Set([two, three]), one, [two, three, one]],
    [new Set([one, two]), new Set([two, three]), [one, two, three]],
  ])('are joined in the order of their coming, each once: %#', (some, others, expected) => {
    const [before, after] = [[...eachOf(some)], [...eachOf(others)]]

    expect([...eachOf(union(some, others))]).toEqual(expected)
    expect([[...eachOf(some)], [...eachOf(others)]]).toEqual([before, after])
  })

  it.each([
    [one, undefined],
    [undefined, one],
    [one, one],
  ])('that are one function are joined without a set: %#', (some, others) => {
    expect(union(some, others)).toBe(one)
  })
})
