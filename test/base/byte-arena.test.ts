/** ByteArena: bytes come back as they were kept, whatever else comes and goes, and room is given back. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteArena, NO_BLOCK } from '../../src/base/byte-arena.js'
import { Slab } from '../../src/base/slab.js'

interface Kept {
  number: number
  bytes: Uint8Array
}

const length = fc.oneof(
  fc.nat({ max: 130 }),
  fc.constantFrom(0, 7, 8, 9, 64, 65, 128, 129, 1016, 1023, 1024, 1025, 5_000),
)
const step = fc.record({
  does: fc.constantFrom('add', 'add', 'add', 'replace', 'delete'),
  length,
  which: fc.nat(),
  fill: fc.nat({ max: 255 }),
})

describe('an arena', () => {
  it('gives back what was kept, after any steps', () => {
    const property = fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const [arena, slab] = [new ByteArena(), new Slab()]
      const all: Kept[] = []
      for (const { does, which, fill, ...rest } of steps) {
        const bytes = new Uint8Array(rest.length).map((_, i) => fill + i)
        const one = all[which % Math.max(all.length, 1)]
        if (does === 'add' || one === undefined) all.push({ number: arena.add(bytes), bytes })
        else if (does === 'replace') {
          one.number = arena.replace(one.number, one.bytes.length, bytes)
          one.bytes = bytes
        } else {
          expect(arena.delete(one.number, one.bytes.length)).toBe(NO_BLOCK)
          all.splice(all.indexOf(one), 1)
        }
        bytes.slice().fill(0)
        const broken = all.filter(({ number, bytes: kept }) => {
          const found = [arena.copy(number, kept.length, slab), arena.view(number, kept.length)]
          return found.some((one) => Buffer.compare(one, kept) !== 0)
        })
        expect(broken).toHaveLength(0)
      }
    })
    fc.assert(property, { numRuns: 200 })
  })

  it.each([1, 100, 1024, 1025])('has copies of its own, in and out, of %d bytes', (size) => {
    const [arena, slab] = [new ByteArena(), new Slab()]
    const given = new Uint8Array(size).fill(1)
    const number = arena.add(given)

    given.fill(2)
    arena.copy(number, size, slab).fill(3)

    expect(arena.copy(number, size, slab)).toEqual(new Uint8Array(size).fill(1))
  })

  it.each([1, 100, 1024])('shows the very bytes that it keeps, of %d bytes', (size) => {
    const arena = new ByteArena()
    const number = arena.add(new Uint8Array(size).fill(1))
    const view = arena.view(number, size)

    arena.replace(number, size, new Uint8Array(size).fill(2))

    expect(view).toEqual(new Uint8Array(size).fill(2))
  })

  it('needs little more room than the bytes, and gives it back', () => {
    const arena = new ByteArena()
    const numbers = Array.from({ length: 20_000 }, () => arena.add(new Uint8Array(100)))
    const full = arena.reservedBytes
    for (const number of numbers) arena.delete(number, 100)

    expect([full < 20_000 * 107, arena.reservedBytes <= 65_536]).toEqual([true, true])
  })

  it('does not make a buffer for each coming and going', () => {
    const arena = new ByteArena()
    const rooms = new Set<number>()
    for (let i = 0; i < 1_000; i++) {
      const number = arena.add(new Uint8Array(100))
      rooms.add(arena.reservedBytes)
      arena.delete(number, 100)
      rooms.add(arena.reservedBytes)
    }

    expect(rooms.size).toBe(1)
  })

  it('starts over when it is cleared', () => {
    const [arena, slab] = [new ByteArena(), new Slab()]
    for (let i = 0; i < 100; i++) arena.add(new Uint8Array(i * 20))

    arena.clear()
    const number = arena.add(Uint8Array.of(1, 2))

    expect(arena.copy(number, 2, slab)).toEqual(Uint8Array.of(1, 2))
    expect(arena.reservedBytes).toBeLessThan(1_000)
  })
})
