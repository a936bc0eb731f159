/** Reads of the model: sections 4.4 to 4.11 and 4.17. They change nothing and take no zxid. */
import { ADMIN, permits, READ, shownAcl } from './model-access.js'
import {
  type Acl,
  attempt,
  type Id,
  type ModelCode,
  ModelFailure,
  type ModelStat,
  type SubRead,
} from './model-calls.js'
import {
  childNames,
  descendants,
  ephemeralsOf,
  type ModelNode,
  type ModelTree,
  statOf,
} from './model-tree.js'

/** What a read sees. */
export interface ReadContext {
  readonly tree: ModelTree
  readonly ids: readonly Id[]
  readonly session: bigint
}

/** One entry of a multiRead. */
export type SubReadResult =
  | { readonly type: 'getData'; readonly data: string | null; readonly stat: ModelStat }
  | { readonly type: 'getChildren'; readonly children: readonly string[] }
  | { readonly type: 'error'; readonly code: ModelCode }

/** Stat, or NONODE; READ is needed if the znode exists. */
export function exists(context: ReadContext, path: string): ModelStat {
  readable(context, path, READ)
  return statOf(context.tree, path)
}

/** Data and Stat. */
export function getData(context: ReadContext, path: string): { data: string | null; stat: ModelStat } {
  const node = readable(context, path, READ)
  return { data: node.data, stat: statOf(context.tree, path) }
}

/** Names, sorted, and Stat. */
export function getChildren(
  context: ReadContext,
  path: string,
): { children: readonly string[]; stat: ModelStat } {
  readable(context, path, READ)
  return { children: childNames(context.tree, path), stat: statOf(context.tree, path) }
}

/** The list, digests masked without ADMIN; READ or ADMIN is needed. */
export function getAcl(context: ReadContext, path: string): { acl: readonly Acl[]; stat: ModelStat } {
  const node = readable(context, path, READ | ADMIN)
  return { acl: shownAcl(node.acl, context.ids), stat: statOf(context.tree, path) }
}

/** How many znodes are below, at any depth. */
export function getAllChildrenNumber(context: ReadContext, path: string): number {
  readable(context, path, READ)
  return descendants(context.tree, path).length
}

/** The session's own ephemerals whose path starts with the text; empty and `/` mean all. Sorted. */
export function getEphemerals({ tree, session }: ReadContext, prefix: string): readonly string[] {
  const wanted = prefix.trim() === '' || prefix.trim() === '/' ? '/' : prefix
  return [...ephemeralsOf(tree, session)].filter((path) => path.startsWith(wanted)).sort()
}

/** What the connection is known as, sorted. */
export function whoAmI(ids: readonly Id[]): readonly { scheme: string; user: string }[] {
  const known = ids.map(({ scheme, id }) => ({
    scheme,
    user: scheme === 'digest' ? (id.split(':')[0] ?? '') : id,
  }))
  return known.sort((a, b) => (a.scheme + a.user < b.scheme + b.user ? -1 : 1))
}

/** Each read has its own result; the whole never fails. */
export function multiRead(context: ReadContext, reads: readonly SubRead[]): readonly SubReadResult[] {
  return reads.map((read) => {
    const tried = attempt(() => subRead(context, read))
    return 'code' in tried ? { type: 'error', code: tried.code } : tried.value
  })
}

function subRead(context: ReadContext, { op, path }: SubRead): SubReadResult {
  if (op === 'getData') return { type: 'getData', ...getData(context, path) }
  return { type: 'getChildren', children: getChildren(context, path).children }
}

function readable({ tree, ids }: ReadContext, path: string, perms: number): ModelNode {
  const node = tree.get(path)
  if (node === undefined) throw new ModelFailure('NONODE')
  if (!permits(node.acl, ids, perms)) throw new ModelFailure('NOAUTH')
  return node
}
