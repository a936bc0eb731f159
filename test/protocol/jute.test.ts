/** Jute by itself: what the writer writes the reader reads, at the ends of every range too, and neither goes past its end. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { JuteReader, JuteWriter, MarshallingError } from '../../src/protocol/jute.js'
import { decodeText } from '../../src/protocol/jute-text.js'
import { runParameters, timeLimitMs } from '../property/run-parameters.js'
import { hex, toHex } from './hex.js'
import { bytes, int, long, text, wholeNumber } from './message-arbitraries.js'

const parameters = runParameters(1000)
const timeout = timeLimitMs(parameters)

/** One thing of each kind. */
const piece = fc.oneof(
  fc.record({ kind: fc.constant('byte' as const), value: fc.integer({ min: -128, max: 127 }) }),
  fc.record({ kind: fc.constant('boolean' as const), value: fc.boolean() }),
  fc.record({ kind: fc.constant('int' as const), value: int }),
  fc.record({ kind: fc.constant('long' as const), value: long }),
  fc.record({ kind: fc.constant('number' as const), value: wholeNumber }),
  fc.record({ kind: fc.constant('text' as const), value: fc.option(text, { nil: null }) }),
  fc.record({ kind: fc.constant('buffer' as const), value: fc.option(bytes, { nil: null }) }),
  fc.record({ kind: fc.constant('list' as const), value: fc.array(text, { maxLength: 4 }) }),
)

type Piece = typeof piece extends fc.Arbitrary<infer P> ? P : never

test('whatever is written is read back, and nothing is left', { timeout }, () => {
  const property = fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
    const out = new JuteWriter()
    for (const each of pieces) write(out, each)
    const input = new JuteReader(out.take())

    expect(pieces.map((each) => read(input, each.kind))).toEqual(pieces.map(({ value }) => value))
    expect(input.remaining).toBe(0)
  })

  fc.assert(property, parameters)
})

test('a number is the long of the same value', { timeout }, () => {
  const property = fc.property(wholeNumber, (value) => {
    const [asNumber, asLong] = [new JuteWriter(), new JuteWriter()]
    asNumber.number(value)
    asLong.long(BigInt(value))

    expect(toHex(asNumber.take())).toBe(toHex(asLong.take()))
  })

  fc.assert(property, parameters)
})

test('text is written as the platform encodes it, a lone surrogate as U+FFFD', { timeout }, () => {
  const anyUnits = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 100 })
  const property = fc.property(anyUnits, (units) => {
    const value = String.fromCharCode(...units)
    const out = new JuteWriter()
    out.text(value)
    const written = out.take()

    expect(new JuteReader(written).text()).toBe(value.replaceAll(/\p{Surrogate}/gu, '\ufffd'))
    expect(toHex(written.subarray(4))).toBe(toHex(new TextEncoder().encode(value)))
  })

  fc.assert(property, parameters)
})

test('text that Java wrote is read as what it means', { timeout }, () => {
  const property = fc.property(text, (value) => {
    expect(decodeText(asJavaWrites(value))).toBe(value)
  })

  fc.assert(property, parameters)
})

test('bytes that are no text become U+FFFD where they are not, and never throw', { timeout }, () => {
  const seam = fc.constantFrom(0xed, 0xa0, 0xbf, 0xb0, 0x80, 0x2f, 0xf0, 0xff)
  const property = fc.property(fc.array(seam, { maxLength: 30 }), (units) => {
    const decoded = decodeText(Uint8Array.from(units))

    expect(decoded).not.toMatch(/\p{Surrogate}/u)
    expect(decoded.split('/').length).toBe(units.filter((unit) => unit === 0x2f).length + 1)
  })

  fc.assert(property, parameters)
})

describe('a number', () => {
  it.each([
    [0, '0000000000000000'],
    [1, '0000000000000001'],
    [-1, 'ffffffffffffffff'],
    [0xf234, '000000000000f234'],
    [2 ** 32, '0000000100000000'],
    [-(2 ** 32), 'ffffffff00000000'],
    [2 ** 53, '0020000000000000'],
    [-(2 ** 53), 'ffe0000000000000'],
  ])('%i is eight bytes', (value, digits) => {
    const out = new JuteWriter()

    out.number(value)

    expect(toHex(out.take())).toBe(digits)
    expect(new JuteReader(hex(digits)).number()).toBe(value)
  })

  it('beyond 2^53 is read as one near it', () => {
    expect(new JuteReader(hex('7f ff ff ff ff ff ff ff')).number()).toBe(2 ** 63)
    expect(new JuteReader(hex('80 00 00 00 00 00 00 00')).number()).toBe(-(2 ** 63))
  })
})

