/**
 * Random runs: versions that are right, wrong and any, lists and credentials of all sorts, and the weights of a busy
 * ensemble (writes 51, watching reads 28, multi 10, and so on).
 */
import fc from 'fast-check'
import { digestOf } from './model-access.js'
import type { Acl, Mode, RemoveType, SubRead, WatcherName } from './model-calls.js'
import { hardLimits } from './model-quota.js'
import { name, newPath, nth, nthOf, oldPath, path, prefix, quotaPath } from './path-plans.js'
import {
  type PlannedCall,
  type PlannedOp,
  type SessionAct,
  SLOTS,
  type Step,
  type VersionChoice,
} from './steps.js'

const MAX_TTL_MS = 2 ** 40 - 1

/** How often a run contains what; a run for one concern turns the others off. */
export interface Weights {
  readonly session: number
  readonly time: number
  readonly quota: number
  readonly acl: number
  readonly watch: number
}

/** Everything at once, and then each concern so much that its corners meet. */
const PROFILES: readonly (readonly [number, Weights])[] = [
  [4, { session: 20, time: 2, quota: 2, acl: 14, watch: 14 }],
  [3, { session: 70, time: 2, quota: 0, acl: 4, watch: 20 }],
  [2, { session: 10, time: 25, quota: 0, acl: 0, watch: 10 }],
  [3, { session: 4, time: 0, quota: 20, acl: 0, watch: 4 }],
  [3, { session: 6, time: 0, quota: 0, acl: 70, watch: 14 }],
  [2, { session: 6, time: 0, quota: 0, acl: 2, watch: 70 }],
]

type Weighted<T> = readonly (readonly [number, T])[]

function pick<T>(...choices: Weighted<T>): fc.Arbitrary<T> {
  return fc.oneof(...choices.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })))
}

const data: fc.Arbitrary<string | null> = pick([3, null], [2, ''], [4, 'x'], [2, 'hello'], [1, 'ü€'])

const version: fc.Arbitrary<VersionChoice> = pick([50, 'any'], [35, 'right'], [10, 'next'], [5, 'never'])

const watcherName: fc.Arbitrary<WatcherName> = pick([3, 'w1'], [2, 'w2'], [1, 'default'])

function maybeWatcher(weight: number): fc.Arbitrary<WatcherName | undefined> {
  if (weight === 0) return fc.constant(undefined)
  return fc.oneof({ weight: 3, arbitrary: watcherName }, { weight: 1, arbitrary: fc.constant(undefined) })
}

const slot: fc.Arbitrary<number> = fc.nat({ max: SLOTS - 1 })

const OPEN: readonly Acl[] = [{ perms: 31, scheme: 'world', id: 'anyone' }]

function forUser(user: string, perms: number): Acl {
  return { perms, scheme: 'digest', id: digestOf(user) }
}

/** Lists that are open, closed to some, closed to all, expanded, doubled and malformed. */
const acl: fc.Arbitrary<readonly Acl[]> = pick<readonly Acl[]>(
  [8, OPEN],
  [3, [{ perms: 31, scheme: 'auth', id: '' }]],
  [3, [forUser('alice:pw', 31)]],
  [2, [forUser('alice:pw', 31), { perms: 1, scheme: 'world', id: 'anyone' }]],
  [2, [forUser('alice:pw', 31), { perms: 30, scheme: 'world', id: 'anyone' }]],
  [1, [forUser('bob:pw', 16), { perms: 15, scheme: 'world', id: 'anyone' }]],
  [1, [forUser('bob:pw', 31), forUser('bob:pw', 31), { perms: 4, scheme: 'world', id: 'anyone' }]],
  [1, [{ perms: 31, scheme: 'ip', id: '127.0.0.0/8' }]],
  [1, [{ perms: 1, scheme: 'ip', id: '10.0.0.1' }]],
  [1, [{ perms: 0, scheme: 'world', id: 'anyone' }]],
  [1, [{ perms: 255, scheme: 'world', id: 'anyone' }]],
  [1, []],
  [1, [{ perms: 31, scheme: 'world', id: 'someone' }]],
  [1, [{ perms: 31, scheme: 'digest', id: 'nobody' }]],
  [1, [{ perms: 31, scheme: 'ip', id: '127.0.0.1/33' }]],
  [1, [...OPEN, { perms: 31, scheme: 'nope', id: 'x' }]],
)

function aclFor(weight: number): fc.Arbitrary<readonly Acl[]> {
  if (weight === 0) return fc.constant(OPEN)
  return fc.oneof({ weight: 80, arbitrary: fc.constant(OPEN) }, { weight, arbitrary: acl })
}

