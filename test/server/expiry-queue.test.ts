/** ExpiryQueue: deadlines rounded up to ticks, in buckets that come due as a whole (reference 8.3). */
import { describe, expect, it } from 'vitest'
import { ExpiryQueue } from '../../src/server/expiry-queue.js'

describe('an expiry queue', () => {
  it.each([
    [0, 1000, 2000],
    [0, 999, 1000],
    [1, 999, 2000],
    [500, 1000, 2000],
    [999, 1000, 2000],
    [1000, 1000, 3000],
    [0.5, 999.4, 1000],
  ])('at %d with a timeout of %d is due at %d, the next tick after both', (nowMs, timeoutMs, dueMs) => {
    const queue = new ExpiryQueue<string>(1000)

    queue.touch('a', nowMs, timeoutMs)

    expect([queue.nextDueMs, queue.takeDue(dueMs - 1), queue.takeDue(dueMs)]).toEqual([dueMs, [], ['a']])
  })

  it('tells when an item is due, if it is in the queue', () => {
    const queue = new ExpiryQueue<string>(1000)
    queue.touch('a', 0, 1000)

    expect([queue.findDueMs('a'), queue.findDueMs('b')]).toEqual([2000, undefined])
  })

  it('moves what is touched to a later bucket', () => {
    const queue = new ExpiryQueue<string>(1000)
    queue.touch('a', 0, 1000)
    queue.touch('b', 0, 1000)

    queue.touch('a', 5000, 1000)

    expect([queue.takeDue(6999), queue.takeDue(7000)]).toEqual([['b'], ['a']])
  })

  it('leaves what is touched within its bucket where it is', () => {
    const queue = new ExpiryQueue<string>(1000)
    for (const item of ['a', 'b']) queue.touch(item, 0, 1000)

    queue.touch('a', 100, 1000)

    expect(queue.takeDue(2000)).toEqual(['a', 'b'])
  })

  it('gives out everything that is due, the earliest first, once', () => {
    const queue = new ExpiryQueue<string>(1000)
    queue.touch('late', 0, 3000)
    queue.touch('early', 0, 1000)
    queue.touch('never', 0, 9000)

    expect([queue.takeDue(1999), queue.takeDue(4000), queue.takeDue(4000)]).toEqual([
      [],
      ['early', 'late'],
      [],
    ])
    expect(queue.nextDueMs).toBe(10_000)
  })

  it('forgets what is removed, however often', () => {
    const queue = new ExpiryQueue<string>(1000)
    queue.touch('a', 0, 1000)

    queue.remove('a')
    queue.remove('a')
    queue.remove('unknown')

    expect([queue.nextDueMs, queue.takeDue(9000)]).toEqual([Number.POSITIVE_INFINITY, []])
  })

  it.each([
    ['ascending', [1000, 2000, 3000]],
    ['descending', [3000, 2000, 1000]],
  ])('knows the next deadline of %s ones', (_, timeouts) => {
    const queue = new ExpiryQueue<number>(1000)

    for (const timeoutMs of timeouts) queue.touch(timeoutMs, 0, timeoutMs)

    expect(queue.nextDueMs).toBe(2000)
  })

  it('knows the next deadline among many', () => {
    const queue = new ExpiryQueue<number>(10)
    for (let i = 100; i > 0; i--) queue.touch(i, 0, i * 10)
    const seen: (number | undefined)[] = [queue.nextDueMs]

    queue.remove(1)
    seen.push(queue.nextDueMs)
    queue.takeDue(500)
    seen.push(queue.nextDueMs)

    expect(seen).toEqual([20, 30, 510])
  })
})
