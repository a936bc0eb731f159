/** Multis on the wire: operations and results each behind a header, up to the one that says done. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { JuteReader, JuteWriter, MarshallingError } from '../../src/protocol/jute.js'
import {
  readMultiOps,
  readMultiReadOps,
  readOpResults,
  readReadResults,
  writeMultiOps,
  writeMultiReadOps,
  writeResults,
} from '../../src/protocol/multi-codec.js'
import { runParameters, timeLimitMs } from '../property/run-parameters.js'
import { hex, hexInt, toHex } from './hex.js'
import { multiOps, multiReadOps, opResults, readResults } from './message-arbitraries.js'

const parameters = runParameters(500)
const timeout = timeLimitMs(parameters)

const END = 'ff ff ff ff 01 ff ff ff ff'
const CHECK = '00 00 00 0d 00 ff ff ff ff | 00 00 00 01 2f | 00 00 00 01'

test('operations come back as they were written', { timeout }, () => {
  const property = fc.property(multiOps, (ops) => {
    const input = written((out) => writeMultiOps(out, ops))

    expect(readMultiOps(input)).toEqual(ops)
    expect(input.remaining).toBe(0)
  })

  fc.assert(property, parameters)
})

test('reads come back as they were written', { timeout }, () => {
  const property = fc.property(multiReadOps, (ops) => {
    const input = written((out) => writeMultiReadOps(out, ops))

    expect(readMultiReadOps(input)).toEqual(ops)
    expect(input.remaining).toBe(0)
  })

  fc.assert(property, parameters)
})

test('results come back as they were written', { timeout }, () => {
  const property = fc.property(opResults, readResults, (results, reads) => {
    expect(readOpResults(written((out) => writeResults(out, results)))).toEqual(results)
    expect(readReadResults(written((out) => writeResults(out, reads)))).toEqual(reads)
  })

  fc.assert(property, parameters)
})

test('operations that are cut off anywhere are none', { timeout }, () => {
  const property = fc.property(multiOps, fc.nat(), (ops, cutAt) => {
    const out = new JuteWriter()
    writeMultiOps(out, ops)
    const whole = out.take()
    // The last four bytes are a number that nobody looks at, but they have to be there.
    const short = whole.subarray(0, cutAt % whole.length)

    expect(() => readMultiOps(new JuteReader(short))).toThrow(MarshallingError)
  })

  fc.assert(property, parameters)
})

describe('operations', () => {
  it.each([
    ['setData', '00 00 00 05 00 ff ff ff ff | ff ff ff ff | 00 00 00 00 | ff ff ff ff'],
    ['delete', '00 00 00 02 00 ff ff ff ff | ff ff ff ff | ff ff ff ff'],
    ['check', '00 00 00 0d 00 ff ff ff ff | ff ff ff ff | ff ff ff ff'],
  ])('have a path: %s without one cannot be read', (_operation, bytes) => {
    const input = new JuteReader(hex(`${bytes} | ff ff ff ff 01 ff ff ff ff`))

    expect(() => readMultiOps(input)).toThrow(MarshallingError)
  })

  it('end at the first header that says done, whatever else it says', () => {
    const input = new JuteReader(hex(`${CHECK} | 00 00 00 01 01 00 00 00 00 | 2a`))

    expect(readMultiOps(input)).toEqual([{ type: 'check', path: '/', version: 1 }])
    expect(input.remaining).toBe(1)
  })

  it('are read whatever error their headers name', () => {
    const input = new JuteReader(hex(`00 00 00 0d 00 00 00 00 07 | 00 00 00 01 2f | 00 00 00 01 | ${END}`))

    expect(readMultiOps(input)).toHaveLength(1)
  })

  it.each([
    ['setACL', 7],
    ['getData', 4],
    ['an error', -1],
    ['multi', 14],
    ['anything else', 999],
  ])('do not hold %s', (_what, opCode) => {
    const input = new JuteReader(hex(`${hexInt(opCode)} 00 ff ff ff ff | 00 00 00 01 2f 00 | ${END}`))

    expect(() => readMultiOps(input)).toThrow(
      new MarshallingError(`operation ${opCode} does not belong here`),
    )
  })

  it.each([
    ['create', '00 00 00 01 00 ff ff ff ff | ff ff ff ff | 00 00 00 00 | 00 00 00 00 | 00 00 00 00'],
    ['delete', '00 00 00 02 00 ff ff ff ff | ff ff ff ff | 00 00 00 00'],
    ['check', '00 00 00 0d 00 ff ff ff ff | ff ff ff ff | 00 00 00 00'],
  ])('need a path: %s', (_what, op) => {
    expect(() => readMultiOps(new JuteReader(hex(`${op} | ${END}`)))).toThrow('null where a path is needed')
  })

  it('without any are the end alone', () => {
    const out = new JuteWriter()

    writeMultiOps(out, [])

    expect(toHex(out.take())).toBe(toHex(hex(END)))
  })
})

describe('reads', () => {
  it('never leave a watch, whatever their flag says', () => {
    const input = new JuteReader(hex(`00 00 00 04 00 ff ff ff ff | 00 00 00 01 2f 01 | ${END}`))
    const out = new JuteWriter()

    const ops = readMultiReadOps(input)
    writeMultiReadOps(out, ops)

    expect(ops).toEqual([{ type: 'getData', path: '/' }])
    expect(toHex(out.take())).toBe(toHex(hex(`00 00 00 04 00 ff ff ff ff | 00 00 00 01 2f 00 | ${END}`)))
  })

  it.each([
    ['a write', 1],
    ['exists', 3],
    ['getChildren2', 12],
    ['check', 13],
  ])('do not hold %s', (_what, opCode) => {
    const input = new JuteReader(hex(`${hexInt(opCode)} 00 ff ff ff ff | 00 00 00 01 2f 00 | ${END}`))

    expect(() => readMultiReadOps(input)).toThrow(`operation ${opCode} does not belong here`)
  })
})

describe('results', () => {
  it('are read by what they say, a create with a Stat by the number of create2', () => {
    const input = new JuteReader(hex(`00 00 00 0f 00 00 00 00 00 | 00 00 00 02 2f 61 | 00*68 | ${END}`))

    expect(readOpResults(input)).toMatchObject([{ type: 'create', path: '/a', stat: { czxid: 0n } }])
  })

  it.each([
    ['createContainer', 19],
    ['createTTL', 21],
    ['getData', 4],
  ])('of a write are never those of %s', (_what, opCode) => {
    const input = new JuteReader(hex(`${hexInt(opCode)} 00 00 00 00 00 | 00 00 00 02 2f 61 | 00*68 | ${END}`))

    expect(() => readOpResults(input)).toThrow(MarshallingError)
  })

  it.each([
    ['ff ff ff 99', { type: 'error', code: 'BADVERSION', errno: -103 }],
    ['00 00 00 00', { type: 'error', code: 'OK', errno: 0 }],
    ['ff ff ff fe', { type: 'error', code: 'RUNTIMEINCONSISTENCY', errno: -2 }],
    ['ff ff fc 18', { type: 'error', code: 'APIERROR', errno: -100 }],
  ])('that are the error %s have its code, or that of its kind', (errno, result) => {
    const bytes = hex(`ff ff ff ff 00 ${errno} | ${errno} | ${END}`)

    expect(readOpResults(new JuteReader(bytes))).toEqual([result])
    expect(readReadResults(new JuteReader(bytes))).toEqual([result])
  })
})

function written(write: (out: JuteWriter) => void): JuteReader {
  const out = new JuteWriter()
  write(out)
  return new JuteReader(out.take())
}
