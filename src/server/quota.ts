/**
 * Quotas: limits of a subtree, kept in znodes as ZooKeeper keeps them: `/zookeeper/quota<path>/zookeeper_limits` says how much
 * there may be, `zookeeper_stats` beside it how much there is. Only the nearest quota above a path counts.
 * Invariant: `#prefixes` holds exactly the paths that have a limits znode.
 */

import { decodeUtf8, encodeUtf8 } from '../base/platform.js'
import type { Telling } from '../base/tap.js'
import type { Code } from '../protocol/code.js'
import { nameOf, parentOf, ROOT } from '../protocol/path.js'
import { type DataTree, QUOTA_PATH, type TreeView, type Usage } from './data-tree.js'
import type { QuotaExceeded } from './inspection.js'

const LIMITS_NAME = 'zookeeper_limits'
const STATS_NAME = 'zookeeper_stats'
const UNLIMITED = -1
const ROOT_LIMITS = `${QUOTA_PATH}/${LIMITS_NAME}`
const QUOTA_PREFIX = `${QUOTA_PATH}/`

/** What a limits znode says; -1 is no limit. */
export interface QuotaLimits extends Usage {
  readonly hardCount: number
  readonly hardBytes: number
}

/** How quotas behave. */
export interface QuotaOptions {
  /** Whether hard limits refuse anything. */
  readonly isEnforced: boolean
  /** Is told of each limit that a change went over without being refused. */
  readonly tap: Telling<QuotaExceeded>
}

/** The quotas of a tree. */
export class Quota {
  readonly #tree: DataTree
  readonly #options: QuotaOptions
  readonly #prefixes = new Set<string>()

  constructor(tree: DataTree, options: QuotaOptions) {
    this.#tree = tree
    this.#options = options
  }

  /** The nearest path at or above this one that has a quota. */
  findPrefix(path: string): string | undefined {
    if (this.#prefixes.size === 0) return undefined
    for (let prefix = path; prefix !== ROOT; prefix = parentOf(prefix))
      if (this.#prefixes.has(prefix)) return prefix
    return undefined
  }

  /** The code that refuses a change, if one does: QUOTAEXCEEDED, or MARSHALLINGERROR if the limits cannot be read. */
  findFault(path: string, change: Usage, view: TreeView): Code | undefined {
    if (!this.#options.isEnforced) return undefined
    const prefix = this.findPrefix(path)
    const used = prefix === undefined ? undefined : this.#readStats(prefix)
    if (prefix === undefined || used === undefined) return undefined
    const limits = this.#readLimits(prefix)
    if (limits === undefined) return 'MARSHALLINGERROR'
    const pending = view.pendingUsage?.get(prefix)
    const count = used.count + (pending?.count ?? 0) + change.count
    const bytes = used.bytes + (pending?.bytes ?? 0) + change.bytes
    const isOverCount = change.count > 0 && isOver(count, limits.hardCount)
    const isOverBytes = change.bytes !== 0 && isOver(bytes, limits.hardBytes)
    return isOverCount || isOverBytes ? 'QUOTAEXCEEDED' : undefined
  }

  /** A znode was created. */
  created(path: string, bytes: number): void {
    if (isQuotaPath(path)) this.#quotaNodeCreated(path)
    this.#charge(path, { count: 1, bytes })
  }

  /** A znode was deleted. */
  deleted(path: string, bytes: number): void {
    if (isQuotaPath(path) && nameOf(path) === LIMITS_NAME) this.#prefixes.delete(guardedPath(path))
    this.#charge(path, { count: -1, bytes: -bytes })
  }

  /** A znode has other data. */
  dataChanged(path: string, bytesMore: number): void {
    this.#charge(path, { count: 0, bytes: bytesMore })
  }

  /** Finds the quotas of a tree that was restored. */
  restore(): void {
    for (const path of this.#tree.pathsBelow(QUOTA_PATH))
      if (nameOf(path) === LIMITS_NAME) this.#activate(path)
  }

  #quotaNodeCreated(path: string): void {
    if (nameOf(path) === LIMITS_NAME) this.#activate(path)
    else if (nameOf(path) === STATS_NAME)
      this.#writeStats(guardedPath(path), this.#measure(guardedPath(path)))
  }

  #activate(limitsPath: string): void {
    this.#prefixes.add(guardedPath(limitsPath))
  }

  #charge(path: string, change: Usage): void {
    const prefix = this.findPrefix(path)
    const used = prefix === undefined ? undefined : this.#readStats(prefix)
    if (prefix === undefined || used === undefined) return
    const usage = { count: used.count + change.count, bytes: used.bytes + change.bytes }
    this.#writeStats(prefix, usage)
    this.#tellOfExcess(prefix, usage, change)
  }

  #tellOfExcess(prefix: string, usage: Usage, change: Usage): void {
    const { tap } = this.#options
    const limits = tap.isOpen ? this.#readLimits(prefix) : undefined
    if (limits === undefined) return
    for (const resource of ['count', 'bytes'] as const) {
      const hard = resource === 'count' ? limits.hardCount : limits.hardBytes
      // A hard limit replaces the soft one of its kind.
      const limit = hard > UNLIMITED ? hard : limits[resource]
      if (change[resource] > 0 && isOver(usage[resource], limit)) {
        tap.tell({
          kind: 'quotaExceeded',
          prefix,
          resource,
          limit,
          usage: usage[resource],
          isHard: hard > UNLIMITED,
        })
      }
    }
  }

