/**
 * Triggers: which events a transaction owes to whom. W4, no event without a change that explains it; W7, one for each change, however
 * many watches match; A8, a persistent or recursive watch misses no change while its connection lives, and a recursive one never
 * hears of children as such.
 */
import { parentOf, ROOT } from '../../src/protocol/path.js'
import type { NodeEventType } from '../../src/protocol/watched-event.js'
import type { TxnBody } from '../../src/server/txn.js'
import { hasLastingWatch } from '../armings.js'
import type { CnxnLog } from './cnxn-log.js'

/** A change that watches look at. */
export interface Trigger {
  readonly type: NodeEventType
  readonly path: string
}

/** What watches can see of a transaction, in order. */
export function triggersOf(txn: TxnBody): Trigger[] {
  switch (txn.type) {
    case 'create':
      return [{ type: 'NodeCreated', path: txn.path }, childrenChanged(txn.path)]
    case 'delete':
      return deletion(txn.path)
    case 'setData':
      return [{ type: 'NodeDataChanged', path: txn.path }]
    case 'multi':
      return txn.ops.flatMap(triggersOf)
    case 'closeSession':
      return txn.ephemerals.flatMap(deletion)
    default:
      return []
  }
}

/** What is wrong with the events of a transaction on one connection. `isWithheld` is true for paths that it may not read. */
export function brokenEvents(
  log: CnxnLog,
  zxid: number,
  triggers: readonly Trigger[],
  isWithheld: (path: string) => boolean,
): string[] {
  const told = log.takeEvents().filter((event) => event.zxid === zxid)
  const wanted = countKeys(triggers)
  const actual = countKeys(told)
  const broken: string[] = []
  for (const [key, count] of actual) {
    const due = wanted.get(key) ?? 0
    if (due === 0) broken.push(`W4: ${log.name} is told ${key} of ${zxid}, which it was not`)
    else if (count > due) broken.push(`W7: ${log.name} is told ${key} of ${zxid} ${count} times`)
  }
  for (const trigger of triggers) {
    const key = keyOf(trigger)
    if (!hasLastingWatch(log, trigger) || isWithheld(trigger.path)) continue
    const missing = (wanted.get(key) ?? 0) - (actual.get(key) ?? 0)
    if (missing > 0) broken.push(`A8: ${log.name} has a lasting watch, and is not told ${key} of ${zxid}`)
  }
  return broken
}

/** Whether a watch of `addWatch` matches. */
export function matches(
  watch: { readonly path: string; readonly isRecursive: boolean },
  { type, path }: Trigger,
): boolean {
  if (!watch.isRecursive) return watch.path === path
  if (type === 'NodeChildrenChanged') return false
  return watch.path === path || path.startsWith(watch.path === ROOT ? ROOT : `${watch.path}/`)
}

function deletion(path: string): Trigger[] {
  return [{ type: 'NodeDeleted', path }, childrenChanged(path)]
}

function childrenChanged(path: string): Trigger {
  return { type: 'NodeChildrenChanged', path: parentOf(path) }
}

function countKeys(triggers: readonly Trigger[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const trigger of triggers) {
    const key = keyOf(trigger)
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return counts
}

function keyOf({ type, path }: Trigger): string {
  return `${type} ${path}`
}
