/** Bytes of any realm: how they are told, copied and compared. */
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { bytesEqual, copyBytes, isBytes } from '../../src/base/bytes.js'

describe('bytes', () => {
  it.each([
    ['a Uint8Array', new Uint8Array(2), true],
    ['a Buffer', Buffer.from('a'), true],
    ['a Uint8Array of another realm', runInNewContext('new Uint8Array(2)'), true],
    ['a Uint16Array', new Uint16Array(2), false],
    ['a DataView', new DataView(new ArrayBuffer(2)), false],
    ['an ArrayBuffer', new ArrayBuffer(2), false],
    ['a list', [1, 2], false],
    ['text', 'ab', false],
    ['null', null, false],
    ['nothing', undefined, false],
    ['something that says so', { [Symbol.toStringTag]: 'Uint8Array' }, false],
  ])('are told: %s', (_, value, is) => {
    expect(isBytes(value)).toBe(is)
  })

  it('are copied, those of a Buffer too', () => {
    const [array, buffer] = [new Uint8Array([1, 2]), Buffer.from([1, 2])]

    const copies = [copyBytes(array), copyBytes(buffer)]
    array.fill(9)
    buffer.fill(9)

    expect(copies).toEqual([new Uint8Array([1, 2]), new Uint8Array([1, 2])])
    expect(copies.some((copy) => Buffer.isBuffer(copy))).toBe(false)
  })

  it.each([
    [[], [], true],
    [[1, 2, 3], [1, 2, 3], true],
    [[1, 2, 3], [1, 2, 4], false],
    [[0, 2, 3], [1, 2, 3], false],
    [[1, 2], [1, 2, 3], false],
    [[1, 2, 0], [1, 2], false],
    [[1, 2], [2, 1], false],
  ])('%j and %j are equal: %s', (one, other, expected) => {
    expect(bytesEqual(Uint8Array.from(one), Uint8Array.from(other))).toBe(expected)
  })
})
