/** A model with two sessions and short words to drive it, for the tests of the model itself. */

import { ModelZooKeeper } from './model.js'
import { digestOf } from './model-access.js'
import type { Acl, Call, CreateCall, LogEntry, ModelStat, MultiCall, WatcherName } from './model-calls.js'
import { statOf } from './model-tree.js'

/** Everybody may do everything. */
export const OPEN: readonly Acl[] = [{ perms: 31, scheme: 'world', id: 'anyone' }]
/** Only alice, who knows `pw`. */
export const ALICE: readonly Acl[] = [{ perms: 31, scheme: 'digest', id: digestOf('alice:pw') }]
/** Ticks, sweeps and timeouts of the tests. */
export const RULES = { tickMs: 2000, sweepIntervalMs: 60_000, connectTimeoutMs: 5000 }

/** A model with two open sessions; slot 0 acts, slot 1 watches. */
export function world(): ModelZooKeeper {
  const model = new ModelZooKeeper({ nowMs: 0 })
  model.open(0, 100n, 30_000)
  model.open(1, 101n, 30_000)
  return model
}

let calls = 0

/** Makes a call and gives what it ended with: the value, or the code. */
export function ask(model: ModelZooKeeper, slot: number, call: Call): unknown {
  const number = ++calls
  model.call(slot, number, call)
  const entry = model.at(slot).log.find((each) => each.kind === 'reply' && each.call === number)
  if (entry?.kind !== 'reply') return 'pending'
  return entry.reply.kind === 'value'
    ? entry.reply.value
    : entry.reply.kind === 'error'
      ? entry.reply.code
      : 'misuse'
}

/** A create of a persistent, empty, open znode, unless told otherwise. */
export function create(path: string, more: Partial<CreateCall> = {}): CreateCall {
  return {
    op: 'create',
    path,
    data: null,
    mode: 'PERSISTENT',
    acl: OPEN,
    ttlMs: undefined,
    withStat: false,
    ...more,
  }
}

/** A setData. */
export function set(path: string, version = -1): MultiCall & Call {
  return { op: 'setData', path, data: 'x', version }
}

/** A delete. */
export function remove(path: string, version = -1): MultiCall & Call {
  return { op: 'delete', path, version }
}

/** An unconditional setACL. */
export function setAcl(path: string, acl: readonly Acl[]): Call {
  return { op: 'setACL', path, acl, version: -1 }
}

/** A multi. */
export function multi(...ops: readonly MultiCall[]): Call {
  return { op: 'multi', ops }
}

/** The kinds of watches, as the reference's tables have them. */
export type Kind = 'data' | 'exists' | 'child' | 'persistent' | 'recursive'

/** Leaves a watch of a kind. */
export function watch(
  model: ModelZooKeeper,
  slot: number,
  kind: Kind,
  path: string,
  watcher: WatcherName = 'w1',
): void {
  if (kind === 'persistent' || kind === 'recursive') {
    ask(model, slot, { op: 'addWatch', path, recursive: kind === 'recursive', watcher })
  } else {
    const op = { data: 'getData', exists: 'exists', child: 'getChildren' } as const
    ask(model, slot, { op: op[kind], path, watcher })
  }
}

/** The node events of a slot as `Created /a`, in order. */
export function seen(model: ModelZooKeeper, slot: number): readonly string[] {
  return model.at(slot).log.flatMap((entry: LogEntry) => {
    if (entry.kind !== 'event' || entry.event.type === 'None') return []
    return `${entry.event.type.replace('Node', '')} ${entry.event.path}`
  })
}

/** The Stat of a znode. */
export function stat(model: ModelZooKeeper, path: string): ModelStat {
  return statOf(model.server.tree, path)
}
