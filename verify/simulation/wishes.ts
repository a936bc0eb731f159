/** What each wish asks of a client, and what may be expected of the outcome. Writes have values of their own, which the ledger finds. */
import {
  type Code,
  digestId,
  isKeeperException,
  OPEN_ACL_UNSAFE,
  Op,
  Perms,
  RequestAbortedError,
  type ZooKeeper,
} from '../../src/index.js'
import { WRAPPINGS } from '../../test/semantics/ordering/event-loop.js'
import type { Look } from '../look.js'
import type { Wish } from './action.js'
import type { WriteOutcome } from './deletions.js'
import type { LastingWatches } from './lasting-watches.js'
import type { Ledger } from './ledger.js'
import type { StreamWatches } from './stream-watches.js'
import type { TrickyWatchers } from './tricky-watchers.js'
import type { Witness } from './witness.js'

/** Who wishes. */
export interface Wisher {
  readonly zk: ZooKeeper
  readonly ledger: Ledger
  readonly witness: Witness
  readonly lasting: LastingWatches
  readonly streams: StreamWatches
  readonly tricky: TrickyWatchers
  /** A value that nobody else writes. */
  nextValue(): string
  /** A read of this; the answer is compared with what is known. */
  look(look: Look, path: string, layers: number): Promise<void>
}

/** Paths of the znodes that `many watches` asks for. */
export const BURDEN: readonly string[] = Array.from({ length: 20 }, (_, i) => `/burden-${i}`)
/** What `aborted read` asks for, and nobody else: whatever watches it has been left behind. */
export const ABANDONED = '/abandoned'
/** Why a call is aborted. */
export const ABORTED = 'never mind'

const UNKNOWN: ReadonlySet<Code> = new Set([
  'CONNECTIONLOSS',
  'SESSIONEXPIRED',
  'OPERATIONTIMEOUT',
  'AUTHFAILED',
])
const CREDENTIAL = 'u:p'
const LOCK = [
  { perms: Perms.ALL & ~Perms.READ, scheme: 'world', id: 'anyone' },
  { perms: Perms.ALL, scheme: 'digest', id: digestId(CREDENTIAL) },
]
const MUCH = '.'.repeat(300)
const TOO_MUCH = '.'.repeat(5_000)
const FLOOD = 30
const NO_SUCH_VERSION = 99_999

type Grant = (wisher: Wisher, path: string, layers: number) => Promise<unknown>

/** Each wish. What it rejects with is the outcome. */
export const GRANTS: Readonly<Record<Wish, Grant>> = {
  read: (wisher, path, layers) => wisher.look('data', path, layers),
  exists: (wisher, path, layers) => wisher.look('exists', path, layers),
  children: (wisher, path, layers) => wisher.look('children', path, layers),
  sync: ({ zk, witness }, path) =>
    zk.sync(path).then((synced) => expectPath(witness, synced === path, `sync of ${path} gives ${synced}`)),
  set: (wisher, path, layers) =>
    write(wisher, (value) => wrapped(layers, () => wisher.zk.setData(path, value))),
  'set much': (wisher, path) => write(wisher, (value) => wisher.zk.setData(path, value + MUCH)),
  create: (wisher, path) => write(wisher, (value) => create(wisher, path, value, 'PERSISTENT')),
  ephemeral: (wisher, path) => write(wisher, (value) => create(wisher, path, value, 'EPHEMERAL')),
  sequence: (wisher, path) =>
    write(wisher, (value) => create(wisher, `${path}-`, value, 'PERSISTENT_SEQUENTIAL')),
  'ephemeral sequence': (wisher, path) =>
    write(wisher, (value) => create(wisher, `${path}-`, value, 'EPHEMERAL_SEQUENTIAL')),
  delete: (wisher, path) => remove(wisher, path, () => wisher.zk.delete(path)),
  multi: (wisher, path) =>
    write(wisher, (one, other) =>
      wisher.zk.multi([
        Op.setData(path, one),
        Op.create(`${path}-m`, other, { mode: 'PERSISTENT_SEQUENTIAL' }),
      ]),
    ),
  'doomed multi': (wisher, path) =>
    write(wisher, (value) => wisher.zk.multi([Op.setData(path, value), Op.check(path, NO_SUCH_VERSION)])),
  // What exists is left as it is, and that is a success.
  'create all': (wisher, path) =>
    write(wisher, (value) => wisher.zk.createAll(below(path, 'd/e'), value), 'unknown'),
  // What is gone already is a success.
  'delete all': (wisher, path) =>
    remove(wisher, below(path, 'd'), () => wisher.zk.deleteAll(below(path, 'd')), 'unknown'),
  'aborted set': (wisher, path) =>
    write(wisher, (value) => aborted((signal) => wisher.zk.setData(path, value, -1, { signal }))),
  'aborted read': ({ zk, witness }) =>
    aborted((signal) =>
      zk.exists(ABANDONED, {
        signal,
        watcher: ({ type, path }) => {
          if (type !== 'None') witness.fault(`the watcher of an aborted read is told ${type} ${path}`)
        },
      }),
    ),
  claim: ({ zk }) => zk.addAuthInfo('digest', CREDENTIAL),
  lock: ({ zk }) => zk.setACL('/s', LOCK),
  unlock: ({ zk }) => zk.setACL('/s', OPEN_ACL_UNSAFE),
  watch: ({ lasting }, path) => lasting.add(path, { isRecursive: false, leaves: false }),
  'watch below': ({ lasting }, path) => lasting.add(path, { isRecursive: true, leaves: false }),
  stream: ({ streams }, path) => streams.open(path, { isRecursive: false }),
  'stream below': ({ streams }, path) => streams.open(path, { isRecursive: true }),
  'leave stream': ({ streams }) => streams.leaveOldest(),
  'watcher that removes itself': ({ lasting }, path) =>
    lasting.add(path, { isRecursive: false, leaves: true }),
  'remove watch': ({ lasting }) => lasting.removeOldest({ isLocal: false }),
  'remove watch locally': ({ lasting }) => lasting.removeOldest({ isLocal: true }),
  'watch once': ({ tricky }, path) => tricky.arm(path, 'nothing'),
  'throwing watcher': ({ tricky }, path) => tricky.arm(path, 'throw'),
  'rejecting watcher': ({ tricky }, path) => tricky.arm(path, 'reject'),
  're-arming watcher': ({ tricky }, path) => tricky.arm(path, 're-arm'),
  'closing watcher': ({ tricky }, path) => tricky.arm(path, 'close'),
  'too large': (wisher, path) => write(wisher, (value) => wisher.zk.setData(path, value + TOO_MUCH)),
  flood: (wisher, path) =>
    all(Array.from({ length: FLOOD }, () => write(wisher, (value) => wisher.zk.setData(path, value)))),
  'many watches': ({ zk }) => all(BURDEN.map((path) => zk.exists(path, { watcher: () => undefined }))),
  close: ({ zk, witness }) => zk.close().then(() => witness.closed()),
}

