/**
 * What differs between the versions of ZooKeeper that a server can behave like, one row a version. 3.8 is 3.8.0 with the mend of
 * CVE-2024-23944, as Debian ships it. What is the same in both, or differs on purpose, is not here.
 */

/** How a server of this version behaves. */
export interface VersionTraits {
  /** An event names the transaction that caused it; else -1. */
  readonly eventsHaveZxid: boolean
  /** A connection has one mode for each path and table: a later one takes the place of an earlier one. */
  readonly hasOneModeAPath: boolean
  /** A recursive watch is in the table of child watches, too, where it never fires for a child. */
  readonly isRecursiveInBothTables: boolean
  /** The watcher types Persistent and PersistentRecursive exist. */
  readonly hasLastingTypes: boolean
  /** checkWatches is content with a watch of any connection. */
  readonly checksWatchesOfAll: boolean
  /** exists needs READ on a znode that exists. */
  readonly existsNeedsRead: boolean
  /** A create2 inside a multi is answered with its Stat. */
  readonly multiGivesStats: boolean
  /** Ids of the ip scheme may be IPv6. */
  readonly acceptsIpv6: boolean
}

/** The traits of each version. */
export const versionTraits = {
  '3.9': {
    eventsHaveZxid: true,
    hasOneModeAPath: false,
    isRecursiveInBothTables: false,
    hasLastingTypes: true,
    checksWatchesOfAll: false,
    existsNeedsRead: true,
    multiGivesStats: true,
    acceptsIpv6: true,
  },
  '3.8': {
    eventsHaveZxid: false,
    hasOneModeAPath: true,
    isRecursiveInBothTables: true,
    hasLastingTypes: false,
    checksWatchesOfAll: true,
    existsNeedsRead: false,
    multiGivesStats: false,
    acceptsIpv6: false,
  },
} as const

versionTraits satisfies Readonly<Record<string, VersionTraits>>

/** A version of ZooKeeper to behave like. */
export type Compatibility = keyof typeof versionTraits

/** True for a version that can be asked for. */
export function isCompatibility(value: unknown): value is Compatibility {
  return typeof value === 'string' && Object.hasOwn(versionTraits, value)
}
