/**
 * What a generated run consists of: calls with versions that are chosen when the call is made, sessions coming and
 * going, and time. A step is plain data, so that a failing run can be printed and pasted into a test.
 */
import type { Call, MultiCall } from './model-calls.js'
import { isBelow, parentOf, selfAndAncestors } from './model-paths.js'
import { limitsPath, statsPath } from './model-quota.js'

/** How many sessions a run has. */
export const SLOTS = 3

/** Which version a call asks for: -1, the current one, the one after it, or one that never is. */
export type VersionChoice = 'any' | 'right' | 'next' | 'never'

type Planned<C> = C extends { readonly version: number }
  ? Omit<C, 'version'> & { readonly version: VersionChoice }
  : C

/** An operation of a multi before its version is known. */
export type PlannedOp = Planned<MultiCall>

/** A call before its versions are known. */
export type PlannedCall =
  | Planned<Exclude<Call, { op: 'multi' }>>
  | { readonly op: 'multi'; readonly ops: readonly PlannedOp[] }

/** One step of a run. */
export type Step =
  | {
      readonly kind: 'call'
      readonly slot: number
      readonly call: PlannedCall
      /** False: the next step is made before anything of this one has arrived. */
      readonly settles: boolean
    }
  | { readonly kind: 'session'; readonly slot: number; readonly act: SessionAct }
  /** The link goes down, another session makes calls, the link comes back. */
  | {
      readonly kind: 'gap'
      readonly slot: number
      /** What the session does before, and leaves a watch with. */
      readonly first: PlannedCall
      readonly calls: readonly PlannedCall[]
    }
  /** The call is applied, but the link breaks before its reply, and comes back at once. */
  | { readonly kind: 'lost'; readonly slot: number; readonly call: PlannedCall }
  | { readonly kind: 'time'; readonly ms: number }
  /** Puts a path under quota, with the text of its limits. */
  | { readonly kind: 'quota'; readonly slot: number; readonly path: string; readonly limits: string | null }

/** What can happen to a session from outside. `intrude`: somebody tries to take the session over with a wrong password. */
export type SessionAct = 'open' | 'close' | 'expire' | 'disconnect' | 'reconnect' | 'intrude'

/** What choices know of a znode. */
export interface SceneNode {
  readonly version: number
  readonly aversion: number
  readonly kind?: string
}

/** What choices are made from: the znodes there are with their versions, and the paths that are watched. */
export interface Scene {
  readonly tree: ReadonlyMap<string, SceneNode>
  readonly watches: readonly { readonly path: string }[]
  /** What `=` means. */
  readonly focus?: string | undefined
}

const DEEPEST = 4

/**
 * The path that a plan means. `@7` is the seventh znode there is, `!7` the seventh without children, `%7` the seventh under a
 * quota, `~7` the seventh that the server may sweep away; `?7` is the seventh path with a watch, `+7` and `-7` the seventh of
 * these that is missing or childless. All are counted round and round. What follows is appended: `@7/b`; `@7^` is the parent.
 * `=` is the path that a gap is about. Every other text means itself.
 */
export function choosePath(plan: string, scene: Scene): string {
  if (plan === '=' && scene.focus !== undefined) return scene.focus
  const found = /^([@!?+%~-])(\d+)(.*)$/su.exec(plan)
  if (found === null) return plan
  const [, sigil = '', number, rest = ''] = found
  const candidates = candidatesFor(sigil, scene)
  const chosen = candidates[Number(number) % Math.max(candidates.length, 1)] ?? '/a'
  if (rest === '^') return parentOf(chosen)
  if (rest === '' || chosen.split('/').length > DEEPEST) return chosen
  return chosen === '/' ? rest : `${chosen}${rest}`
}

function candidatesFor(sigil: string, { tree, watches }: Scene): readonly string[] {
  const isLeaf = (path: string): boolean =>
    tree.has(path) && ![...tree.keys()].some((each) => isBelow(each, path))
  // What somebody writes into the statistics of a quota is nobody's business but the server's.
  const isOwn = (path: string): boolean => path.startsWith('/zookeeper/quota/')
  const watched = [...new Set(watches.map(({ path }) => path))].filter((path) => !isOwn(path)).sort()
  const own = [...tree.keys()].filter((path) => !path.startsWith('/zookeeper')).sort()
  switch (sigil) {
    case '?':
      return watched
    case '+':
      return watched.filter((path) => !tree.has(path))
    case '-':
      return watched.filter(isLeaf)
    case '%':
      return own.filter((path) => selfAndAncestors(path).some((each) => tree.has(limitsPath(each))))
    case '~':
      return own.filter((path) => ['container', 'ttl'].includes(tree.get(path)?.kind ?? ''))
    case '!':
      return own.filter(isLeaf)
    default:
      return own
  }
}

/** Puts paths and numbers where the plan has choices. */
export function resolve(plan: PlannedCall, scene: Scene): Call {
  if (plan.op === 'multi') return { op: 'multi', ops: plan.ops.map((op) => resolveOp(op, scene)) }
  if (plan.op === 'multiRead') {
    return { op: 'multiRead', ops: plan.ops.map(({ op, path }) => ({ op, path: choosePath(path, scene) })) }
  }
  if (!('path' in plan)) return plan
  const path = choosePath(plan.path, scene)
  if (plan.op === 'setACL') {
    return { ...plan, path, version: numberOf(plan.version, scene.tree.get(path)?.aversion) }
  }
  if (plan.op === 'delete' || plan.op === 'setData') {
    return { ...plan, path, version: numberOf(plan.version, scene.tree.get(path)?.version) }
  }
  return { ...plan, path }
}

function resolveOp(op: PlannedOp, scene: Scene): MultiCall {
  const path = choosePath(op.path, scene)
  if (op.op === 'create') return { ...op, path }
  return { ...op, path, version: numberOf(op.version, scene.tree.get(path)?.version) }
}

function numberOf(choice: VersionChoice, current: number | undefined): number {
  const at = current ?? 0
  return { any: -1, right: at, next: at + 1, never: -2 }[choice]
}

/** The calls that put a path under quota; those that exist already fail, which is a fine thing to compare too. */
export function quotaCalls(step: Step & { kind: 'quota' }, scene: Scene): readonly Call[] {
  const chosen = choosePath(step.path, scene)
  // A quota on the root is refused, and not what this is about.
  const path = chosen === '/' ? '/a' : chosen
  const parents = path.split('/').slice(1)
  const create = (at: string, data: string | null): Call => ({
    op: 'create',
    path: at,
    data,
    mode: 'PERSISTENT',
    acl: [{ perms: 31, scheme: 'world', id: 'anyone' }],
    ttlMs: undefined,
    withStat: false,
  })
  return [
    ...parents.map((_, i) => create(`/zookeeper/quota/${parents.slice(0, i + 1).join('/')}`, null)),
    create(limitsPath(path), step.limits),
    create(statsPath(path), null),
  ]
}
