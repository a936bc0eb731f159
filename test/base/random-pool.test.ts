/** RandomPool: every byte once, whatever the portions are. */
import { expect, it } from 'vitest'
import { RandomPool } from '../../src/base/random-pool.js'

/** So many zeros in a row are no chance. */
const RUN_BYTES = 16

it.each([16, 300, 1000, 1024, 1025, 5000])('portions of %i bytes are new, each of its own', (length) => {
  const pool = new RandomPool()

  const taken = Array.from({ length: 12 }, () => pool.take(length))

  expect(taken.map((bytes) => [bytes.length, bytes.buffer.byteLength])).toEqual(
    taken.map(() => [length, length]),
  )
  expect(new Set(taken.map(String)).size).toBe(taken.length)
  for (const bytes of taken)
    for (let at = 0; at + RUN_BYTES <= length; at += RUN_BYTES)
      expect(bytes.subarray(at, at + RUN_BYTES).some((byte) => byte !== 0)).toBe(true)
})

it('portions of every size are as long as they were asked for', () => {
  const pool = new RandomPool()
  const lengths = Array.from({ length: 200 }, (_, i) => (i * 37) % 130)

  expect(lengths.map((length) => pool.take(length).length)).toEqual(lengths)
})