function ttlOf(mode: Mode): fc.Arbitrary<number | undefined> {
  if (!mode.endsWith('_WITH_TTL')) return fc.constant(undefined)
  return pick([4, 1], [6, 90_000], [3, MAX_TTL_MS], [1, 0], [1, MAX_TTL_MS + 1])
}

function creates(weights: Weights): fc.Arbitrary<PlannedOp & { readonly op: 'create' }> {
  const mode = pick<Mode>(
    [10, 'PERSISTENT'],
    [weights.session === 0 ? 0 : 5, 'EPHEMERAL'],
    [2, 'PERSISTENT_SEQUENTIAL'],
    [weights.session === 0 ? 0 : 1, 'EPHEMERAL_SEQUENTIAL'],
    [Math.min(weights.time, 4), 'CONTAINER'],
    [Math.min(weights.time, 4), 'PERSISTENT_WITH_TTL'],
    [Math.min(weights.time, 1), 'PERSISTENT_SEQUENTIAL_WITH_TTL'],
  )
  return mode.chain((mode) =>
    fc.record({
      op: fc.constant('create' as const),
      path: mode.includes('SEQUENTIAL') ? prefix : newPath,
      data,
      mode: fc.constant(mode),
      acl: aclFor(weights.acl),
      ttlMs: ttlOf(mode),
      withStat: fc.boolean(),
    }),
  )
}

function removal(): fc.Arbitrary<PlannedOp> {
  return fc.record({ op: fc.constant('delete' as const), path: oldPath, version })
}

function update(weights: Weights): fc.Arbitrary<PlannedOp> {
  const anyPath = fc.oneof(
    { weight: 30, arbitrary: path },
    { weight: 10, arbitrary: nthOf('%') },
    { weight: weights.time, arbitrary: nthOf('~') },
  )
  return fc.record({ op: fc.constant('setData' as const), path: anyPath, data, version })
}

function checks(): fc.Arbitrary<PlannedOp> {
  const path = fc.oneof({ weight: 9, arbitrary: nthOf('@') }, { weight: 1, arbitrary: nthOf('@', name) })
  return fc.record({ op: fc.constant('check' as const), path, version })
}

/** A fifth is doomed in its last operation, more than that before. */
function multis(weights: Weights): fc.Arbitrary<PlannedCall> {
  const op = fc.oneof(
    { weight: 4, arbitrary: creates(weights) },
    { weight: 2, arbitrary: removal() },
    { weight: 3, arbitrary: update(weights) },
    { weight: 2, arbitrary: checks() },
  )
  const ops = fc.array(op, { maxLength: 6, size: 'max' })
  const doom: PlannedOp = { op: 'check', path: '/never', version: 'any' }
  return fc
    .record({ ops, isDoomed: pick([2, true], [8, false]) })
    .map(({ ops, isDoomed }): PlannedCall => ({ op: 'multi', ops: isDoomed ? [...ops, doom] : ops }))
}

/** Operations of which the later ones see what the earlier ones did. */
const CHAINS: readonly (readonly (readonly [PlannedOp['op'], string, VersionChoice])[])[] = [
  [
    ['delete', '', 'any'],
    ['delete', '^', 'any'],
  ],
  [
    ['setData', '', 'right'],
    ['check', '', 'next'],
    ['setData', '', 'next'],
  ],
  [
    ['delete', '', 'right'],
    ['create', '', 'any'],
    ['setData', '', 'any'],
  ],
  [
    ['create', '/x', 'any'],
    ['create', '/x/y', 'any'],
    ['delete', '/x/y', 'any'],
    ['delete', '/x', 'any'],
    ['delete', '', 'any'],
  ],
]

function chains(weights: Weights): fc.Arbitrary<PlannedCall> {
  return fc
    .tuple(fc.constantFrom(...CHAINS), nth, creates(weights), data)
    .map(([chain, number, newborn, data]) => {
      const ops = chain.map(([op, tail, version]): PlannedOp => {
        const path = `!${number}${tail}`
        if (op === 'create') return { ...newborn, op: 'create', path, mode: 'PERSISTENT', ttlMs: undefined }
        return op === 'setData' ? { op, path, data, version } : { op, path, version }
      })
      return { op: 'multi', ops }
    })
}

function reads(weights: Weights): fc.Arbitrary<PlannedCall> {
  return fc.record({
    op: fc.constantFrom('exists' as const, 'getData' as const, 'getChildren' as const),
    path: fc.oneof({ weight: 40, arbitrary: path }, { weight: 1, arbitrary: quotaPath }),
    watcher: maybeWatcher(weights.watch),
  })
}

