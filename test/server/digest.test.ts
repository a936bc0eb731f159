/** The id of the digest scheme, beside another implementation of the hash. */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { digestId } from '../../src/server/digest.js'

describe('digestId', () => {
  it.each([
    ['bob:secret', 'bob'],
    ['bob:a:b', 'bob'],
    ['bob', 'bob'],
    [':secret', ''],
    ['', ''],
  ])('of %s is the user and the hash of all of it', (text, user) => {
    const hash = createHash('sha1').update(text).digest('base64')

    expect([digestId(text), digestId(new TextEncoder().encode(text))]).toEqual(
      Array(2).fill(`${user}:${hash}`),
    )
  })
})
