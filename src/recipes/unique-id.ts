/** Random ids, as UUIDs of version 4: what makes a znode findable after a create whose reply was lost. */
import type { ZooKeeper } from '../client/zookeeper.js'

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** 32 hexadecimal digits, from the client's source of randomness. */
export function uniqueHex(zk: ZooKeeper): string {
  const bytes = zk.randomBytes(16)
  let hex = ''
  for (let i = 0; i < 16; i++) {
    const byte = bytes[i] ?? 0
    hex += HEX[i === 6 ? (byte & 0x0f) | 0x40 : i === 8 ? (byte & 0x3f) | 0x80 : byte]
  }
  return hex
}

/** The same with dashes, as Java writes it. */
export function dashed(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