function otherReads(): fc.Arbitrary<PlannedCall> {
  const subRead = fc.record({ op: fc.constantFrom('getData' as const, 'getChildren' as const), path })
  return fc.oneof(
    fc.record({
      op: fc.constantFrom('getACL' as const, 'getAllChildrenNumber' as const, 'sync' as const),
      path,
    }),
    fc.record({
      op: fc.constant('getEphemerals' as const),
      prefix: pick([2, ''], [2, '/'], [3, '/a'], [1, '/a/b'], [1, '/zz']),
    }),
    fc.record({
      op: fc.constant('multiRead' as const),
      ops: fc.array<SubRead>(subRead, { minLength: 1, maxLength: 4 }),
    }),
    fc.constant<PlannedCall>({ op: 'whoAmI' }),
  )
}

function watchCalls(): fc.Arbitrary<PlannedCall> {
  const watchedPath = fc.oneof({ weight: 8, arbitrary: nthOf('?') }, { weight: 1, arbitrary: path })
  const type = pick<RemoveType>(
    [6, 'Any'],
    [2, 'Data'],
    [2, 'Children'],
    [2, 'Persistent'],
    [2, 'PersistentRecursive'],
  )
  return fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        op: fc.constant('addWatch' as const),
        path,
        recursive: fc.boolean(),
        watcher: watcherName,
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        op: fc.constant('removeWatches' as const),
        path: watchedPath,
        type,
        watcher: fc.oneof(watcherName, fc.constant(undefined)),
        local: fc.boolean(),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ op: fc.constant('checkWatches' as const), path: watchedPath, type }),
    },
  )
}

function aclCalls(): fc.Arbitrary<PlannedCall> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.record({ op: fc.constant('setACL' as const), path, acl, version }) },
    { weight: 1, arbitrary: fc.record({ op: fc.constant('getACL' as const), path }) },
    {
      weight: 3,
      arbitrary: pick<PlannedCall>(
        [12, { op: 'addAuthInfo', scheme: 'digest', auth: 'alice:pw' }],
        [6, { op: 'addAuthInfo', scheme: 'digest', auth: 'bob:pw' }],
        [1, { op: 'addAuthInfo', scheme: 'digest', auth: 'super:secret' }],
        [1, { op: 'addAuthInfo', scheme: 'ip', auth: '' }],
        [1, { op: 'addAuthInfo', scheme: 'nope', auth: 'x' }],
      ),
    },
  )
}

function callSteps(weights: Weights): fc.Arbitrary<Step & { kind: 'call' }> {
  const call = fc.oneof<fc.WeightedArbitrary<PlannedCall>[]>(
    { weight: 24, arbitrary: creates(weights).map(asCall) },
    { weight: 13, arbitrary: removal().map(asCall) },
    { weight: 14, arbitrary: update(weights).map(asCall) },
    { weight: 28, arbitrary: reads(weights) },
    { weight: 7, arbitrary: multis(weights) },
    { weight: 3, arbitrary: chains(weights) },
    { weight: 6, arbitrary: otherReads() },
    { weight: weights.watch, arbitrary: watchCalls() },
    { weight: weights.acl, arbitrary: aclCalls() },
  )
  return fc.record({ kind: fc.constant('call' as const), slot, call, settles: pick([3, true], [2, false]) })
}

function asCall(op: PlannedOp): PlannedCall {
  if (op.op === 'check') throw new Error('A check stands only in a multi')
  return op
}

function sessionSteps(): fc.Arbitrary<Step> {
  const act = pick<SessionAct>(
    [12, 'open'],
    [2, 'close'],
    [2, 'expire'],
    [8, 'disconnect'],
    [20, 'reconnect'],
    [1, 'intrude'],
  )
  return fc.record({ kind: fc.constant('session' as const), slot, act })
}

/** Changes of watched znodes that a session misses while its link is down. */
function gapSteps(weights: Weights): fc.Arbitrary<Step> {
  const onFocus = fc.oneof({ weight: 4, arbitrary: fc.constant('=') }, { weight: 1, arbitrary: nthOf('?') })
  const moved = (op: fc.Arbitrary<PlannedOp>): fc.Arbitrary<PlannedCall> =>
    fc.tuple(op, onFocus).map(([op, path]) => asCall({ ...op, path }))
  const inside = fc.tuple(creates(weights), nthOf('?', name)).map(([op, path]) => asCall({ ...op, path }))
  const setAcl = fc.record({ op: fc.constant('setACL' as const), path: onFocus, acl: aclFor(80), version })
  const call: fc.Arbitrary<PlannedCall> = fc.oneof(
    { weight: 4, arbitrary: moved(update(weights)) },
    { weight: 4, arbitrary: moved(removal()) },
    { weight: 3, arbitrary: moved(creates(weights)) },
    { weight: 3, arbitrary: inside },
    { weight: weights.acl === 0 ? 0 : 2, arbitrary: setAcl },
    { weight: 1, arbitrary: callSteps(weights).map(({ call }) => call) },
  )
  const first = fc.record({
    op: fc.constantFrom('exists' as const, 'getData' as const, 'getChildren' as const),
    path: fc.oneof(nthOf('!'), nthOf('@', name)),
    watcher: watcherName,
  })
  return fc.record({
    kind: fc.constant('gap' as const),
    slot,
    first,
    calls: fc.array(call, { minLength: 1, maxLength: 5, size: 'max' }),
  })
}

