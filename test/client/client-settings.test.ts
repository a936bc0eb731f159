/** The options that all clients have: their defaults, what is refused and with which words, and that nothing given is kept. */
import { describe, expect, it } from 'vitest'
import {
  COMMON_OPTIONS,
  type CommonClientSettings,
  checkFunctions,
  checkMs,
  completeCommonOptions,
} from '../../src/client/client-settings.js'
import { messageOf } from '../semantics/fixture.js'

const PASSWORD = new Uint8Array(16).fill(3)

/** As a user of JavaScript may call it, with anything. */
function complete(options: object): CommonClientSettings {
  return completeCommonOptions(options, [...COMMON_OPTIONS, 'more'])
}

describe('options that are left out', () => {
  it('have their defaults', () => {
    const { chroot, ...others } = complete({})

    expect(chroot.prefix).toBe('')
    expect(others).toEqual({ sessionTimeoutMs: 30_000, watcher: undefined, session: undefined, auth: [] })
  })

  it('may as well be undefined', () => {
    const names = Object.fromEntries(COMMON_OPTIONS.map((name) => [name, undefined]))

    expect(complete(names)).toEqual(complete({}))
  })
})

describe('options that are given', () => {
  it('are taken', () => {
    const watcher = (): undefined => undefined
    const session = { id: 5n, password: PASSWORD }
    const given = { sessionTimeoutMs: 1, watcher, chroot: '/app', session, more: 1 }

    const { chroot, ...others } = complete(given)

    expect(chroot.prefix).toBe('/app')
    expect(others).toEqual({ sessionTimeoutMs: 1, watcher, session, auth: [] })
  })

  it('are copied: the password, the identities and their bytes', () => {
    const password = PASSWORD.slice()
    const auth = [{ scheme: 'digest', auth: new Uint8Array([1]) }]
    const settings = complete({ session: { id: 5n, password }, auth })

    password.fill(9)
    auth[0]?.auth.fill(9)
    auth.push({ scheme: 'ip', auth: new Uint8Array() })

    expect(settings.session?.password).toEqual(PASSWORD)
    expect(settings.auth).toEqual([{ scheme: 'digest', auth: new Uint8Array([1]) }])
  })

  it('may have an identity as text, which is UTF-8, and / for no chroot', () => {
    const { auth, chroot } = complete({ auth: [{ scheme: 'digest', auth: 'é:p' }], chroot: '/' })

    expect(auth).toEqual([{ scheme: 'digest', auth: new Uint8Array([0xc3, 0xa9, 0x3a, 0x70]) }])
    expect(chroot.prefix).toBe('')
  })
})

describe('an option is refused', () => {
  const names = [...COMMON_OPTIONS, 'more'].join(', ')
  const session = 'pass { id, password }, the sessionId and sessionPassword of its client'

  it.each([
    [{ timeout: 1 }, `TypeError: Unknown option "timeout": there are ${names}`],
    [{ sessionTimeoutMs: 0 }, 'RangeError: Invalid sessionTimeoutMs 0: pass milliseconds, 1 or more'],
    [{ sessionTimeoutMs: -1 }, 'RangeError: Invalid sessionTimeoutMs -1: pass milliseconds, 1 or more'],
    [{ sessionTimeoutMs: '1' }, 'RangeError: Invalid sessionTimeoutMs "1": pass milliseconds, 1 or more'],
    [
      { sessionTimeoutMs: Number.POSITIVE_INFINITY },
      'RangeError: Invalid sessionTimeoutMs Infinity: pass milliseconds, 1 or more',
    ],
    [
      { sessionTimeoutMs: Number.NaN },
      'RangeError: Invalid sessionTimeoutMs NaN: pass milliseconds, 1 or more',
    ],
    [{ watcher: 'w' }, 'TypeError: Invalid watcher "w": pass a function'],
    [{ auth: { scheme: 'digest' } }, 'TypeError: Invalid auth { scheme }: pass a list of { scheme, auth }'],
    [{ session: { id: 5, password: PASSWORD } }, `TypeError: Invalid session: ${session}`],
    [{ session: { id: 0n, password: PASSWORD } }, `TypeError: Invalid session: ${session}`],
    [{ session: { id: 5n, password: new Uint8Array(15) } }, `TypeError: Invalid session: ${session}`],
    [{ session: { id: 5n, password: 'secret-secret-16' } }, `TypeError: Invalid session: ${session}`],
    [{ session: { id: 5n } }, `TypeError: Invalid session: ${session}`],
  ])('%o', async (given, message) => {
    expect(await messageOf(() => complete(given))).toBe(message)
  })

  it.each([[null], ['text'], [1]])('options %s are none', async (given) => {
    const message = await messageOf(() => Reflect.apply(completeCommonOptions, undefined, [given, ['a']]))

    expect(message).toBe(`TypeError: Invalid options ${JSON.stringify(given)}: pass an object with any of a`)
  })

  it.each([
    [{ auth: ['digest'] }],
    [{ auth: [{ scheme: 'digest' }] }],
    [{ auth: [{ scheme: 1, auth: 'x' }] }],
    [{ auth: [null] }],
  ])('if an identity is none: %j', async (given) => {
    expect(await messageOf(() => complete(given))).toMatch(/^TypeError: Invalid credential /)
  })

  it.each([['app'], ['/app/'], ['//'], [1]])('if the chroot is no path: %s', async (chroot) => {
    expect(await messageOf(() => complete({ chroot }))).toMatch(/^TypeError: Invalid path /)
  })

  it('if the session is no object', async () => {
    expect(await messageOf(() => complete({ session: null }))).toBe(`TypeError: Invalid session: ${session}`)
    expect(await messageOf(() => complete({ session: 5n }))).toBe(`TypeError: Invalid session: ${session}`)
  })
})

describe('a check', () => {
  it('of functions lets functions pass and names what is none', async () => {
    checkFunctions({ a: () => 1, b: class {} })

    const message = await messageOf(() => checkFunctions({ a: () => 1, 'clock.nowMs': undefined }))
    expect(message).toBe('TypeError: Invalid clock.nowMs undefined: pass a function')
  })

  it('of milliseconds lets whole and broken ones pass, from the least on', async () => {
    checkMs({ a: 1, b: 1.5, c: 1e12 }, 1)
    checkMs({ a: 0 }, 0)

    expect(await messageOf(() => checkMs({ a: 1, b: 0.5 }, 1))).toBe(
      'RangeError: Invalid b 0.5: pass milliseconds, 1 or more',
    )
  })
})
