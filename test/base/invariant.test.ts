/** Assertions about our own code: silent while they hold, loud and with a request to report it when they do not. */
import { describe, expect, it } from 'vitest'
import { InvariantError, invariant, unreachable } from '../../src/base/invariant.js'

describe('an invariant', () => {
  it('is silent while it holds, and does not ask for the explanation', () => {
    expect(() =>
      invariant(true, () => {
        throw new Error('asked')
      }),
    ).not.toThrow()
  })

  it('throws when it does not hold', () => {
    expect(() => invariant(false, () => 'two roots')).toThrow(
      new InvariantError('zoolet is broken, please report it: two roots'),
    )
  })

  it('throws where the compiler proved that nothing arrives', () => {
    expect(() => unreachable('something' as never)).toThrow(/unexpected "something"/)
  })

  it('shows what arrived there, a bigint too', () => {
    expect(() => unreachable({ id: 5n } as never)).toThrow(InvariantError)
  })

  it('is told by its name', () => {
    expect(new InvariantError('x').name).toBe('InvariantError')
  })
})
