/** IdPool: numbers that nobody else has, as small as they can be. */
import { describe, expect, it } from 'vitest'
import { IdPool } from '../../src/base/id-pool.js'

describe('a pool of ids', () => {
  it('counts up, and gives out first what came back', () => {
    const pool = new IdPool()
    const first = [pool.take(), pool.take(), pool.take()]

    pool.release(1)

    expect([first, pool.take(), pool.take()]).toEqual([[0, 1, 2], 1, 3])
  })

  it('starts over once all are back', () => {
    const pool = new IdPool()
    const ids = [pool.take(), pool.take(), pool.take()]

    for (const id of ids.toReversed()) pool.release(id)

    expect([pool.take(), pool.take()]).toEqual([0, 1])
  })

  it('starts over when all are taken back', () => {
    const pool = new IdPool()
    pool.take()
    pool.release(pool.take())

    pool.clear()

    expect([pool.take(), pool.take()]).toEqual([0, 1])
  })

  it('gives nothing out twice, whatever the order in which they come back', () => {
    const pool = new IdPool()
    const taken: number[] = []
    let seed = 1
    for (let i = 0; i < 20_000; i++) {
      seed = (seed * 48_271) % 2_147_483_647
      const [back] = seed % 5 < 2 ? taken.splice(seed % (taken.length + 1), 1) : []
      if (back !== undefined) pool.release(back)
      else taken.push(pool.take())
      if (seed % 997 === 0) for (const id of taken.splice(0)) pool.release(id)
    }

    expect(new Set(taken).size).toBe(taken.length)
  })
})
