/**
 * Server-side watches of the model: a plain array of (session, path, table, mode), as in section 6 with 3.9's rules.
 * A session is the watcher, since it has one connection at a time here. No entry occurs twice.
 */
import { type Acl, ModelFailure, type NodeEventType, type RemoveType } from './model-calls.js'
import { selfAndAncestors } from './model-paths.js'

/** Which of the two tables. */
export type WatchTable = 'data' | 'child'

/** How long a registration lives and how far it sees. */
export type WatchMode = 'standard' | 'persistent' | 'recursive'

/** What the user called it, for the trigger matrix of section 6.5. */
export type WatchKind = 'data' | 'exists' | 'child' | 'persistent' | 'recursive'

/** One registration. */
export interface ModelWatch {
  readonly session: bigint
  readonly path: string
  readonly table: WatchTable
  readonly mode: WatchMode
  readonly kind: WatchKind
}

/** One call of the trigger of section 6.3, with the ACL that decides who may be told. */
export interface TriggerCall {
  readonly table: WatchTable
  readonly type: NodeEventType
  readonly path: string
  readonly acl: readonly Acl[]
  /** Sessions that the call before has served are passed over. */
  readonly suppressServed: boolean
}

/** What a trigger does: who is told, by which registrations, and what stays registered. */
export interface Triggered {
  readonly sessions: readonly bigint[]
  readonly hits: readonly ModelWatch[]
  readonly remaining: readonly ModelWatch[]
}

const TABLES: Readonly<Record<WatchKind, readonly WatchTable[]>> = {
  data: ['data'],
  exists: ['data'],
  child: ['child'],
  persistent: ['data', 'child'],
  recursive: ['data'],
}

const MODES: Readonly<Record<WatchKind, WatchMode>> = {
  data: 'standard',
  exists: 'standard',
  child: 'standard',
  persistent: 'persistent',
  recursive: 'recursive',
}

/** Adds a registration; the same one again changes nothing. */
export function register(
  watches: readonly ModelWatch[],
  session: bigint,
  path: string,
  kind: WatchKind,
): readonly ModelWatch[] {
  const mode = MODES[kind]
  const wanted = TABLES[kind].map((table): ModelWatch => ({ session, path, table, mode, kind }))
  return [...watches, ...wanted.filter((one) => !watches.some((have) => same(have, one)))]
}

function same(a: ModelWatch, b: ModelWatch): boolean {
  return a.session === b.session && a.path === b.path && a.table === b.table && a.mode === b.mode
}

/** Section 6.3: the exact path serves every mode and loses its one-shots, ancestors serve recursive ones. */
export function trigger(watches: readonly ModelWatch[], table: WatchTable, path: string): Triggered {
  const chain = selfAndAncestors(path)
  const isHit = (watch: ModelWatch): boolean =>
    watch.table === table &&
    (watch.path === path || (watch.mode === 'recursive' && chain.includes(watch.path)))
  const hits = watches.filter(isHit)
  return {
    hits,
    sessions: [...new Set(hits.map((watch) => watch.session))],
    remaining: watches.filter((watch) => !isHit(watch) || watch.mode !== 'standard'),
  }
}

/** Section 4.18: the registrations that a removal of this type takes. */
function matching(watches: readonly ModelWatch[], session: bigint, path: string, type: RemoveType) {
  const wanted = (watch: ModelWatch): boolean => {
    if (type === 'Children') return watch.table === 'child' && watch.mode === 'standard'
    if (type === 'Data') return watch.table === 'data' && watch.mode === 'standard'
    if (type === 'Persistent') return watch.mode === 'persistent'
    if (type === 'PersistentRecursive') return watch.mode === 'recursive'
    return true
  }
  return watches.filter((watch) => watch.session === session && watch.path === path && wanted(watch))
}

/** checkWatches: NOWATCHER if the session has none of this type on exactly this path. */
export function checkWatches(
  watches: readonly ModelWatch[],
  session: bigint,
  path: string,
  type: RemoveType,
): void {
  if (matching(watches, session, path, type).length === 0) throw new ModelFailure('NOWATCHER')
}

/** removeWatches: what is left, or NOWATCHER. */
export function removeWatches(
  watches: readonly ModelWatch[],
  session: bigint,
  path: string,
  type: RemoveType,
): readonly ModelWatch[] {
  checkWatches(watches, session, path, type)
  const gone = matching(watches, session, path, type)
  return watches.filter((watch) => !gone.includes(watch))
}