describe('a boolean', () => {
  it.each([
    ['00', false],
    ['01', true],
    ['02', true],
    ['ff', true],
  ])('is read from the byte %s as %s', (digits, value) => {
    expect(new JuteReader(hex(digits)).boolean()).toBe(value)
  })
})

describe('text', () => {
  it.each([
    [null, 'ffffffff'],
    ['', '00000000'],
    ['/w', '000000022f77'],
    ['ü', '00000002c3bc'],
    ['\ufeff', '00000003efbbbf'],
    ['😀', '00000004f09f9880'],
    ['\ud83d', '00000003efbfbd'],
    ['\ude00/', '00000004efbfbd2f'],
  ])('%j is written with its length in bytes', (value, digits) => {
    const out = new JuteWriter()

    out.text(value)

    expect(toHex(out.take())).toBe(digits)
  })

  it.each([63, 64, 65, 1000])('of %i characters is the same, whichever way it is written', (length) => {
    const [plain, foreign] = [new JuteWriter(), new JuteWriter()]

    plain.text('a'.repeat(length))
    foreign.text(`${'a'.repeat(length - 1)}ü`)

    expect(new JuteReader(plain.take()).text()).toBe('a'.repeat(length))
    expect(new JuteReader(foreign.take()).text()).toBe(`${'a'.repeat(length - 1)}ü`)
  })

  it.each([
    ['a surrogate without its other half', 'ed a0 bd', '\ufffd\ufffd\ufffd'],
    ['the halves in the wrong order', 'ed b8 80 ed a0 bd', '\ufffd'.repeat(6)],
    ['two second halves', 'ed b8 80 ed b8 80', '\ufffd'.repeat(6)],
    ['two of the lowest second half', 'ed b0 80 ed b0 80', '\ufffd'.repeat(6)],
    ['two first halves', 'ed a0 bd ed a0 bd', '\ufffd'.repeat(6)],
    ['a pair that is cut off', '2f ed a0 bd ed b8', '/\ufffd\ufffd\ufffd\ufffd\ufffd'],
    ['a stray byte before a pair', 'ff ed a0 bd ed b8 80', '\ufffd😀'],
    ['what is like a first half but for one bit', 'ed e0 bd ed b8 80', '\ufffd'.repeat(5)],
    ['what is like a second half but for one bit', 'ed a0 bd ed f8 80', '\ufffd'.repeat(6)],
    ['Korean and a stray byte', 'ed 95 9c ff', '한\ufffd'],
    ['the replacement itself', 'ef bf bd ed 95 9c', '\ufffd한'],
  ])('is read with U+FFFD for what is none: %s', (_what, digits, value) => {
    expect(decodeText(hex(digits))).toBe(value)
  })
})

describe('a buffer', () => {
  it('that is null and one that is empty are two things', () => {
    const out = new JuteWriter()

    out.buffer(null)
    out.buffer(new Uint8Array(0))

    const input = new JuteReader(out.take())
    expect([input.buffer(), input.buffer()]).toEqual([null, new Uint8Array(0)])
  })

  it('is a copy of what was read', () => {
    const frame = hex('00 00 00 02 01 02')
    const read = new JuteReader(frame).buffer()

    frame.fill(0)

    expect(read).toEqual(Uint8Array.of(1, 2))
  })

  it('is what was read itself where bytes are lent', () => {
    const message = Buffer.alloc(20).subarray(4, 12)
    message.set([0, 0, 0, 2, 1, 2])

    const bytes = new JuteReader(message, { lendsBytes: true }).buffer()
    message[4] = 9

    expect(bytes).toEqual(new Uint8Array([9, 2]))
  })

  it('is a copy of what was written', () => {
    const out = new JuteWriter()
    const data = Uint8Array.of(1, 2)
    out.buffer(data)

    data.fill(0)

    expect(toHex(out.take())).toBe('000000020102')
  })
})