/** A call through so many `async` functions. */
export function wrapped<T>(layers: number, call: () => Promise<T>): Promise<T> {
  return WRAPPINGS['async functions that await']?.(layers, call) ?? call()
}

/** What is known of a write that ended in this way. */
export function outcomeOf(error: unknown): WriteOutcome {
  if (error instanceof RequestAbortedError) return 'unknown'
  return isKeeperException(error) && UNKNOWN.has(error.code) ? 'unknown' : 'not applied'
}

/** As many values as the call has parameters. */
async function write(
  { ledger, nextValue }: Pick<Wisher, 'ledger' | 'nextValue'>,
  call: (...values: [string, string]) => Promise<unknown>,
  success: WriteOutcome = 'applied',
): Promise<void> {
  const values: [string, string] = [nextValue(), nextValue()]
  const pending = ledger.begin(values.slice(0, call.length))
  try {
    await call(...values)
    pending.end(success)
  } catch (error) {
    pending.end(outcomeOf(error))
    throw error
  }
}

async function remove(
  { ledger, zk }: Wisher,
  path: string,
  call: () => Promise<void>,
  success: WriteOutcome = 'applied',
): Promise<void> {
  const pending = ledger.deletions.begin(zk, zk.chroot === '' ? path : zk.chroot + path)
  try {
    await call()
    pending.end(success)
  } catch (error) {
    pending.end(outcomeOf(error))
    throw error
  }
}

async function create(
  { zk, witness }: Wisher,
  path: string,
  data: string,
  mode: 'PERSISTENT' | 'EPHEMERAL' | 'PERSISTENT_SEQUENTIAL' | 'EPHEMERAL_SEQUENTIAL',
): Promise<void> {
  const created = await zk.create(path, data, { mode })
  const isRight = mode.endsWith('SEQUENTIAL') ? /^\d{10}$/.test(created.slice(path.length)) : created === path
  expectPath(witness, isRight && created.startsWith(path), `a create of ${path} gives ${created}`)
}

function below(path: string, rest: string): string {
  return path === '/' ? path + rest : `${path}/${rest}`
}

function expectPath(witness: Witness, isRight: boolean, what: string): void {
  if (!isRight) witness.fault(`A7: ${what}`)
}

function aborted(call: (signal: AbortSignal) => Promise<unknown>): Promise<unknown> {
  const aborter = new AbortController()
  const outcome = call(aborter.signal)
  aborter.abort(new Error(ABORTED))
  return outcome
}

/** All of them end; then the first failure counts. */
async function all(calls: readonly Promise<unknown>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(calls))
    if (outcome.status === 'rejected') throw outcome.reason
}
