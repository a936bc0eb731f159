/** View: what an embedded server holds at the moment, as generators ask for it. */
import type { EmbeddedZooKeeper } from '../../src/index.js'

/** Where quotas lie, each at the path that it is for. */
export const QUOTA = '/zookeeper/quota'

/** What there is at the moment. */
export interface View {
  /** Paths of all znodes but the reserved ones, parents first. */
  readonly paths: readonly string[]
  readonly zxid: number
  /** Paths that have a quota. */
  readonly quotas: readonly string[]
  /** The data version and the version of the ACL. */
  versionsOf(path: string): { readonly version: number; readonly aversion: number } | undefined
}

const LIMITS = '/zookeeper_limits'
const RESERVED = /^\/zookeeper(\/|$)/

/** A look at the server, good until it changes. */
export function viewOf(zoo: EmbeddedZooKeeper): View {
  const znodes = new Map(zoo.reports.znodes().map(({ path, stat }) => [path, stat]))
  const paths = [...znodes.keys()]
  return {
    paths: paths.filter((path) => path !== '/' && !RESERVED.test(path)),
    zxid: Number(zoo.reports.counts().zxid),
    quotas: paths
      .filter((path) => path.startsWith(`${QUOTA}/`) && path.endsWith(LIMITS))
      .map((path) => path.slice(QUOTA.length, -LIMITS.length)),
    versionsOf: (path) => znodes.get(path),
  }
}
