/** How an error message quotes the value that it is about. */
import { describe, expect, it } from 'vitest'
import { describe as quote } from '../../src/base/describe.js'

describe('a quoted value', () => {
  it.each([
    ['text', '"text"'],
    ['a "word"\n', '"a \\"word\\"\\n"'],
    ['', '""'],
    [5, '5'],
    [-0.5, '-0.5'],
    [Number.NaN, 'NaN'],
    [5n, '5'],
    [true, 'true'],
    [undefined, 'undefined'],
    [null, 'null'],
    [Symbol('s'), 'Symbol(s)'],
    [['a', 1], '["a", 1]'],
    [[], '[]'],
    [{ path: '/a', data: 1 }, '{ path, data }'],
  ])('%o is shown as %s', (value, shown) => {
    expect(quote(value)).toBe(shown)
  })
})
