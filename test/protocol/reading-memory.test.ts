/** ReadingMemory: what is read with it is what is read without it, whatever was read before. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JuteReader, JuteWriter } from '../../src/protocol/jute.js'
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

  it('tells texts apart that fall on one place: 9,000 of one length have 2,048 places', () => {
    const memory = new ReadingMemory()
    const texts = Array.from({ length: 9_000 }, (_, i) => `/node-${1_000 + i}`)

    const read = [...texts, ...texts.toReversed()].map((each) => {
      const bytes = new TextEncoder().encode(`..${each}..`)
      return memory.text(bytes, 2, bytes.length - 4)
    })

    expect(read).toEqual([...texts, ...texts.toReversed()])
  })

  it('reads bytes that are no text as they are read without it', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
      const memory = new ReadingMemory()

      const twice = [memory.text(bytes, 0, bytes.length), memory.text(bytes, 0, bytes.length)]

      expect(twice).toEqual(Array(2).fill(decodeText(bytes)))
    })
    fc.assert(property, { numRuns: 200 })
  })

  it('decodes a short plain text once, and any other each time', () => {
    const decoded: string[] = []
    const memory = new ReadingMemory((bytes) => {
      decoded.push(decodeText(bytes))
      return decodeText(bytes)
    })
    const texts = ['', '/a', 'x'.repeat(128), '\u007f', 'x'.repeat(129), 'é']

    for (const each of [...texts, ...texts]) {
      const bytes = new TextEncoder().encode(each)
      memory.text(bytes, 0, bytes.length)
    }

    expect(decoded).toEqual([...texts, 'x'.repeat(129), 'é'])
  })

  it('knows many texts at a time', () => {
    let decoded = 0
    const memory = new ReadingMemory((bytes) => {
      decoded += 1
      return decodeText(bytes)
    })
    const texts = Array.from({ length: 100 }, (_, i) => new TextEncoder().encode(`.../app/node-${i}`))

    for (let rounds = 0; rounds < 10; rounds++)
      for (const bytes of texts) memory.text(bytes, 2, bytes.length - 2)

    expect(decoded).toBeLessThan(200)
  })

  it('is asked by a reader for texts', () => {
    const asked: string[] = []
    const memory = new ReadingMemory((bytes) => {
      asked.push('text')
      return decodeText(bytes)
    })
    const out = new JuteWriter()
    out.text('/a')
    out.text('/a')
    out.buffer(new Uint8Array([1, 2]))
    const reader = new JuteReader(out.take(), { memory })

    const [first, second, bytes] = [reader.text(), reader.text(), reader.buffer()]

    expect([first, second, asked]).toEqual(['/a', '/a', ['text']])
    expect(bytes).toEqual(new Uint8Array([1, 2]))
  })
})
