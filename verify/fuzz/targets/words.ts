/** Pieces that mean something to a server or a client, and the messages that inputs begin with. */
import { encodeRequest } from '../../../src/protocol/codec.js'
import { JuteWriter } from '../../../src/protocol/jute.js'
import type { Request } from '../../../src/protocol/message.js'
import { capturedRequests, unknownOperation } from '../../../test/protocol/captured-requests.js'
import { hex, utf8 } from '../../../test/protocol/hex.js'
import { intBytes } from '../frames.js'

const LONG_CHARACTERS = 300
const OP_CODES = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 100, 101, 102,
] as const
const LATER_OP_CODES = [103, 104, 105, 106, 107, -1, -10, -11] as const

/** Texts. */
export const WORDS: readonly Uint8Array[] = [
  ...['/', '/a', '/a/b', '/b', '/e', '/secret', '/c', '/t', '/gone', '/a/seq-', '//', '/a/', '/.', '/..'],
  ...['/zookeeper', '/zookeeper/quota', '/zookeeper/config', '/zookeeper/quota/a/zookeeper_limits'],
  ...['/zookeeper/quota/a/zookeeper_stats', 'count=-1,bytes=3', 'count=1,bytes=-1;byteHardLimit=5'],
  ...[
    'world',
    'anyone',
    'auth',
    'digest',
    'ip',
    'x509',
    'super',
    'bob:secret',
    'super:pw',
    '127.0.0.1/8',
    '::1',
  ],
  ...['__proto__', 'then', '/__proto__', '/😀', '\ufeff', '/\u0001', '/\u0000', '/\ufffe', '/\u2028'],
]
  .map(utf8)
  .concat([hex('ed a0 bd ed b8 80'), hex('ed a0 80'), hex('c0 80'), hex('ff fe'), hex('00'), hex('00*8')])

/** Numbers of operations, those included that there are not. */
export const OP_WORDS: readonly Uint8Array[] = [...OP_CODES, ...LATER_OP_CODES].map((code) => intBytes(code))

/** A long path; not among the words, since it would make every second input long. */
export const LONG_PATH: string = `/${'x'.repeat(LONG_CHARACTERS)}`

/** The payload of a request. */
export function requestBytes(xid: number, request: Request): Uint8Array {
  const out = new JuteWriter()
  encodeRequest(out, xid, request)
  return out.take()
}

/** What clients were seen to send, without lengths. */
export function capturedPayloads(): Uint8Array[] {
  return [...capturedRequests, unknownOperation].map(({ frame }) => frame.subarray(4))
}
