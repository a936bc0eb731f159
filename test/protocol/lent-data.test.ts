/** LentData: a request that has to wait has bytes that nobody else has, whatever kind it is. */
import { describe, expect, it } from 'vitest'
import { LentData, lend } from '../../src/protocol/lent-data.js'
import type { Request } from '../../src/protocol/message.js'
import { create, read, setData } from '../semantics/fixture.js'

describe('a request that has to wait', () => {
  it.each<[string, (bytes: Uint8Array) => Request]>([
    ['create', (data) => create('/a', { data })],
    ['setData', (data) => ({ ...setData('/a'), data })],
    ['multi', (data) => ({ type: 'multi', ops: [create('/a', { data }), { ...setData('/a'), data }] })],
    ['auth', (auth) => ({ type: 'auth', scheme: 'digest', auth })],
    ['sasl', (token) => ({ type: 'sasl', token })],
  ])('has bytes of its own: %s', (_, requestWith) => {
    const lent = new Uint8Array([1, 2, 3])

    const own = new LentData().own(requestWith(lent))
    lent.fill(0)

    expect(own).toEqual(requestWith(new Uint8Array([1, 2, 3])))
  })

  it.each<[string, Request]>([
    ['data that is null', create('/a', { data: null })],
    ['an auth that is null', { type: 'auth', scheme: 'ip', auth: null }],
    ['none', read('exists', '/a')],
  ])('is as it was with %s', (_, request) => {
    expect(new LentData().own(request)).toEqual(request)
  })
})

describe('bytes of a caller', () => {
  it('are lent as they are, unless they are not as many as they say', () => {
    class Liar extends Uint8Array {
      override get length(): number {
        return 1
      }
    }
    const [honest, liar] = [new Uint8Array(2), new Liar(2)]

    expect(lend(honest)).toBe(honest)
    expect(lend(liar)).toEqual(new Uint8Array(2))
  })
})
