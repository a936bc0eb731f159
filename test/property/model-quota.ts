/**
 * Quotas in the model: section 11. A path is under quota while its `zookeeper_limits` znode exists; only the nearest
 * one is charged and checked.
 */
import { ModelFailure } from './model-calls.js'
import { isBelow, nameOf, parentOf, selfAndAncestors } from './model-paths.js'
import { byteLength, descendants, type ModelTree, type ReadonlyModelTree } from './model-tree.js'

const QUOTA_ROOT = '/zookeeper/quota'
const LIMITS = 'zookeeper_limits'
const STATS = 'zookeeper_stats'

/** What a change costs: znodes and bytes. */
export interface Charge {
  readonly count: number
  readonly bytes: number
}

/** The znode with the limits of a path. */
export function limitsPath(path: string): string {
  return `${QUOTA_ROOT}${path}/${LIMITS}`
}

/** The znode with the statistics of a path. */
export function statsPath(path: string): string {
  return `${QUOTA_ROOT}${path}/${STATS}`
}

/** A quota on the root: it crashes the real server, and is refused here. Trap 41. */
export const ROOT_LIMITS: string = `${QUOTA_ROOT}/${LIMITS}`

/** The text of a limits znode with hard limits only. */
export function hardLimits(limits: Charge): string {
  return `count=-1,bytes=-1=;byteHardLimit=${limits.bytes};countHardLimit=${limits.count}`
}

/** A change that an earlier operation of the same multi makes. */
export interface PendingCharge extends Charge {
  readonly path: string
}

/**
 * Refuses a change that would cross a hard limit. Which quotas there are is what they were before the transaction; what is
 * used counts the earlier operations of the same multi too.
 */
export function checkQuota(
  before: ReadonlyModelTree,
  pending: readonly PendingCharge[],
  path: string,
  charge: Charge,
): void {
  const prefix = quotaOf(before, path)
  if (prefix === undefined) return
  const stats = before.get(statsPath(prefix))
  if (stats === undefined) return
  const limits = parseTrack(before.get(limitsPath(prefix))?.data ?? null)
  if (limits === undefined) throw new ModelFailure('MARSHALLINGERROR')
  const track = requireTrack(stats.data)
  const own = pending.filter((each) => quotaOf(before, each.path) === prefix)
  const used = (key: 'count' | 'bytes'): number => own.reduce((sum, each) => sum + each[key], track(key))
  if (exceeds(used('count'), charge.count, limits('countHardLimit'))) throw new ModelFailure('QUOTAEXCEEDED')
  if (exceeds(used('bytes'), charge.bytes, limits('byteHardLimit'))) throw new ModelFailure('QUOTAEXCEEDED')
}

function exceeds(used: number, more: number, limit: number): boolean {
  return more !== 0 && limit > -1 && used + more > limit
}

/** Books a change that was made: the data of the statistics znode, and nothing else of it. */
export function bookQuota(tree: ModelTree, path: string, charge: Charge): void {
  const prefix = quotaOf(tree, path)
  const stats = prefix === undefined ? undefined : tree.get(statsPath(prefix))
  if (prefix === undefined || stats === undefined) return
  const used = requireTrack(stats.data)
  writeStats(tree, prefix, { count: used('count') + charge.count, bytes: used('bytes') + charge.bytes })
}

/** When a statistics znode is created its data becomes the real count and bytes of the subtree. */
export function fillStats(tree: ModelTree, created: string): void {
  if (!isBelow(created, QUOTA_ROOT) || nameOf(created) !== STATS) return
  const prefix = parentOf(created).slice(QUOTA_ROOT.length)
  const counted = [prefix, ...descendants(tree, prefix)].flatMap((path) => tree.get(path) ?? [])
  writeStats(tree, prefix, {
    count: counted.length,
    bytes: counted.reduce((sum, node) => sum + byteLength(node.data), 0),
  })
}

function writeStats(tree: ModelTree, prefix: string, used: Charge): void {
  const stats = tree.get(statsPath(prefix))
  if (stats === undefined) return
  tree.set(statsPath(prefix), { ...stats, data: `count=${used.count},bytes=${used.bytes}` })
}

function quotaOf(tree: ReadonlyModelTree, path: string): string | undefined {
  return selfAndAncestors(path).find((each) => each !== '/' && tree.has(limitsPath(each)))
}

/** Reads `key=N` pairs between runs of `,` and `;`; a missing key is -1. Undefined if it is null or a value no number. */
function parseTrack(data: string | null): ((key: string) => number) | undefined {
  if (data === null) return undefined
  const pairs = new Map<string, number>()
  for (const pair of data.split(/[,;]+/)) {
    if (pair === '') continue
    const [key = '', value = ''] = pair.split('=')
    if (!/^-?\d+$/.test(value)) return undefined
    pairs.set(key, Number(value))
  }
  return (key) => pairs.get(key) ?? -1
}

/** What the server itself has written can be read. */
function requireTrack(data: string | null): (key: string) => number {
  const track = parseTrack(data)
  if (track === undefined) throw new Error(`The model wrote ${data} into the statistics`)
  return track
}
