/** The id of the digest scheme: `user:base64(sha1(user:password))`. The server authenticates with it, users write ACLs with it. */
import { sha1 } from '@noble/hashes/legacy'
import { decodeUtf8, encodeBase64, encodeUtf8 } from '../base/platform.js'

/** The digest id for `user:password`, as it stands in an ACL entry `{ scheme: 'digest', id }`. The password itself is not kept. */
export function digestId(userAndPassword: string | Uint8Array): string {
  // Bytes that are no UTF-8 go through text, as on the real server.
  const text = typeof userAndPassword === 'string' ? userAndPassword : decodeUtf8(userAndPassword)
  const colon = text.indexOf(':')
  const user = colon < 0 ? text : text.slice(0, colon)
  return `${user}:${encodeBase64(sha1(encodeUtf8(text)))}`
}
