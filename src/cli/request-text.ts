/** What a request asks for, in a few words: the operation as ZooKeeper calls it, the path, and what matters of the rest. */
import { type ACL, type InspectionEvent, Perms } from '../index.js'
import { counted, listed, showData, showHex, showPath, showWord } from './shown-text.js'
import { unreachable } from './unreachable.js'

/** A request as inspection tells it, without credentials. */
export type Request = Extract<InspectionEvent, { readonly kind: 'request' }>['request']
type CreateRequest = Extract<Request, { readonly mode: unknown; readonly data: unknown }>
type SetWatchesRequest = Extract<Request, { readonly type: 'setWatches' }>
type MultiOp = Extract<Request, { readonly type: 'multi' }>['ops'][number]

/** Operations of a multi, and entries of an ACL, that are shown one by one. */
export const MAX_SHOWN = 4

const ANY_VERSION = -1
const PERM_LETTERS: readonly (readonly [bit: number, letter: string])[] = [
  [Perms.CREATE, 'c'],
  [Perms.DELETE, 'd'],
  [Perms.READ, 'r'],
  [Perms.WRITE, 'w'],
  [Perms.ADMIN, 'a'],
]

/** The request as text: `setData /app v3 "hello"`. Never a password: of auth only the scheme, of an ACL never the id. */
export function showRequest(request: Request): string {
  switch (request.type) {
    case 'exists':
    case 'getData':
    case 'getChildren':
    case 'getChildren2':
      return `${request.type} ${showPath(request.path)}${request.watch ? ' watch' : ''}`
    case 'getACL':
    case 'getAllChildrenNumber':
    case 'getEphemerals':
      return `${request.type} ${showPath(request.path)}`
    case 'sync':
      return `sync ${request.path === null ? 'null' : showPath(request.path)}`
    case 'setACL':
      return `setACL ${showPath(request.path)}${showVersion(request.version)} ${showACL(request.acl)}`
    case 'checkWatches':
    case 'removeWatches':
      return `${request.type} ${showPath(request.path)} ${request.watcherType}`
    case 'addWatch':
      return `addWatch ${showPath(request.path)} ${request.mode}`
    case 'multi':
      return showMulti(request.ops.map(showMultiOp))
    case 'multiRead':
      return showMany('multiRead', request.ops.map(showRead))
    case 'setWatches':
      return showSetWatches(request)
    case 'auth':
      return `auth ${showWord(request.scheme)}`
    case 'sasl':
      return `sasl ${counted(request.token.length, 'byte')}`
    case 'whoAmI':
    case 'ping':
    case 'reconfig':
    case 'closeSession':
      return request.type
    case 'malformed':
      return `a body that cannot be read, of operation ${request.opCode}`
    case 'unknown':
      return `no operation that there is: ${request.opCode}`
    default:
      return showMultiOp(request)
  }
}

/** A multi by its operations. */
export function showMulti(ops: readonly string[]): string {
  return showMany('multi', ops)
}

function showMany(name: string, ops: readonly string[]): string {
  return ops.length === 0 ? `${name} of 0` : `${name} of ${ops.length}: ${listed(ops, MAX_SHOWN)}`
}

/** Who may do what: schemes and permissions. Ids are left out, since those of digest are as good as passwords. */
export function showACL(acl: readonly ACL[]): string {
  const entries = acl.map(({ perms, scheme }) => `${showWord(scheme)}:${showPerms(perms)}`)
  return `acl ${listed(entries, MAX_SHOWN) || 'empty'}`
}

/** True for the ACL that grants everything to everybody. */
export function isOpen(acl: readonly ACL[]): boolean {
  const [only, more] = acl
  return only?.perms === Perms.ALL && only.scheme === 'world' && more === undefined
}

function showMultiOp(op: MultiOp): string {
  switch (op.type) {
    case 'create':
    case 'create2':
    case 'createContainer':
    case 'createTTL':
      return showCreate(op)
    case 'delete':
    case 'check':
      return `${op.type} ${showPath(op.path)}${showVersion(op.version)}`
    case 'setData':
      return `setData ${showPath(op.path)}${showVersion(op.version)} ${showData(op.data)}`
    default:
      return unreachable(op)
  }
}

function showCreate({ type, path, data, acl, mode, ttlMs }: CreateRequest): string {
  const words = [type, showPath(path), showData(data)]
  if (mode !== 'PERSISTENT') words.push(mode ?? 'of no known mode')
  if (ttlMs >= 0) words.push(`ttl ${ttlMs} ms`)
  if (!isOpen(acl)) words.push(showACL(acl))
  return words.join(' ')
}

function showRead({ type, path }: { readonly type: string; readonly path: string }): string {
  return `${type} ${showPath(path)}`
}

function showSetWatches(request: SetWatchesRequest): string {
  const counts = [
    [request.dataWatches.length, 'data'],
    [request.existWatches.length, 'exist'],
    [request.childWatches.length, 'child'],
    [request.persistentWatches.length, 'persistent'],
    [request.persistentRecursiveWatches.length, 'recursive'],
  ] as const
  const kinds = counts.filter(([count]) => count > 0).map(([count, kind]) => `${count} ${kind}`)
  return `setWatches ${kinds.join(', ') || 'none'}, since zxid ${showHex(request.relativeZxid)}`
}

function showVersion(version: number): string {
  return version === ANY_VERSION ? '' : ` v${version}`
}

function showPerms(perms: number): string {
  return PERM_LETTERS.map(([bit, letter]) => ((perms & bit) === 0 ? '' : letter)).join('') || 'none'
}
