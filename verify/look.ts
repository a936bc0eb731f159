/** Look: what a client can watch about a znode, and the zxid that changes when that does. */
import type { Stat } from '../src/index.js'

/** What is looked at. */
export type Look = 'data' | 'exists' | 'children'

/** 0 for a znode that is missing; one that was made anew has another zxid than before. */
export function zxidOf(look: Look, stat: Stat | null): bigint {
  if (stat === null) return 0n
  return look === 'children' ? stat.pzxid : stat.mzxid
}
