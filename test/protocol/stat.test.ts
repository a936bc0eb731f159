/** Stat: plain fields that compare and print as they are, and a JSON form. */
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Stat } from '../../src/protocol/stat.js'

const big = 2n ** 60n
const stat = new Stat(1n, 2n, 3, 4, 5, 6, 7, big, 9, 10, 11n)

describe('a Stat', () => {
  it('has its fields in the order of the wire', () => {
    expect(Object.entries(stat)).toEqual([
      ['czxid', 1n],
      ['mzxid', 2n],
      ['ctime', 3],
      ['mtime', 4],
      ['version', 5],
      ['cversion', 6],
      ['aversion', 7],
      ['ephemeralOwner', big],
      ['dataLength', 9],
      ['numChildren', 10],
      ['pzxid', 11n],
    ])
  })

  it('is written to JSON with identifying numbers as decimal strings', () => {
    expect(JSON.parse(JSON.stringify(stat))).toEqual({
      czxid: '1',
      mzxid: '2',
      ctime: 3,
      mtime: 4,
      version: 5,
      cversion: 6,
      aversion: 7,
      ephemeralOwner: '1152921504606846976',
      dataLength: 9,
      numChildren: 10,
      pzxid: '11',
    })
  })

  it('is written to JSON inside something else', () => {
    expect(JSON.stringify({ stat })).toContain('"czxid":"1"')
  })

  it('survives structuredClone and logging', () => {
    expect(structuredClone({ ...stat })).toEqual({ ...stat })
    expect(inspect(stat)).toContain('czxid: 1n')
  })
})
