/** KeeperException: what it says, and how it is told from other errors. */
import { describe, expect, it } from 'vitest'
import { type Code, meaningOf } from '../../src/protocol/code.js'
import {
  isKeeperException,
  isRetryable,
  isSessionFatal,
  KeeperException,
} from '../../src/protocol/keeper-exception.js'

const codes: readonly Code[] = [
  'OK',
  'CONNECTIONLOSS',
  'OPERATIONTIMEOUT',
  'REQUESTTIMEOUT',
  'SESSIONMOVED',
  'THROTTLEDOP',
  'SESSIONEXPIRED',
  'AUTHFAILED',
  'UNKNOWNSESSION',
  'SESSIONCLOSEDREQUIRESASLAUTH',
  'NONODE',
  'NOAUTH',
  'BADVERSION',
  'SYSTEMERROR',
]

describe('a KeeperException', () => {
  it('says code, number, path and meaning', () => {
    const error = new KeeperException('NONODE', '/a')

    expect(error).toMatchObject({
      name: 'KeeperException',
      code: 'NONODE',
      errno: -101,
      path: '/a',
      results: undefined,
      message: `NONODE for /a: ${meaningOf('NONODE')}`,
    })
    expect(error).toBeInstanceOf(Error)
  })

  it('says no path if it is about none, and no cause if there is none', () => {
    const error = new KeeperException('AUTHFAILED')

    expect(error.message).toBe(`AUTHFAILED: ${meaningOf('AUTHFAILED')}`)
    expect('cause' in error).toBe(false)
  })

  it('keeps its cause and the results of a multi', () => {
    const cause = new Error('below')
    const results = [{ type: 'check' }] as const

    const error = new KeeperException('NONODE', undefined, { cause, results })

    expect([error.cause, error.results]).toEqual([cause, results])
  })

  it('is known by its brand, from whatever copy of zoolet it comes', () => {
    const brand = Symbol.for('zoolet.KeeperException')
    const foreign = Object.assign(new Error('from another copy'), { code: 'NONODE', [brand]: true })

    expect(isKeeperException(foreign)).toBe(true)
    expect(isKeeperException(foreign, 'NONODE')).toBe(true)
    expect(isKeeperException(foreign, 'NOAUTH')).toBe(false)
  })

  it.each([undefined, null, 5, 'NONODE', {}, new Error('NONODE'), { code: 'NONODE' }])(
    'is not %s',
    (value) => {
      expect([isKeeperException(value), isRetryable(value), isSessionFatal(value)]).toEqual([
        false,
        false,
        false,
      ])
    },
  )

  it('does not show its brand', () => {
    const brand = Symbol.for('zoolet.KeeperException')
    const { enumerable } = Object.getOwnPropertyDescriptor(new KeeperException('NONODE'), brand) ?? {}

    expect(enumerable).toBe(false)
  })

  it.each(codes)('with the code %s is retryable or fatal as its kind says', (code) => {
    const error = new KeeperException(code)
    const retryable = ['CONNECTIONLOSS', 'OPERATIONTIMEOUT', 'REQUESTTIMEOUT', 'SESSIONMOVED', 'THROTTLEDOP']
    const fatal = ['SESSIONEXPIRED', 'AUTHFAILED', 'UNKNOWNSESSION', 'SESSIONCLOSEDREQUIRESASLAUTH']

    expect([isRetryable(error), isSessionFatal(error)]).toEqual([
      retryable.includes(code),
      fatal.includes(code),
    ])
  })
})
