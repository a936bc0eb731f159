/** What listeners are told of requests: copies of their own, without credentials. What they are told when is in test/inspection.test.ts. */
import { describe, expect, it } from 'vitest'
import type { Request } from '../../src/protocol/message.js'
import { copyRequest } from '../../src/server/inspection.js'

describe('a copied request', () => {
  it.each<[Request, Request]>([
    [
      { type: 'auth', scheme: 'digest', auth: Uint8Array.of(1) },
      { type: 'auth', scheme: 'digest', auth: new Uint8Array(0) },
    ],
    [
      { type: 'sasl', token: Uint8Array.of(1) },
      { type: 'sasl', token: new Uint8Array(0) },
    ],
  ])('has no credentials: %o', (request, copy) => {
    expect(copyRequest(request)).toEqual(copy)
  })

  it('shares nothing with the request', () => {
    const data = Uint8Array.of(1)
    const request = { type: 'setData', path: '/a', data, version: -1 } as const

    const copy = copyRequest(request)
    data.fill(2)

    expect(copy).toEqual({ ...request, data: Uint8Array.of(1) })
  })
})