describe('a reader', () => {
  it.each([
    ['byte', ''],
    ['int', '00 00 00'],
    ['long', '00*7'],
    ['number', '00*7'],
    ['text', '00 00 00'],
    ['text', '00 00 00 02 2f'],
    ['text', '7f ff ff ff 2f'],
    ['text', 'ff ff ff fe 2f'],
    ['text', '80 00 00 00 2f'],
    ['buffer', '00 00 00 01'],
    ['buffer', 'ff ff ff fe'],
    ['list', '00 00 00'],
    ['list', '00 00 00 01 00 00 00'],
    ['list', '7f ff ff ff 00 00 00 00'],
  ] as const)('throws for a %s in "%s"', (kind, digits) => {
    expect(() => read(new JuteReader(hex(digits)), kind)).toThrow(MarshallingError)
  })

  it('says what was wrong', () => {
    expect(() => new JuteReader(hex('00 00 00 05 2f')).text()).toThrow('5 bytes wanted where 1 are left')
    expect(() => new JuteReader(hex('ff ff ff fe')).text()).toThrow('a length of -2')
    expect(() => read(new JuteReader(hex('00 00 00 09 00')), 'list')).toThrow(
      'a list of 9 does not fit into 1 bytes',
    )
    expect(() => read(new JuteReader(hex('00 00 00 03 00*8')), 'list')).toThrow(
      'a list of 3 does not fit into 8 bytes',
    )
  })

  it('reads within the bytes that it was given, and not those around them', () => {
    const around = hex('11 22 33 44 55 66')
    const input = new JuteReader(around.subarray(1, 5))

    expect(input.int()).toBe(0x22334455)
    expect(input.remaining).toBe(0)
  })
})

describe('a list', () => {
  it.each([
    ['ff ff ff ff', null],
    ['00 00 00 00', []],
    ['ff ff ff fe', []],
    ['80 00 00 00', []],
  ])('with the count %s is read as %j', (digits, items) => {
    expect(read(new JuteReader(hex(digits)), 'list')).toEqual(items)
  })
})

describe('a writer', () => {
  it('gives away what it wrote, and begins anew', () => {
    const out = new JuteWriter()
    out.int(1)
    const first = out.take()

    out.int(2)

    expect(out.length).toBe(4)
    expect([toHex(first), toHex(out.take()), out.length]).toEqual(['00000001', '00000002', 0])
  })

  it('puts the length in front of a frame, also of one within another batch', () => {
    const out = new JuteWriter()

    out.frame(() => out.text('/w'))
    out.frame(() => undefined)

    expect(toHex(out.take())).toBe('00000006000000022f7700000000')
  })

  it('takes a frame back that could not be finished', () => {
    const out = new JuteWriter()
    out.frame(() => out.byte(1))

    const broken = (): void =>
      out.frame(() => {
        out.buffer(new Uint8Array(1000))
        throw new RangeError('stop')
      })

    expect(broken).toThrow('stop')
    out.frame(() => out.byte(2))
    expect(toHex(out.take())).toBe('00000001010000000102')
  })

  it('holds at most twice what was written', () => {
    const out = new JuteWriter()
    for (let i = 0; i < 5000; i++) out.byte(i)

    const taken = out.take()

    expect(taken.length).toBe(5000)
    expect(taken.buffer.byteLength).toBeLessThanOrEqual(10_000)
  })

  it('gives away no more room than a fifth above what is in it, unless it is small', () => {
    const out = new JuteWriter()
    const roomFor = (bytes: number): number => {
      for (let i = 0; i < bytes; i++) out.byte(1)
      return out.take().buffer.byteLength
    }

    const rooms = [10, 1000, 10, 5000, 70_000, 2000].map(roomFor)

    expect(rooms).toEqual([256, 1024, 10, 5000, 70_000, 2000])
  })

  it('gives a buffer that is nearly full away as it is', () => {
    const out = new JuteWriter()

    out.buffer(new Uint8Array(100_000))

    expect(out.take().buffer.byteLength).toBeGreaterThan(100_004)
  })
})

function write(out: JuteWriter, { kind, value }: Piece): void {
  switch (kind) {
    case 'byte':
      return out.byte(value)
    case 'boolean':
      return out.boolean(value)
    case 'int':
      return out.int(value)
    case 'long':
      return out.long(value)
    case 'number':
      return out.number(value)
    case 'text':
      return out.text(value)
    case 'buffer':
      return out.buffer(value)
    case 'list':
      return out.list(value, (_, item) => out.text(item))
  }
}

function read(input: JuteReader, kind: Piece['kind']): unknown {
  return kind === 'list' ? input.list((reader) => reader.text(), 4) : input[kind]()
}

/** UTF-8 of each 16-bit unit by itself. */
function asJavaWrites(value: string): Uint8Array {
  const units = Array.from({ length: value.length }, (_, i) => value.charCodeAt(i))
  return Uint8Array.from(
    units.flatMap((unit) => {
      if (unit < 0x80) return [unit]
      if (unit < 0x800) return [0xc0 | (unit >> 6), 0x80 | (unit & 0x3f)]
      return [0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)]
    }),
  )
}
