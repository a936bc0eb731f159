/** PathNumbers: a path has one number and a number one path, for few and for many, in whatever order they come and go. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NO_NUMBER, PathNumbers } from '../../src/server/path-numbers.js'
import { runParameters } from '../property/run-parameters.js'
import { pathsOfOneHash } from './paths-of-one-hash.js'

/** So many neighbours come, or go, in the order of their names or from the last one; others may be looked for in between. */
interface Step {
  readonly does: 'take' | 'release'
  readonly from: number
  readonly count: number
  readonly isReversed: boolean
  readonly isDisturbed: boolean
}

const step: fc.Arbitrary<Step> = fc.record({
  does: fc.constantFrom('take', 'take', 'release'),
  from: fc.nat({ max: 6_000 }),
  count: fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: 6_000 })),
  isReversed: fc.boolean(),
  isDisturbed: fc.boolean(),
})

function pathsOf({ from, count, isReversed }: Pick<Step, 'from' | 'count' | 'isReversed'>): string[] {
  const paths = Array.from({ length: count }, (_, i) => `/${'node'.repeat((from + i) % 3)}${from + i}`)
  // The server takes the empty path for one that nothing is at.
  if (from % 2 === 0) paths.push('')
  return isReversed ? paths.reverse() : paths
}

/** Plays a step on both; false as soon as they disagree. */
function play(
  numbers: PathNumbers,
  model: Map<string, number>,
  { does, isDisturbed, ...which }: Step,
): boolean {
  for (const path of pathsOf(which)) {
    const known = model.get(path)
    if (numbers.find(path) !== (known ?? NO_NUMBER)) return false
    if (isDisturbed) numbers.find('/another')
    if (does === 'release' && known !== undefined) {
      numbers.release(known)
      model.delete(path)
    }
    if (does === 'take') {
      const number = numbers.take(path)
      if (known !== undefined && number !== known) return false
      model.set(path, number)
    }
  }
  return true
}

function agree(numbers: PathNumbers, model: ReadonlyMap<string, number>): boolean {
  const given = [...model]
  const isRight = given.every(
    ([path, number]) => numbers.find(path) === number && numbers.pathOf(number) === path,
  )
  const areApart = new Set(model.values()).size === model.size
  return (
    isRight &&
    areApart &&
    numbers.paths.toSorted().join() ===
      given
        .map(([path]) => path)
        .sort()
        .join()
  )
}

describe('numbers of paths', () => {
  it('are what a Map would have, after any steps', () => {
    const property = fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
      const numbers = new PathNumbers()
      const model = new Map<string, number>()
      return steps.every((each) => play(numbers, model, each) && agree(numbers, model))
    })

    fc.assert(property, runParameters(60))
  })

  it('keep apart what has the same hash: among so many paths some have', () => {
    const numbers = new PathNumbers()
    const paths = Array.from({ length: 300_000 }, (_, i) => `/${i.toString(36)}/${i}`)
    const given = new Set(paths.map((path) => numbers.take(path)))

    const isKnown = paths.every((path) => numbers.pathOf(numbers.find(path)) === path)

    expect([given.size, isKnown]).toEqual([paths.length, true])
  })

  it('come at once for paths that somebody has chosen to have one hash', () => {
    const numbers = new PathNumbers()
    const ordinary = pathsOf({ from: 1, count: 3_000, isReversed: false })
    const chosen = pathsOfOneHash(16)
    const first = [...ordinary, ...chosen].map((path) => numbers.take(path))
    const isKnown = [...chosen, ...ordinary].every((path) => numbers.pathOf(numbers.find(path)) === path)
    for (const number of first) numbers.release(number)

    const again = [...chosen, ...ordinary].map((path) => numbers.take(path))

    expect([isKnown, new Set(first).size, new Set(again).size]).toEqual([true, 68_536, 68_536])
  })

  it('rest with their paths while there are few, and nobody finds them', () => {
    const numbers = new PathNumbers()
    const given = ['/a', '/b', '/c'].map((path) => numbers.take(path))
    for (const number of given) numbers.release(number)

    const found = ['/a', '/b', '/c'].map((path) => numbers.find(path))
    const paths = [...numbers.paths]
    const again = ['/c', '/a'].map((path) => numbers.take(path))

    expect([found, paths]).toEqual([Array(3).fill(NO_NUMBER), []])
    expect([again, numbers.paths, numbers.find('/b')]).toEqual([
      [given[2], given[0]],
      ['/a', '/c'],
      NO_NUMBER,
    ])
  })

  it('do not rest with paths that take much room, nor for ever', () => {
    const numbers = new PathNumbers()
    const long = `/${'a'.repeat(256)}`
    const [first, second] = [numbers.take('/a'), numbers.take('/b')]
    numbers.release(first)
    numbers.release(numbers.take(long))
    const afterLong = numbers.take('/c')
    const others = Array.from({ length: 2_046 }, (_, i) => numbers.take(`/${i}`))

    // The place of the one that rested is given to a path that came after so many.
    expect([second, afterLong, others.includes(first), numbers.find('/a')]).toEqual([1, 2, false, NO_NUMBER])
    expect([numbers.take('/more'), numbers.find('/b'), numbers.paths.length]).toEqual([first, 1, 2_049])
  })

  it('are given out again, the small ones first, once all are back', () => {
    const numbers = new PathNumbers()
    const paths = pathsOf({ from: 1, count: 10_000, isReversed: false })
    for (const path of paths) numbers.take(path)
    for (const path of paths) numbers.release(numbers.find(path))

    const again = ['/b', '/a'].map((path) => numbers.take(path))

    expect([again, numbers.paths, numbers.find('/3')]).toEqual([[0, 1], ['/b', '/a'], NO_NUMBER])
  })
})
