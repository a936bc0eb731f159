/** Slab: copies that nobody else has, whatever their size. */
import { describe, expect, it } from 'vitest'
import { Slab } from '../../src/base/slab.js'

describe('a slab', () => {
  it.each([0, 1, 63, 64, 65, 127, 128, 129, 2047, 2048, 2049, 100_000])('copies %d bytes', (length) => {
    const source = Uint8Array.from({ length }, (_, i) => i % 251)

    const copy = new Slab().copy(source)

    expect(copy).toEqual(source)
    expect(copy.buffer).not.toBe(source.buffer)
  })

  it('never lets two results overlap, over many refills', () => {
    const slab = new Slab()
    const sizes = Array.from({ length: 500 }, (_, i) => (i * 37) % 200)

    const copies = sizes.map((length, i) => slab.copy(new Uint8Array(length).fill(i % 256)))

    expect(
      copies.every((copy, i) => copy.length === sizes[i] && copy.every((byte) => byte === i % 256)),
    ).toBe(true)
  })

  it('leaves a result alone when another is written over', () => {
    const slab = new Slab()
    const [one, two, three] = [1, 2, 3].map((value) => slab.copy(new Uint8Array(100).fill(value)))

    two?.fill(9)

    expect([one, three]).toEqual([new Uint8Array(100).fill(1), new Uint8Array(100).fill(3)])
  })

  it('copies a view and a Buffer by what they show', () => {
    const slab = new Slab()
    const source = Uint8Array.from([1, 2, 3, 4, 5])

    expect(slab.copy(source.subarray(1, 3))).toEqual(new Uint8Array([2, 3]))
    expect(slab.copy(Buffer.from([7, 8]))).toEqual(new Uint8Array([7, 8]))
  })

  it('shares a buffer among results of middling size and gives all others their own', () => {
    const slab = new Slab()
    const [bytes, words] = [new Uint8Array(2048), new Int32Array(512)]
    const sizes = [64, 64, 65, 1024, 1025, 1025]

    const copies = sizes.map((length, i) =>
      i % 2 === 0 ? slab.copy(bytes.subarray(0, length)) : slab.copyPart(bytes, words, 8, length),
    )

    const buffers = copies.map(({ buffer }) => buffer)
    expect(buffers.map((buffer) => buffers.indexOf(buffer))).toEqual([0, 1, 2, 2, 4, 5])
    expect(copies.map(({ length }) => length)).toEqual(sizes)
  })

  it('lets each result begin where any kind of typed array may', () => {
    const slab = new Slab()

    const places = Array.from({ length: 300 }, (_, i) => slab.copy(new Uint8Array(65 + i)).byteOffset % 8)

    expect(new Set(places)).toEqual(new Set([0]))
  })

  it.each([0, 1, 16, 64, 65, 191, 192, 193, 512, 1024, 1025, 2000])('copies a part of %d bytes', (length) => {
    const words = Int32Array.from({ length: 600 }, (_, i) => i * 0x01_02_03_05)
    const bytes = new Uint8Array(words.buffer)
    const expected = bytes.slice(12, 12 + length)

    const copy = new Slab().copyPart(bytes, words, 12, length)
    words.fill(0)

    expect(copy).toEqual(expected)
  })
})
