/** Text from outside in one line of a terminal: short, whole characters, and nothing that a terminal obeys. */
import { describe, expect, it } from 'vitest'
import { counted, listed, quote, showData, showHex, showPath, showWord } from '../../src/cli/shown-text.js'
import { bytes } from '../semantics/fixture.js'

describe('data', () => {
  it.each([
    [null, 'null'],
    ['', '""'],
    ['hello', '"hello"'],
    ['say "hi"\n', '"say \\"hi\\"\\n"'],
    ['hé \u{1f600}', '"hé \u{1f600}"'],
    ['\ufeffx', '"\\u{feff}x"'],
    ['a\u202eb', '"a\\u{202e}b"'],
    ['x'.repeat(40), `"${'x'.repeat(40)}"`],
    ['x'.repeat(41), `"${'x'.repeat(40)}"... 41 bytes`],
    ['\u{1f600}'.repeat(40), `"${'\u{1f600}'.repeat(40)}"`],
    ['\u{1f600}'.repeat(41), `"${'\u{1f600}'.repeat(40)}"... 164 bytes`],
    [`x${'\u{1f600}'.repeat(500)}`, `"x${'\u{1f600}'.repeat(39)}"... 2001 bytes`],
  ])('%j is shown as %s', (text, shown) => {
    expect(showData(text === null ? null : bytes(text))).toBe(shown)
  })

  it.each([
    [[0], '1 byte'],
    [[0xff, 0xfe], '2 bytes'],
    [[0x61, 0xc3], '2 bytes'],
    [[0x61, 0], '2 bytes'],
    [[0x1b, 0x5b, 0x32, 0x4a], '4 bytes'],
    [[0xc2, 0x9b], '2 bytes'],
  ])('the bytes %j, no text for people, are counted: %s', (data, shown) => {
    expect(showData(new Uint8Array(data))).toBe(shown)
  })
})

describe('a path', () => {
  it.each([
    ['/', '/'],
    ['/app/été', '/app/été'],
    ['', '""'],
    ['/a b', '"/a b"'],
    ['/a"b', '"/a\\"b"'],
    ['/a\u001b[2J', '"/a\\u001b[2J"'],
    ['/a\u009b2J', '"/a\\u{9b}2J"'],
    ['/a\ud800', '"/a\\ud800"'],
    [`/${'x'.repeat(99)}`, `/${'x'.repeat(99)}`],
    [`/${'x'.repeat(100)}`, `/${'x'.repeat(99)}...`],
  ])('%j is shown as %s', (path, shown) => {
    expect(showPath(path)).toBe(shown)
  })
})

it('a word is shown like a path, but cut earlier', () => {
  expect(['digest', '', 'a b', 'x'.repeat(21)].map(showWord)).toEqual([
    'digest',
    '""',
    '"a b"',
    `${'x'.repeat(20)}...`,
  ])
})

it('a quoted text has no character that a terminal obeys', () => {
  const text = Array.from({ length: 0x2100 }, (_, code) => String.fromCodePoint(code)).join('')

  expect(quote(text)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
})

it.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [2, '2 bytes'],
])('%i is counted as %s', (count, text) => {
  expect(counted(count, 'byte')).toBe(text)
})

it('a list shows as many as there may be, and says how many more there are', () => {
  expect([listed([], 2), listed(['a', 'b'], 2), listed(['a', 'b', 'c', 'd'], 2)]).toEqual([
    '',
    'a, b',
    'a, b and 2 more',
  ])
})

it('a number is shown in hex, a negative one as 64 bits', () => {
  expect([
    showHex(0),
    showHex(0x1f),
    showHex(2 ** 53 - 1),
    showHex(-1n),
    showHex(0x18cc251f4000000n),
  ]).toEqual(['0x0', '0x1f', '0x1fffffffffffff', '0xffffffffffffffff', '0x18cc251f4000000'])
})
