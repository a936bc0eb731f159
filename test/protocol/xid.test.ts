/** How a client numbers its requests. */
import { describe, expect, it } from 'vitest'
import { nextXid } from '../../src/protocol/xid.js'

describe('the xid of the next request', () => {
  it('is one more', () => {
    expect([0, 1, 2 ** 31 - 2].map(nextXid)).toEqual([1, 2, 2 ** 31 - 1])
  })

  it('never becomes one that means something else (ZOOKEEPER-3253): after the largest int it is 1', () => {
    expect(nextXid(2 ** 31 - 1)).toBe(1)
  })
})
