/**
 * Who may do what: the schemes world, auth, digest, ip and super, the check of a permission, and the check of a new ACL.
 * Pure but for the digest of the superuser. An unknown scheme or a missing part never passes.
 */

import { bytesEqual } from '../base/bytes.js'
import { encodeUtf8 } from '../base/platform.js'
import { type ACL, OPEN_ACL_UNSAFE, Perms } from '../protocol/acl.js'
import type { Bytes } from '../protocol/message.js'
import type { VersionTraits } from './compatibility.js'
import { digestId } from './digest.js'
import { ipMatches, isIpPattern } from './ip-pattern.js'

/** One identity of a connection. */
export interface AuthId {
  readonly scheme: string
  readonly id: string
}

/** The identity that no check stops. */
const SUPER: AuthId = { scheme: 'super', id: '' }

/** True if one of the identities has one of the permissions (bits). */
export function isPermitted(acl: readonly ACL[], perms: number, ids: readonly AuthId[]): boolean {
  if (acl === OPEN_ACL_UNSAFE || acl.length === 0) return true
  if (ids.some((id) => id.scheme === SUPER.scheme)) return true
  return acl.some((entry) => (entry.perms & perms) !== 0 && grantsTo(entry, ids))
}

/**
 * The list as it is stored: exact duplicates dropped, then `auth` replaced by the connection's own identities.
 * Undefined, which means INVALIDACL, if it is empty or an entry is malformed.
 */
export function findStorableACL(
  acl: readonly ACL[],
  ids: readonly AuthId[],
  { acceptsIpv6 }: Pick<VersionTraits, 'acceptsIpv6'>,
): readonly ACL[] | undefined {
  // The usual case first: nothing to compare, nothing to copy.
  if (isOpen(acl)) return OPEN_ACL_UNSAFE
  const distinct = new Map(acl.map((entry) => [JSON.stringify([entry.perms, entry.scheme, entry.id]), entry]))
  const stored: ACL[] = []
  for (const entry of distinct.values()) {
    const isKnown = isStorable(entry) && (acceptsIpv6 || entry.scheme !== 'ip' || !entry.id.includes(':'))
    const expanded = entry.scheme === 'auth' ? expandAuth(entry, ids) : isKnown ? [entry] : []
    if (expanded.length === 0) return undefined
    stored.push(...expanded)
  }
  return stored.length === 0 ? undefined : shareACL(stored)
}

/** A list as znodes hold it: frozen, and one for all that are open to everybody, which makes the check one comparison. */
export function shareACL(acl: readonly ACL[]): readonly ACL[] {
  if (isOpen(acl)) return OPEN_ACL_UNSAFE
  return Object.freeze(acl.map(({ perms, scheme, id }) => Object.freeze({ perms, scheme, id })))
}

function isOpen(acl: readonly ACL[]): boolean {
  if (acl === OPEN_ACL_UNSAFE) return true
  const only = acl[0]
  return acl.length === 1 && only?.perms === Perms.ALL && only.scheme === 'world' && only.id === 'anyone'
}

/** The list as a reader sees it: digests are cut off for those who may not administer the znode. */
export function visibleACL(acl: readonly ACL[], ids: readonly AuthId[]): ACL[] {
  const isMasked = !isPermitted(acl, Perms.ADMIN, ids)
  return acl.map((entry) => {
    const { perms, scheme, id } = entry
    return isMasked && scheme === 'digest' ? { perms, scheme, id: `${userOf(id)}:x` } : { perms, scheme, id }
  })
}

/** The identities that an auth packet gives; undefined if it fails. */
export function authenticate(
  scheme: string,
  auth: Bytes,
  from: { readonly remoteAddress: string; readonly superDigest: string | undefined },
): readonly AuthId[] | undefined {
  if (scheme === 'ip') return [{ scheme, id: from.remoteAddress }]
  if (scheme !== 'digest' || auth === null) return undefined
  const id = digestId(auth)
  const isSuper = from.superDigest !== undefined && bytesEqual(encodeUtf8(id), encodeUtf8(from.superDigest))
  return isSuper ? [SUPER, { scheme, id }] : [{ scheme, id }]
}

/** The part of an identity that whoAmI shows. */
export function userOfId(id: AuthId): string {
  return id.scheme === 'digest' ? userOf(id.id) : id.id
}

function grantsTo(entry: ACL, ids: readonly AuthId[]): boolean {
  if (entry.scheme === 'world') return entry.id === 'anyone'
  return ids.some(
    (id) =>
      id.scheme === entry.scheme &&
      (id.id === entry.id || (id.scheme === 'ip' && ipMatches(id.id, entry.id))),
  )
}

function expandAuth(entry: ACL, ids: readonly AuthId[]): ACL[] {
  return ids
    .filter((id) => id.scheme === 'digest')
    .map((id) => ({ perms: entry.perms, scheme: id.scheme, id: id.id }))
}

/** True for an entry that a znode can hold. */
export function isStorable(entry: ACL): boolean {
  switch (entry.scheme) {
    case 'world':
      return entry.id === 'anyone'
    case 'digest':
      return isDigestId(entry.id)
    case 'ip':
      return isIpPattern(entry.id)
    default:
      return false
  }
}

/** True for an id of the digest scheme: two parts around the colon. Java's split drops empty parts at the end, so `u:h:` has two and `u:` has one. */
export function isDigestId(id: string): boolean {
  const parts = id.split(':')
  while (parts.length > 0 && parts.at(-1) === '') parts.pop()
  return parts.length === 2
}

function userOf(digest: string): string {
  const colon = digest.indexOf(':')
  return colon < 0 ? digest : digest.slice(0, colon)
}
