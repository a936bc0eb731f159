/** Paths: what can name a znode (reference 1.1), and the arithmetic of parents, names and depths. */
import { describe, expect, it } from 'vitest'
import {
  childPath,
  depthOf,
  findPathFault,
  isAtOrBelow,
  isBlankOrRoot,
  nameOf,
  parentOf,
  sequenceSuffix,
  validatePath,
  validateSequentialPath,
} from '../../src/protocol/path.js'

const valid = [
  '/',
  '/a',
  '/a/b',
  '/.a',
  '/...',
  '/a.',
  '/..a',
  '/a b',
  '/\u00a0',
  '/\uf900',
  '/\uffef',
  '/~',
  '/ ',
  '/-/_',
]

const invalid: readonly (readonly [string, string])[] = [
  ['', 'it is empty; the root is "/"'],
  ['a', 'it must start with "/"'],
  ['a/', 'it must start with "/"'],
  ['/a/', 'it must not end with "/"'],
  ['/a/b/', 'it must not end with "/"'],
  ['//', 'empty name at 1'],
  ['//a', 'empty name at 1'],
  ['/a//b', 'empty name at 3'],
  ['/.', 'relative name "." at 1'],
  ['/..', 'relative name ".." at 1'],
  ['/a/.', 'relative name "." at 3'],
  ['/a/..', 'relative name ".." at 3'],
  ['/./a', 'relative name "." at 1'],
  ['/../a', 'relative name ".." at 1'],
]

/** The first and the last unit of each forbidden range, and the neighbours that are allowed. */
const units: readonly (readonly [number, boolean])[] = [
  [0x00, false],
  [0x01, false],
  [0x1f, false],
  [0x20, true],
  [0x7e, true],
  [0x7f, false],
  [0x9f, false],
  [0xa0, true],
  [0xd7ff, true],
  [0xd800, false],
  [0xdfff, false],
  [0xe000, false],
  [0xf8ff, false],
  [0xf900, true],
  [0xffef, true],
  [0xfff0, false],
  [0xffff, false],
]

describe('a path', () => {
  it.each(valid)('%j can name a znode', (path) => {
    expect(findPathFault(path)).toBeUndefined()
    expect(() => validatePath(path)).not.toThrow()
  })

  it.each(invalid)('%j cannot: %s', (path, fault) => {
    expect(findPathFault(path)).toBe(fault)
    expect(() => validatePath(path)).toThrow(new TypeError(`Invalid path ${JSON.stringify(path)}: ${fault}`))
  })

  it.each(units)('with the unit %d is valid: %s, wherever it stands', (unit, isValid) => {
    const character = String.fromCharCode(unit)
    const faults = [`/${character}`, `/a${character}b`, `/a/${character}/b`].map((path) =>
      findPathFault(path),
    )

    const code = unit.toString(16).toUpperCase().padStart(4, '0')
    const expected = [1, 2, 3].map((at) => `character U+${code} is not allowed at ${at}`)
    expect(faults).toEqual(isValid ? [undefined, undefined, undefined] : expected)
  })

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [5, '5'],
    [Symbol('x'), 'Symbol(x)'],
  ])('%s is none', (path, shown) => {
    expect(() => validatePath(path)).toThrow(new TypeError(`Invalid path ${shown}: it must be a string`))
    expect(() => validateSequentialPath(path)).toThrow(
      new TypeError(`Invalid path ${shown}: it must be a string`),
    )
  })
})

describe('the path of a sequential create', () => {
  it.each(['/', '/a', '/a/', '/a/.', '/a/..', '/.', '/..'])('may be %j, since digits follow', (path) => {
    expect(() => validateSequentialPath(path)).not.toThrow()
  })

  it.each([
    ['', 'it must start with "/"'],
    ['a', 'it must start with "/"'],
    ['//', 'empty name at 1'],
    ['//x', 'empty name at 1'],
    ['/./', 'relative name "." at 1'],
    ['/a/../', 'relative name ".." at 3'],
    ['/\0', 'character U+0000 is not allowed at 1'],
  ])('may not be %j: %s', (path, fault) => {
    expect(() => validateSequentialPath(path)).toThrow(
      new TypeError(`Invalid path prefix ${JSON.stringify(path)}: ${fault}`),
    )
  })
})

describe('the parts of a path', () => {
  it.each([
    ['/a', '/', 'a', 1],
    ['/a/b', '/a', 'b', 2],
    ['/a/b/c', '/a/b', 'c', 3],
    ['/a.b/..c', '/a.b', '..c', 2],
  ])('of %s are the parent %s, the name %s and the depth %d', (path, parent, name, depth) => {
    expect([parentOf(path), nameOf(path), depthOf(path)]).toEqual([parent, name, depth])
    expect(childPath(parent, name)).toBe(path)
  })

  it('of the root are its depth 0', () => {
    expect(depthOf('/')).toBe(0)
  })
})

describe('isAtOrBelow', () => {
  it.each([
    ['/a', '/', true],
    ['/', '/', true],
    ['/a', '/a', true],
    ['/a/b', '/a', true],
    ['/ab', '/a', false],
    ['/a', '/a/b', false],
    ['/', '/a', false],
    ['/b/a', '/a', false],
  ])('of %s and %s is %s', (path, top, expected) => {
    expect(isAtOrBelow(path, top)).toBe(expected)
  })
})

describe('isBlankOrRoot', () => {
  it.each([
    ['', true],
    ['/', true],
    [' ', true],
    [' / ', true],
    ['\0', true],
    ['\t/\n', true],
    ['//', false],
    ['a', false],
    ['/a', false],
    [' a', false],
    ['\u00a0', false],
  ])('of %j is %s', (prefix, expected) => {
    expect(isBlankOrRoot(prefix)).toBe(expected)
  })
})

describe('sequenceSuffix', () => {
  it.each([
    [0, '0000000000'],
    [9, '0000000009'],
    [2_147_483_647, '2147483647'],
    [-1, '-000000001'],
    [-2_147_483_648, '-2147483648'],
  ])('of %d is %s', (counter, expected) => {
    expect(sequenceSuffix(counter)).toBe(expected)
  })
})
