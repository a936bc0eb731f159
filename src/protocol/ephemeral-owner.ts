/**
 * The 64-bit owner that a znode stores, in ZooKeeper's encoding: 0 persistent, a session id, a container mark, or a TTL.
 * Clients see only session ids. Used by the tree, its sweeps and snapshots.
 */

/** The owner of a persistent znode. */
export const PERSISTENT_OWNER = 0n

/** The owner of a container. */
export const CONTAINER_OWNER: bigint = -(2n ** 63n)

/** The longest TTL: 2^40 - 1 ms, about 34 years. */
export const MAX_TTL_MS: number = 2 ** 40 - 1

/** What an owner says about its znode. */
export type OwnerKind = 'persistent' | 'ephemeral' | 'container' | 'ttl'

const TTL_MARK = 0xffn
const TTL_TOP = TTL_MARK << 56n

/** The owner of a znode with a TTL of 1 to `MAX_TTL_MS` milliseconds. */
export function ttlOwner(ttlMs: number): bigint {
  return BigInt.asIntN(64, TTL_TOP | BigInt(ttlMs))
}

/** Which kind of znode has this owner. */
export function ownerKind(owner: bigint): OwnerKind {
  if (owner === PERSISTENT_OWNER) return 'persistent'
  if (owner === CONTAINER_OWNER) return 'container'
  return BigInt.asUintN(64, owner) >> 56n === TTL_MARK ? 'ttl' : 'ephemeral'
}

/** The milliseconds in the owner of a TTL znode. */
export function ttlOf(owner: bigint): number {
  return Number(BigInt.asUintN(40, owner))
}
