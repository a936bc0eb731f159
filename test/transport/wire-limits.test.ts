/** The limits of a listener: what holds unless it is set, and what may be set. */
import { describe, expect, it } from 'vitest'
import { completeWireLimits, DEFAULT_WIRE_LIMITS } from '../../src/transport/wire-limits.js'

describe('the limits of a listener', () => {
  it('are the defaults unless they are set', () => {
    expect(completeWireLimits()).toEqual(DEFAULT_WIRE_LIMITS)
    expect(completeWireLimits({})).toEqual(DEFAULT_WIRE_LIMITS)
  })

  it('are the defaults for those that are not set', () => {
    expect(completeWireLimits({ maxFrameBytes: 100, slowReaderMs: Number.POSITIVE_INFINITY })).toEqual({
      ...DEFAULT_WIRE_LIMITS,
      maxFrameBytes: 100,
      slowReaderMs: Number.POSITIVE_INFINITY,
    })
  })

  it('take a frame of as many bytes as a real server does', () => {
    expect(DEFAULT_WIRE_LIMITS.maxFrameBytes).toBe(0xfffff)
  })

  it('become stricter step by step for a client that does not read', () => {
    const { maxFrameBytes, maxUnsentReplyBytes, slowReaderBytes, maxUnsentBytes, maxTotalUnsentBytes } =
      DEFAULT_WIRE_LIMITS
    const steps = [maxFrameBytes, maxUnsentReplyBytes, slowReaderBytes, maxUnsentBytes, maxTotalUnsentBytes]

    expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b))
  })

  it('cannot be changed for everybody', () => {
    expect(Object.isFrozen(DEFAULT_WIRE_LIMITS)).toBe(true)
  })

  it.each(Object.keys(DEFAULT_WIRE_LIMITS))('are whole numbers from 1, or none: %s', (name) => {
    for (const value of [1, 12_345, Number.POSITIVE_INFINITY])
      expect(completeWireLimits({ [name]: value })).toMatchObject({ [name]: value })

    for (const value of [0, -1, 1.5, Number.NaN, Number.NEGATIVE_INFINITY, 2 ** 53, '5', null])
      expect(() => completeWireLimits({ [name]: value })).toThrow(
        new RegExp(`^Invalid limit ${name}: .*; it must be a whole number from 1, or Infinity$`),
      )
  })

  it('with a name that there is not are a TypeError, which names all that there are', () => {
    expect(() => completeWireLimits({ maxFrames: 1 } as object)).toThrow(
      new TypeError(`Unknown limit "maxFrames"; there are ${Object.keys(DEFAULT_WIRE_LIMITS).join(', ')}`),
    )
  })

  it.each([null, 5, 'all'])('have to be an object: %j', (given) => {
    const limits: unknown = given

    expect(() => completeWireLimits(limits as object)).toThrow(TypeError)
  })
})