function lostSteps(weights: Weights): fc.Arbitrary<Step> {
  const call = callSteps(weights).map(({ call }) => call)
  return fc.record({ kind: fc.constant('lost' as const), slot, call })
}

function quotaSteps(): fc.Arbitrary<Step> {
  return fc.record({
    kind: fc.constant('quota' as const),
    slot,
    path: fc.oneof(nthOf('@'), fc.constant('/a')),
    limits: pick(
      [2, hardLimits({ count: 2, bytes: -1 })],
      [3, hardLimits({ count: 4, bytes: 12 })],
      [3, hardLimits({ count: -1, bytes: 6 })],
      [3, hardLimits({ count: -1, bytes: 3 })],
      [1, 'count=1,bytes=1'],
      [1, ''],
      [1, 'count=many'],
      [1, null],
    ),
  })
}

/** Milliseconds that pass: less than a tick, a tick, just no expiry, and a sweep. */
const ms: fc.Arbitrary<number> = pick([2, 1000], [1, 2000], [2, 30_000], [2, 60_000])

/** A znode that the server may sweep away grows old while somebody touches it: what renews it, and what does not? */
function agingSteps(weights: Weights): fc.Arbitrary<readonly Step[]> {
  return fc
    .tuple(slot, fc.constantFrom('/t0', '/t1', '/t2'), creates(weights), fc.constantFrom(true, true, false))
    .chain(([slot, path, newborn, hasTtl]) => {
      const call = (call: PlannedCall): Step => ({ kind: 'call', slot, call, settles: true })
      const shape = hasTtl
        ? { mode: 'PERSISTENT_WITH_TTL' as const, ttlMs: 90_000 }
        : { mode: 'CONTAINER' as const }
      const child = {
        ...newborn,
        path: `${path}/x`,
        mode: 'PERSISTENT' as const,
        ttlMs: undefined,
        acl: OPEN,
      }
      const touch = fc.constantFrom<readonly PlannedCall[]>(
        [],
        [{ op: 'setData', path, data: 'x', version: 'any' }],
        [{ op: 'setACL', path, acl: OPEN, version: 'any' }],
        [child, { op: 'delete', path: child.path, version: 'any' }],
        [child],
      )
      const birth = call({ ...newborn, ttlMs: undefined, ...shape, path, acl: OPEN })
      const rest = fc.array(fc.tuple(ms, touch), { minLength: 2, maxLength: 4 })
      return rest.map((pairs) => [
        birth,
        ...pairs.flatMap(([ms, calls]): readonly Step[] => [{ kind: 'time', ms }, ...calls.map(call)]),
      ])
    })
}

/** Steps that belong together, mostly one; with everything or with what the weights leave. */
function step(weights: Weights): fc.Arbitrary<readonly Step[]> {
  const time = fc.record({ kind: fc.constant('time' as const), ms })
  const one = fc.oneof<fc.WeightedArbitrary<Step>[]>(
    { weight: 98, arbitrary: callSteps(weights) },
    { weight: weights.session, arbitrary: sessionSteps() },
    { weight: Math.ceil(weights.session / 4), arbitrary: gapSteps(weights) },
    { weight: Math.ceil(weights.session / 10), arbitrary: lostSteps(weights) },
    { weight: weights.time, arbitrary: time },
    { weight: weights.quota, arbitrary: quotaSteps() },
  )
  return fc.oneof(
    { weight: 98, arbitrary: one.map((single) => [single]) },
    { weight: Math.floor(weights.time / 8), arbitrary: agingSteps(weights) },
  )
}

/** A run of up to so many steps with the given weights; short ones first when it shrinks. */
export function steps(weights: Weights, maxLength: number): fc.Arbitrary<readonly Step[]> {
  return fc.array(step(weights), { minLength: 1, maxLength, size: 'max' }).map((groups) => groups.flat())
}

/** A run of up to so many steps, of one profile or the other. */
export function anyRun(maxLength: number): fc.Arbitrary<readonly Step[]> {
  return fc.oneof(...PROFILES.map(([weight, weights]) => ({ weight, arbitrary: steps(weights, maxLength) })))
}
