/**
 * Plans of paths: few names and few levels so that steps meet, a twentieth of odd names, some that are wrong. What the
 * sigils mean stands in `choosePath`.
 */
import fc from 'fast-check'

const NAMES = ['/a', '/b', '/c'] as const

/** Which of the candidates; counted round and round. */
export const nth: fc.Arbitrary<number> = fc.nat({ max: 30 })

/** The nth candidate of a kind, with something appended. */
export function nthOf(
  sigil: '@' | '!' | '?' | '+' | '-' | '%' | '~',
  rest: fc.Arbitrary<string> = fc.constant(''),
): fc.Arbitrary<string> {
  return fc.tuple(nth, rest).map(([number, tail]) => `${sigil}${number}${tail}`)
}

/** A name for a new znode, odd once in twenty times. */
export const name: fc.Arbitrary<string> = fc.oneof(
  { weight: 57, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 3, arbitrary: fc.constantFrom('/__proto__', '/then', '/constructor') },
)

const wrongPath = fc.constantFrom('/a//b', 'a', '', '/a/', '/a/..', '/\0', '/\ud83d\ude00')
const ownPath = fc.constantFrom('/zookeeper', '/zookeeper/config', '/zookeeper/quota')
const rootLimits = fc.constant('/zookeeper/quota/zookeeper_limits')
/** The server's books of a quota on `/a`, and its limits. */
export const quotaPath: fc.Arbitrary<string> = fc.constantFrom(
  '/zookeeper/quota/a/zookeeper_stats',
  '/zookeeper/quota/a/zookeeper_limits',
)

/** A path to look at, whether it exists or not. */
export const path: fc.Arbitrary<string> = fc.oneof(
  { weight: 50, arbitrary: nthOf('@') },
  { weight: 20, arbitrary: nthOf('@', name) },
  { weight: 12, arbitrary: nthOf('?') },
  { weight: 10, arbitrary: nthOf('%') },
  { weight: 6, arbitrary: fc.constantFrom('/', '/a', '/b', '/a/a') },
  { weight: 1, arbitrary: ownPath },
  { weight: 1, arbitrary: wrongPath },
)

/** A path for a new znode. */
export const newPath: fc.Arbitrary<string> = fc.oneof(
  { weight: 60, arbitrary: nthOf('@', name) },
  { weight: 12, arbitrary: nthOf('+') },
  { weight: 12, arbitrary: nthOf('%', name) },
  { weight: 4, arbitrary: nthOf('@', fc.constant('/b/never')) },
  { weight: 4, arbitrary: nthOf('@') },
  { weight: 1, arbitrary: ownPath },
  { weight: 1, arbitrary: rootLimits },
  { weight: 1, arbitrary: wrongPath },
)

/** A path for a znode to go. */
export const oldPath: fc.Arbitrary<string> = fc.oneof(
  { weight: 60, arbitrary: nthOf('!') },
  { weight: 15, arbitrary: nthOf('@') },
  { weight: 15, arbitrary: nthOf('-') },
  { weight: 6, arbitrary: nthOf('@', name) },
  { weight: 1, arbitrary: ownPath },
  { weight: 1, arbitrary: quotaPath },
  { weight: 1, arbitrary: wrongPath },
)

/** A path for a sequential create, which a number is appended to. */
export const prefix: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: nthOf('@', fc.constantFrom('/-', '/n', '/')) },
  { weight: 1, arbitrary: fc.constantFrom('/', '/a/b/x', '/a//') },
)
