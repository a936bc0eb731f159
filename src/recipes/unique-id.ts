/** Random ids, as UUIDs of version 4: what makes a znode findable after a create whose reply was lost. */
import type { ZooKeeper } from '../client/zookeeper.js'

const GROUPS = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/

/** 32 hexadecimal digits, from the client's source of randomness. */
export function uniqueHex(zk: ZooKeeper): string {
  const bytes = zk.randomBytes(16)
  let hex = ''
  for (const [i, byte] of bytes.entries()) {
    const own = i === 6 ? (byte & 0x0f) | 0x40 : i === 8 ? (byte & 0x3f) | 0x80 : byte
    hex += (own | 0x100).toString(16).slice(1)
  }
  return hex
}

/** The same with dashes, as Java writes it. */
export function dashed(hex: string): string {
  return hex.replace(GROUPS, '$1-$2-$3-$4-$5')
}
