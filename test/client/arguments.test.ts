/** Arguments that no TypeScript lets through, below the calls that take them: each is refused for what it is. And the least that is let in. */
import { describe, expect, it } from 'vitest'
import { checkTtl, checkWatcherType, copyACL } from '../../src/client/arguments.js'
import { startWorld } from '../semantics/fixture.js'

const ENTRY = { perms: 1, scheme: 'world', id: 'anyone' }

describe('a malformed ACL entry', () => {
  it.each([
    ['perms that are text', { ...ENTRY, perms: '1' }],
    ['perms that are a fraction', { ...ENTRY, perms: 1.5 }],
    ['perms that are no number', { ...ENTRY, perms: Number.NaN }],
    ['perms beyond 32 bits', { ...ENTRY, perms: 2 ** 32 }],
    ['a scheme that is a number', { ...ENTRY, scheme: 5 }],
    ['an id that is null', { ...ENTRY, id: null }],
    ['no id', { perms: 1, scheme: 'world' }],
  ])('with %s is a TypeError', (_, entry) => {
    expect(() => copyACL([ENTRY, entry], '/a')).toThrow(/^Invalid ACL entry /)
    expect(() => copyACL([ENTRY, entry], '/a')).toThrow(TypeError)
  })
})

describe('a TTL', () => {
  it.each(['5', 1.5, Number.NaN, 0, -1, 2 ** 40, null, undefined])('of %s is a RangeError', (ttlMs) => {
    expect(() => checkTtl(ttlMs, true, 'PERSISTENT_WITH_TTL')).toThrow(RangeError)
  })

  it.each([1, 2 ** 40 - 1])('of %d is fine', (ttlMs) => {
    expect(checkTtl(ttlMs, true, 'PERSISTENT_WITH_TTL')).toBe(ttlMs)
  })
})

describe('a watcher type', () => {
  it.each([[['Data']], [5], [null], ['data']])('%j is a TypeError', (type) => {
    expect(() => checkWatcherType(type)).toThrow(/^Invalid watcher type /)
  })
})

it('a stream may have room for one event alone', async () => {
  const { zk } = await startWorld()

  const stream = zk.watch('/', { bufferSize: 1 })
  await zk.create('/a')
  await zk.sync('/')

  expect((await stream.next()).value).toMatchObject({ type: 'NodeChildrenChanged', path: '/' })
})
