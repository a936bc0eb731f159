/**
 * Quotas: limits of a subtree, kept in znodes as ZooKeeper keeps them: `/zookeeper/quota<path>/zookeeper_limits` says how much
 * there may be, `zookeeper_stats` beside it how much there is. Only the nearest quota above a path counts.
 * Invariant: `#prefixes` holds exactly the paths that have a limits znode.
 */

import { decodeUtf8, encodeUtf8 } from '../base/platform.js'
import type { Telling } from '../base/tap.js'
import type { Code } from '../protocol/code.js'
import type { Bytes } from '../protocol/message.js'
import { nameOf, parentOf, ROOT } from '../protocol/path.js'
import { type DataTree, QUOTA_PATH, type TreeView, type Usage } from './data-tree.js'
import type { QuotaExceeded } from './inspection.js'

const LIMITS_NAME = 'zookeeper_limits'
const STATS_NAME = 'zookeeper_stats'
const UNLIMITED = -1
const BELOW_QUOTA = `${QUOTA_PATH}/`
const ROOT_LIMITS = `${QUOTA_PATH}/${LIMITS_NAME}`
const NO_USAGE: Usage = { count: 0, bytes: 0 }

/** Both resources, with the name of each one's hard limit. The soft limit has the name of its resource. */
const RESOURCES = [
  ['count', 'countHardLimit'],
  ['bytes', 'byteHardLimit'],
] as const

/** What a limits znode says; -1 is no limit. A stats znode has the first two numbers. */
export interface QuotaLimits extends Usage {
  readonly countHardLimit: number
  readonly byteHardLimit: number
}

/** How quotas behave. */
export interface QuotaOptions {
  /** Whether hard limits refuse anything. */
  readonly enforceQuota: boolean
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
    const found = this.#options.enforceQuota ? this.#find(path) : undefined
    if (found === undefined) return undefined
    const { prefix, used } = found
    const limits = this.#limitsOf(prefix)
    if (limits === undefined) return 'MARSHALLINGERROR'
    const pending = view.pendingUsage?.get(prefix) ?? NO_USAGE
    const isRefused = RESOURCES.some(([resource, hardLimit]) => {
      const usage = used[resource] + pending[resource] + change[resource]
      return change[resource] !== 0 && isOver(usage, limits[hardLimit])
    })
    return isRefused ? 'QUOTAEXCEEDED' : undefined
  }

  /** A znode was created (count 1), deleted (-1), or has other data (0). */
  changed(path: string, change: Usage): void {
    if (change.count !== 0 && path.startsWith(BELOW_QUOTA)) this.#quotaNodeChanged(path, change.count > 0)
    const found = this.#find(path)
    if (found === undefined) return
    const { prefix, used } = found
    const usage = { count: used.count + change.count, bytes: used.bytes + change.bytes }
    this.#writeStats(prefix, usage)
    if (this.#options.tap.isOpen) this.#tellOfExcess(prefix, usage, change)
  }

  /** Finds the quotas of a tree that was restored. */
  restore(): void {
    for (const path of this.#tree.pathsBelow(QUOTA_PATH))
      if (nameOf(path) === LIMITS_NAME) this.#quotaNodeChanged(path, true)
  }

  #quotaNodeChanged(path: string, isThere: boolean): void {
    const prefix = parentOf(path).slice(QUOTA_PATH.length)
    if (nameOf(path) === STATS_NAME && isThere) this.#writeStats(prefix, this.#measure(prefix))
    if (nameOf(path) !== LIMITS_NAME) return
    if (isThere) this.#prefixes.add(prefix)
    else this.#prefixes.delete(prefix)
  }

  #tellOfExcess(prefix: string, usages: Usage, change: Usage): void {
    const limits = this.#limitsOf(prefix) ?? NO_LIMITS
    for (const [resource, hardLimit] of RESOURCES) {
      const isHard = limits[hardLimit] > UNLIMITED
      // A hard limit replaces the soft one of its kind.
      const limit = limits[isHard ? hardLimit : resource]
      const usage = usages[resource]
      if (change[resource] > 0 && isOver(usage, limit))
        this.#options.tap.tell({ kind: 'quotaExceeded', prefix, resource, limit, usage, isHard })
    }
  }

  #measure(top: string): Usage {
    let { count, bytes } = NO_USAGE
    for (const path of top === '' ? [] : [top, ...this.#tree.pathsBelow(top)]) {
      const node = this.#tree.findNode(path)
      if (node !== undefined) count += 1
      bytes += node?.dataBytes ?? 0
    }
    return { count, bytes }
  }

  /** The quota that a change of this path is charged to. */
  #find(path: string): { readonly prefix: string; readonly used: Usage } | undefined {
    const prefix = this.findPrefix(path)
    if (prefix === undefined) return undefined
    const stats = this.#tree.findNode(`${QUOTA_PATH}${prefix}/${STATS_NAME}`)
    return stats && { prefix, used: parseQuota(stats.copyData()) ?? NO_USAGE }
  }

  #limitsOf(prefix: string): QuotaLimits | undefined {
    return parseQuota(this.#tree.findNode(`${QUOTA_PATH}${prefix}/${LIMITS_NAME}`)?.copyData())
  }

  #writeStats(prefix: string, { count, bytes }: Usage): void {
    const text = `count=${count},bytes=${bytes}`
    this.#tree.setBookkeeping(`${QUOTA_PATH}${prefix}/${STATS_NAME}`, encodeUtf8(text))
  }
}

/** True for a limits znode of the root, which kills the real server; here it is refused. */
export function isRootQuota(path: string): boolean {
  return path === ROOT_LIMITS
}

/** Reads `count=5,bytes=-1=;byteHardLimit=100;countHardLimit=-1`; undefined if a part of it is no `name=number`. */
export function parseQuota(data: Bytes | undefined): QuotaLimits | undefined {
  if (data === null || data === undefined) return undefined
  const numbers = new Map<string, number>()
  for (const part of decodeUtf8(data).split(/[,;]/)) {
    if (part === '') continue
    const [name = '', text = ''] = part.split('=')
    if (!/^[+-]?\d+$/.test(text) || !Number.isSafeInteger(Number(text))) return undefined
    numbers.set(name, Number(text))
  }
  return { ...NO_LIMITS, ...Object.fromEntries(numbers) }
}

const NO_LIMITS: QuotaLimits = {
  count: UNLIMITED,
  bytes: UNLIMITED,
  countHardLimit: UNLIMITED,
  byteHardLimit: UNLIMITED,
}

function isOver(usage: number, limit: number): boolean {
  return limit > UNLIMITED && usage > limit
}
