/** The id of the digest scheme: `user:base64(sha1(user:password))`. The server authenticates with it, users write ACLs with it. */
import { sha1 } from '@noble/hashes/legacy'
import { decodeUtf8, encodeBase64, encodeUtf8 } from '../base/platform.js'

/** The digest id for `user:password`, as it stands in an ACL entry `{ scheme: 'digest', id }`. The password itself is not kept. */
export function digestId(userAndPassword: string | Uint8Array): string {
  const bytes = typeof userAndPassword === 'string' ? encodeUtf8(userAndPassword) : userAndPassword
  const text = decodeUtf8(bytes)
  const colon = text.indexOf(':')
  const user = colon < 0 ? text : text.slice(0, colon)
  return `${user}:${encodeBase64(sha1(bytes))}`
}
