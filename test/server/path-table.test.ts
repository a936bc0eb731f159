/** PathTable: it grows and shrinks with what is in it, and says when what is in it has been chosen against it. */
import { describe, expect, it } from 'vitest'
import { PathTable } from '../../src/server/path-table.js'
import { pathsOfOneHash } from './paths-of-one-hash.js'

function tableOf(paths: readonly string[]): PathTable {
  const table = new PathTable(paths)
  for (const [number, path] of paths.entries()) {
    table.find(path)
    table.addMissed(number)
  }
  return table
}

describe('a table of paths', () => {
  it('takes 16 to 32 bytes for each of many, and gives room back when they go', () => {
    const paths = Array.from({ length: 100_000 }, (_, i) => `/services/lock-${String(i).padStart(10, '0')}`)
    const table = tableOf(paths)
    const full = table.bytes
    for (let number = 99_999; number >= 5_000; number--) table.delete(number)

    expect([full >= 1_600_000, full <= 3_200_000, table.size, table.bytes <= 640_000]).toEqual([
      true,
      true,
      5_000,
      true,
    ])
    expect([table.find('/services/lock-0000004999'), table.find('/services/lock-0000005000')]).toEqual([
      4_999, -1,
    ])
  })

  it.each([
    ['names of locks', (i: number) => `/app/locks/lock-${String(i).padStart(10, '0')}`],
    ['short names', (i: number) => `/${i.toString(36)}`],
    ['names that differ in the middle', (i: number) => `/a/${i}/state/leader/lock`],
    ['names of one letter, again and again', (i: number) => `/${'a'.repeat(i % 500)}/${'a'.repeat(i / 500)}`],
    ['ideographs', (i: number) => `/${String.fromCharCode(0x4e00 + (i % 20_000), 0x4e00 + i / 20_000)}`],
  ])('is not crowded by a hundred thousand %s', (_, name) => {
    expect(tableOf(Array.from({ length: 100_000 }, (__, i) => name(i))).isCrowded).toBe(false)
  })

  it('is crowded by three hundred paths of one hash, and by fewer not', () => {
    const paths = pathsOfOneHash(9)

    expect([tableOf(paths.slice(0, 300)).isCrowded, tableOf(paths.slice(0, 200)).isCrowded]).toEqual([
      true,
      false,
    ])
  })
})