  #measure(top: string): Usage {
    const node = this.#tree.findNode(top)
    if (node === undefined || top === '') return { count: 0, bytes: 0 }
    let count = 1
    let bytes = node.dataBytes
    for (const path of this.#tree.pathsBelow(top)) {
      count += 1
      bytes += this.#tree.findNode(path)?.dataBytes ?? 0
    }
    return { count, bytes }
  }

  #readStats(prefix: string): Usage | undefined {
    const data = this.#tree.findNode(`${QUOTA_PATH}${prefix}/${STATS_NAME}`)?.data
    return data === undefined ? undefined : (parseQuota(data) ?? { count: 0, bytes: 0 })
  }

  #readLimits(prefix: string): QuotaLimits | undefined {
    const data = this.#tree.findNode(`${QUOTA_PATH}${prefix}/${LIMITS_NAME}`)?.data
    return data === undefined ? undefined : parseQuota(data)
  }

  #writeStats(prefix: string, usage: Usage): void {
    const text = `count=${usage.count},bytes=${usage.bytes}`
    this.#tree.setBookkeeping(`${QUOTA_PATH}${prefix}/${STATS_NAME}`, encodeUtf8(text))
  }
}

/** True for a limits znode of the root, which kills the real server; here it is refused. */
export function isRootQuota(path: string): boolean {
  return path === ROOT_LIMITS
}

/** Reads `count=5,bytes=-1=;byteHardLimit=100;countHardLimit=-1`; undefined if a part of it is no `name=number`. */
export function parseQuota(data: Uint8Array | null): QuotaLimits | undefined {
  if (data === null) return undefined
  const numbers = new Map<string, number>()
  for (const part of decodeUtf8(data).split(/[,;]/)) {
    if (part === '') continue
    const [name, text] = part.split('=')
    const value = Number(text)
    if (name === undefined || text === undefined || !/^[+-]?\d+$/.test(text) || !Number.isSafeInteger(value))
      return undefined
    numbers.set(name, value)
  }
  return {
    count: numbers.get('count') ?? UNLIMITED,
    bytes: numbers.get('bytes') ?? UNLIMITED,
    hardCount: numbers.get('countHardLimit') ?? UNLIMITED,
    hardBytes: numbers.get('byteHardLimit') ?? UNLIMITED,
  }
}

function isOver(usage: number, limit: number): boolean {
  return limit > UNLIMITED && usage > limit
}

function isQuotaPath(path: string): boolean {
  return path.startsWith(QUOTA_PREFIX)
}

/** The path that a quota znode is about: `/zookeeper/quota/a/zookeeper_limits` is about `/a`. */
function guardedPath(quotaNodePath: string): string {
  return parentOf(quotaNodePath).slice(QUOTA_PATH.length)
}
