/** Which hosts only this machine can reach. */
import { BlockList, isIP } from 'node:net'

/** True for addresses of the loopback and for the names that stand for it (RFC 6761). */
export function isLoopback(host: string): boolean {
  const version = isIP(host)
  if (version === 0) return /^(.*\.)?localhost\.?$/i.test(host)
  const loopback = new BlockList()
  loopback.addSubnet('127.0.0.0', 8, 'ipv4')
  loopback.addAddress('::1', 'ipv6')
  return loopback.check(host, version === 4 ? 'ipv4' : 'ipv6')
}
