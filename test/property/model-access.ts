/** Permissions in the model: section 9 of the reference, scheme by scheme. */
import { createHash } from 'node:crypto'
import { type Acl, type Id, ModelFailure } from './model-calls.js'

/** Permission bits. */
export const READ = 1
export const WRITE = 2
export const CREATE = 4
export const DELETE = 8
export const ADMIN = 16

/** The super user of the servers under test: `super:secret`. */
export const SUPER_DIGEST = 'super:lK75jTNcA+U9vtVEw5vB51mj/w4='

/** The peer address of every in-process client. */
export const PEER_ADDRESS = '127.0.0.1'

/** The id of scheme digest that `user:password` proves. */
export function digestOf(userAndPassword: string): string {
  const user = userAndPassword.split(':')[0] ?? ''
  return `${user}:${createHash('sha1').update(userAndPassword).digest('base64')}`
}

/** The ids that an auth packet adds, or undefined if it is refused: section 4.13. */
export function idsOfAuth(scheme: string, auth: string): readonly Id[] | undefined {
  if (scheme === 'ip') return [{ scheme, id: PEER_ADDRESS }]
  if (scheme !== 'digest') return undefined
  const id = digestOf(auth)
  return id === SUPER_DIGEST
    ? [
        { scheme: 'super', id: '' },
        { scheme, id },
      ]
    : [{ scheme, id }]
}

/** A set of ids with some more; adding twice is harmless. */
export function withIds(ids: readonly Id[], more: readonly Id[]): readonly Id[] {
  const missing = more.filter((one) => !ids.some((have) => have.scheme === one.scheme && have.id === one.id))
  return [...ids, ...missing]
}

/** Section 9.3: an entry grants if any of the requested bits is among its own. */
export function permits(acl: readonly Acl[], ids: readonly Id[], perms: number): boolean {
  if (acl.length === 0) return true
  if (ids.some((id) => id.scheme === 'super')) return true
  return acl.some((entry) => {
    if ((entry.perms & perms) === 0) return false
    if (entry.scheme === 'world') return entry.id === 'anyone'
    return ids.some((id) => id.scheme === entry.scheme && matches(entry, id))
  })
}

function matches(entry: Acl, id: Id): boolean {
  if (entry.scheme !== 'ip') return entry.id === id.id
  const [address = '', bits = '32'] = entry.id.split('/')
  const shift = 2n ** (32n - BigInt(bits))
  return addressOf(address) / shift === addressOf(id.id) / shift
}

function addressOf(text: string): bigint {
  return text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n)
}

/** Section 9.5: what is stored for a list, or INVALIDACL. */
export function storedAcl(acl: readonly Acl[], ids: readonly Id[]): readonly Acl[] {
  const distinct = acl.filter((entry, i) => acl.findIndex((each) => sameEntry(each, entry)) === i)
  if (distinct.length === 0) throw new ModelFailure('INVALIDACL')
  return distinct.flatMap((entry) =>
    entry.scheme === 'auth' ? expandAuth(entry, ids) : [requireValid(entry)],
  )
}

function sameEntry(a: Acl, b: Acl): boolean {
  return a.perms === b.perms && a.scheme === b.scheme && a.id === b.id
}

function expandAuth(entry: Acl, ids: readonly Id[]): readonly Acl[] {
  const proven = ids.filter((id) => id.scheme === 'digest')
  if (proven.length === 0) throw new ModelFailure('INVALIDACL')
  return proven.map((id) => ({ perms: entry.perms, scheme: id.scheme, id: id.id }))
}

function requireValid(entry: Acl): Acl {
  if (!isValidEntry(entry)) throw new ModelFailure('INVALIDACL')
  return entry
}

function isValidEntry({ scheme, id }: Acl): boolean {
  if (scheme === 'world') return id === 'anyone'
  if (scheme === 'digest') return /^[^:]*:[^:]+:*$/.test(id)
  if (scheme !== 'ip') return false
  const found = /^(\d+)\.(\d+)\.(\d+)\.(\d+)(?:\/(\d+))?$/.exec(id)
  if (found === null) return false
  return found.slice(1, 5).every((part) => Number(part) < 256) && Number(found[5] ?? 32) <= 32
}

/** What getACL shows: digests are masked without ADMIN. */
export function shownAcl(acl: readonly Acl[], ids: readonly Id[]): readonly Acl[] {
  if (permits(acl, ids, ADMIN)) return acl
  return acl.map((entry) =>
    entry.scheme === 'digest' ? { ...entry, id: `${entry.id.split(':')[0] ?? ''}:x` } : entry,
  )
}
