/** The stored owner of a znode (reference 2.4). */
import { describe, expect, it } from 'vitest'
import {
  CONTAINER_OWNER,
  MAX_TTL_MS,
  ownerKind,
  PERSISTENT_OWNER,
  ttlOf,
  ttlOwner,
} from '../../src/protocol/ephemeral-owner.js'

const SESSION = 0x1000003b7310002n

describe('an owner', () => {
  it.each([
    ['persistent', PERSISTENT_OWNER],
    ['ephemeral', SESSION],
    ['ephemeral', 1n],
    ['ephemeral', 0x7fffffffffffffffn],
    ['ephemeral', -(2n ** 63n) + 1n],
    ['container', CONTAINER_OWNER],
    ['ttl', ttlOwner(1)],
    ['ttl', ttlOwner(MAX_TTL_MS)],
  ])('of the kind %s is %d', (kind, owner) => {
    expect(ownerKind(owner)).toBe(kind)
  })

  it.each([1, 1000, 2 ** 32, MAX_TTL_MS])('of a TTL of %d ms holds it', (ttlMs) => {
    expect(ttlOf(ttlOwner(ttlMs))).toBe(ttlMs)
  })

  it('has the bits of ZooKeeper', () => {
    expect(BigInt.asUintN(64, CONTAINER_OWNER)).toBe(0x8000000000000000n)
    expect(BigInt.asUintN(64, ttlOwner(1))).toBe(0xff00000000000001n)
    expect(MAX_TTL_MS).toBe(1_099_511_627_775)
  })
})
