/** Chance from a seed for loads that run in processes of their own, where verify/random.ts cannot be imported. */

const NAMES = ['a', 'b', 'c']
const TWO_TO_32 = 2 ** 32

/**
 * Two streams of one seed have nothing to do with each other. The generator is mulberry32.
 *
 * @param {number} seed
 * @param {number} stream
 */
export function chanceOf(seed, stream) {
  let state = Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul(stream, 0x85ebca6b)
  /** @param {number} bound */
  const below = (bound) => {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return Math.floor((((bits ^ (bits >>> 14)) >>> 0) / TWO_TO_32) * bound)
  }
  /**
   * @template T
   * @param {readonly T[]} items
   */
  const pick = (items) => {
    const item = items[below(items.length)]
    if (item === undefined) throw new RangeError('There is nothing to pick from')
    return item
  }
  /** One of 39, up to three deep. */
  const path = () => Array.from({ length: 1 + below(3) }, () => `/${pick(NAMES)}`).join('')
  return { pick, path }
}
