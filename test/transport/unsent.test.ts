/** What is on its way to all clients of a listener: the sum is kept, and beyond the limit the largest share is given up. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { type UnsentOwner, UnsentTotal } from '../../src/transport/unsent.js'
import { runParameters, timeLimitMs } from '../property/run-parameters.js'

const parameters = runParameters(500)

test('the total is the sum of what connections hold, and never stays over the limit', {
  timeout: timeLimitMs(parameters),
}, () => {
  const step = fc.record({
    owner: fc.nat({ max: 3 }),
    bytes: fc.integer({ min: 1, max: 60 }),
    isSent: fc.boolean(),
  })
  const property = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const total = new UnsentTotal(100)
    const owners = [0, 1, 2, 3].map(() => new Share(total))

    for (const { owner, bytes, isSent } of steps) {
      const share = owners[owner]
      if (isSent) share?.send(bytes)
      else share?.write(bytes)
      const held = owners.reduce((sum, { unsentBytes }) => sum + unsentBytes, 0)
      expect(total.total).toBe(held)
      expect(held).toBeLessThanOrEqual(100)
    }
  })

  fc.assert(property, parameters)
})

describe('too much on its way', () => {
  it('costs the one with the largest share, not the one that wrote last', () => {
    const total = new UnsentTotal(100)
    const [large, small] = [new Share(total), new Share(total)]
    large.write(60)

    small.write(41)

    expect([large.wasGivenUp, small.wasGivenUp, total.total]).toEqual([true, false, 41])
  })

  it('is more than the limit, not the limit', () => {
    const total = new UnsentTotal(100)
    const [one, other] = [new Share(total), new Share(total)]

    one.write(60)
    other.write(40)

    expect([one.wasGivenUp, other.wasGivenUp, total.total]).toEqual([false, false, 100])
  })

  it('may be the share of the one that wrote last', () => {
    const total = new UnsentTotal(100)
    const [small, large] = [new Share(total), new Share(total)]
    small.write(10)

    large.write(91)

    expect([small.wasGivenUp, large.wasGivenUp, total.total]).toEqual([false, true, 10])
  })

  it('never costs one that is gone', () => {
    const total = new UnsentTotal(100)
    const [gone, here] = [new Share(total), new Share(total)]
    gone.write(90)
    gone.giveUp()
    gone.wasGivenUp = false
    // Whatever it says now.
    gone.unsentBytes = 500

    here.write(101)

    expect([gone.wasGivenUp, here.wasGivenUp]).toEqual([false, true])
  })

  it('without anybody who holds some of it costs nobody', () => {
    const total = new UnsentTotal(100)
    const owner = { unsentBytes: 0, giveUp: (): never => expect.fail('It holds nothing') }

    total.add(owner, 101)

    expect(total.total).toBe(101)
  })
})

/** A connection, as far as it matters here. */
class Share implements UnsentOwner {
  readonly #total: UnsentTotal
  unsentBytes = 0
  wasGivenUp = false

  constructor(total: UnsentTotal) {
    this.#total = total
  }

  write(bytes: number): void {
    this.unsentBytes += bytes
    this.#total.add(this, bytes)
  }

  send(most: number): void {
    const bytes = Math.min(most, this.unsentBytes)
    this.unsentBytes -= bytes
    this.#total.remove(bytes)
  }

  giveUp(): void {
    this.wasGivenUp = true
    this.send(this.unsentBytes)
    this.#total.leave(this)
  }
}
