/** ReadingMemory: what is read with it is what is read without it, whatever was read before. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeText } from '../../src/protocol/jute-text.js'
import { ReadingMemory } from '../../src/protocol/reading-memory.js'

/** Few enough that they meet each other and themselves again. */
const text = fc.oneof(
  fc.constantFrom('', '/', '/a', '/b', '/app/config', 'é', '/\u{1f600}', 'x'.repeat(128), 'x'.repeat(129)),
  fc.string({ maxLength: 12 }),
  fc.nat({ max: 5_000 }).map((i) => `/node-${i}`),
)

describe('a reading memory', () => {
  it('reads each text as if it read it for the first time', () => {
    const property = fc.property(fc.array(text, { maxLength: 200 }), (texts) => {
      const memory = new ReadingMemory()
      for (const each of texts) {
        const bytes = new TextEncoder().encode(`..${each}..`)
        expect(memory.text(bytes, 2, bytes.length - 4)).toBe(each)
      }
    })
    fc.assert(property, { numRuns: 200 })
  })

  it('reads bytes that are no text as they are read without it', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
      const memory = new ReadingMemory()

      const twice = [memory.text(bytes, 0, bytes.length), memory.text(bytes, 0, bytes.length)]

      expect(twice).toEqual(Array(2).fill(decodeText(bytes)))
    })
    fc.assert(property, { numRuns: 200 })
  })

  it.each([0, 1, 64, 65, 128, 129, 5_000])('copies a part of %d bytes', (length) => {
    const bytes = Uint8Array.from({ length: length + 3 }, (_, i) => i % 251)

    const copy = new ReadingMemory().copy(bytes, 3, length)
    bytes.fill(0)

    expect(copy).toEqual(Uint8Array.from({ length }, (_, i) => (i + 3) % 251))
  })
})
