/**
 * What clients were seen to send to a real ZooKeeper 3.8.0, whole frames, and what each says. The sections are those of the
 * reference of the wire protocol that the captures were published with.
 */
import { OPEN_ACL_UNSAFE } from '../../src/index.js'
import type { ConnectRequest, CreateRequest, Request } from '../../src/protocol/message.js'
import { hex, utf8 } from './hex.js'

/** The first frame of a client. */
export interface CapturedConnect {
  readonly name: string
  readonly frame: Uint8Array
  readonly request: ConnectRequest
  readonly hasReadOnlyByte: boolean
}

/** A later frame of a client. */
export interface CapturedRequest {
  readonly name: string
  readonly frame: Uint8Array
  readonly xid: number
  readonly request: Request
}

/** The session of the capture that most others come from. */
export const SESSION_ID = 0x0100_0003_b731_0001n
/** Its password. */
export const PASSWORD: Uint8Array = hex('c867 9541 3e36 f4a6 10e8 c1ae eb5f 895f')
/** The session that was come back to. */
export const OTHER_SESSION_ID = 0x0100_0003_b731_000bn
/** Its password. */
export const OTHER_PASSWORD: Uint8Array = hex('3b2e 7241 fefb 2f44 d079 2db3 e194 042e')

/** ACL of one entry, everything to everybody, as bytes of a request. */
const OPEN_ACL = '00 00 00 01 | 00 00 00 1f | 00 00 00 05 "world" | 00 00 00 06 "anyone"'

const NEW_SESSION: ConnectRequest = {
  lastZxidSeen: 0,
  timeoutMs: 10_000,
  sessionId: 0n,
  password: new Uint8Array(16),
  canBeReadOnly: false,
}

/** Sections 3.2 and 3.5. */
export const capturedConnects: readonly CapturedConnect[] = [
  {
    name: 'a new session',
    frame: hex(`
      00 00 00 2d                 # 45 bytes follow
      00 00 00 00                 # version
      00 00 00 00 00 00 00 00     # nothing was seen yet
      00 00 27 10                 # ten seconds
      00 00 00 00 00 00 00 00     # no session
      00 00 00 10  00*16          # and so no password
      00                          # a server that only reads will not do`),
    request: NEW_SESSION,
    hasReadOnlyByte: true,
  },
  {
    name: 'a session that is come back to',
    frame: hex(`
      00 00 00 2d  00 00 00 00  00 00 00 00 00 00 00 00
      00 00 17 70                 # six seconds
      01 00 00 03 b7 31 00 0b
      00 00 00 10  3b 2e 72 41 fe fb 2f 44 d0 79 2d b3 e1 94 04 2e
      00`),
    request: { ...NEW_SESSION, timeoutMs: 6000, sessionId: OTHER_SESSION_ID, password: OTHER_PASSWORD },
    hasReadOnlyByte: true,
  },
  {
    name: 'a client that does not know the last byte',
    frame: hex('00 00 00 2c  00 00 00 00  00*8  00 00 27 10  00*8  00 00 00 10 00*16'),
    request: NEW_SESSION,
    hasReadOnlyByte: false,
  },
]

/** Sections 7 to 11: what a codec reads and writes. */
export const capturedRequests: readonly CapturedRequest[] = [
  {
    name: 'ping',
    frame: hex('00 00 00 08  ff ff ff fe  00 00 00 0b'),
    xid: -2,
    request: { type: 'ping' },
  },
  {
    name: 'create /w',
    frame: hex(`
      00 00 00 33  00 00 00 01  00 00 00 01      # 51 bytes, xid 1, operation 1
      00 00 00 02 2f 77                          # "/w"
      00 00 00 02 68 69                          # "hi"
      00 00 00 01                                # one entry:
      00 00 00 1f                                # everything
      00 00 00 05 77 6f 72 6c 64                 # "world"
      00 00 00 06 61 6e 79 6f 6e 65              # "anyone"
      00 00 00 00                                # persistent`),
    xid: 1,
    request: {
      type: 'create',
      path: '/w',
      data: utf8('hi'),
      acl: OPEN_ACL_UNSAFE,
      mode: 'PERSISTENT',
      ttlMs: -1,
    },
  },
  {
    name: 'getData /w with a watch',
    frame: hex('00 00 00 0f  00 00 00 04  00 00 00 04  00 00 00 02 2f 77  01'),
    xid: 4,
    request: { type: 'getData', path: '/w', watch: true },
  },
  {
    name: 'exists /nope with a watch',
    frame: hex('00 00 00 12  00 00 00 05  00 00 00 03  00 00 00 05 2f 6e 6f 70 65  01'),
    xid: 5,
    request: { type: 'exists', path: '/nope', watch: true },
  },
  {
    name: 'setData /w',
    frame: hex('00 00 00 18  00 00 00 07  00 00 00 05  00 00 00 02 2f 77  00 00 00 02 76 31  00 00 00 00'),
    xid: 7,
    request: { type: 'setData', path: '/w', data: utf8('v1'), version: 0 },
  },
  {
    name: 'getChildren2 /w',
    frame: hex('00 00 00 0f  00 00 00 0b  00 00 00 0c  00 00 00 02 2f 77  00'),
    xid: 11,
    request: { type: 'getChildren2', path: '/w', watch: false },
  },
  {
    name: 'whoAmI',
    frame: hex('00 00 00 08  00 00 00 10  00 00 00 6b'),
    xid: 16,
    request: { type: 'whoAmI' },
  },
  {
    name: 'getEphemerals /',
    frame: hex('00 00 00 0d  00 00 00 11  00 00 00 67  00 00 00 01 2f'),
    xid: 17,
    request: { type: 'getEphemerals', path: '/' },
  },
  {
    name: 'addWatch /w, recursive',
    frame: hex('00 00 00 12  00 00 00 13  00 00 00 6a  00 00 00 02 2f 77  00 00 00 01'),
    xid: 19,
    request: { type: 'addWatch', path: '/w', mode: 'PERSISTENT_RECURSIVE' },
  },
  {
    name: 'checkWatches /w, of any kind',
    frame: hex('00 00 00 12  00 00 00 16  00 00 00 11  00 00 00 02 2f 77  00 00 00 03'),
    xid: 22,
    request: { type: 'checkWatches', path: '/w', watcherType: 'Any' },
  },
  {
    name: 'closeSession',
    frame: hex('00 00 00 08  00 00 00 2a  ff ff ff f5'),
    xid: 42,
    request: { type: 'closeSession' },
  },
  {
    name: 'multi of five operations',
    frame: hex(`
      00 00 00 be  00 00 00 01  00 00 00 0e
      00 00 00 01 00 ff ff ff ff | 00 00 00 03 2f 77 6d | 00 00 00 01 61 | ${OPEN_ACL} | 00 00 00 00
      00 00 00 0f 00 ff ff ff ff | 00 00 00 05 2f 77 6d 2f 78 | 00 00 00 01 62 | ${OPEN_ACL} | 00 00 00 00
      00 00 00 05 00 ff ff ff ff | 00 00 00 03 2f 77 6d | 00 00 00 01 63 | 00 00 00 00
      00 00 00 0d 00 ff ff ff ff | 00 00 00 03 2f 77 6d | 00 00 00 01
      00 00 00 02 00 ff ff ff ff | 00 00 00 05 2f 77 6d 2f 78 | ff ff ff ff
      ff ff ff ff 01 ff ff ff ff`),
    xid: 1,
    request: {
      type: 'multi',
      ops: [
        open('create', '/wm', 'a'),
        open('create2', '/wm/x', 'b'),
        { type: 'setData', path: '/wm', data: utf8('c'), version: 0 },
        { type: 'check', path: '/wm', version: 1 },
        { type: 'delete', path: '/wm/x', version: -1 },
      ],
    },
  },
  {
    name: 'setWatches after a gap',
    frame: hex(`
      00 00 00 46  ff ff ff f8  00 00 00 65  00 00 00 00 00 00 f3 d7
      00 00 00 02  00 00 00 03 2f 73 77  00 00 00 05 2f 67 6f 6e 65                # data: /sw, /gone
      00 00 00 02  00 00 00 04 2f 73 77 32  00 00 00 07 2f 6e 6f 74 79 65 74       # exist: /sw2, /notyet
      00 00 00 01  00 00 00 03 2f 73 77                                            # child: /sw`),
    xid: -8,
    request: {
      type: 'setWatches',
      relativeZxid: 0xf3d7,
      dataWatches: ['/sw', '/gone'],
      existWatches: ['/sw2', '/notyet'],
      childWatches: ['/sw'],
      persistentWatches: [],
      persistentRecursiveWatches: [],
    },
  },
  {
    name: 'setWatches2 with watches that stay',
    frame: hex(`
      00 00 00 33  ff ff ff f8  00 00 00 69  00 00 00 00 00 00 f3 da
      00 00 00 00  00 00 00 00  00 00 00 00
      00 00 00 01  00 00 00 04 2f 73 77 32         # persistent: /sw2
      00 00 00 01  00 00 00 03 2f 73 77            # recursive: /sw`),
    xid: -8,
    request: {
      type: 'setWatches',
      relativeZxid: 0xf3da,
      dataWatches: [],
      existWatches: [],
      childWatches: [],
      persistentWatches: ['/sw2'],
      persistentRecursiveWatches: ['/sw'],
    },
  },
  {
    name: 'auth as bob',
    frame: hex(`
      00 00 00 20  ff ff ff fc  00 00 00 64
      00 00 00 00                                  # a type that nobody looks at
      00 00 00 06 64 69 67 65 73 74                # "digest"
      00 00 00 06 62 6f 62 3a 70 77                # "bob:pw"`),
    xid: -4,
    request: { type: 'auth', scheme: 'digest', auth: utf8('bob:pw') },
  },
  {
    name: 'the first step of SASL',
    frame: hex('00 00 00 0c  00 00 00 01  00 00 00 66  00 00 00 00'),
    xid: 1,
    request: { type: 'sasl', token: new Uint8Array(0) },
  },
]

/** Section 11.3: no client writes this one, but a server has to read it. */
export const unknownOperation: CapturedRequest = {
  name: 'an operation that there is not',
  frame: hex('00 00 00 08  00 00 00 01  00 00 03 e7'),
  xid: 1,
  request: { type: 'unknown', opCode: 999 },
}

/** The frame of a capture by its name. */
export function capturedFrame(name: string): Uint8Array {
  const found = [...capturedConnects, ...capturedRequests].find((capture) => capture.name === name)
  if (found === undefined) throw new Error(`There is no capture "${name}"`)
  return found.frame
}

function open(type: CreateRequest['type'], path: string, text: string): CreateRequest {
  return { type, path, data: utf8(text), acl: OPEN_ACL_UNSAFE, mode: 'PERSISTENT', ttlMs: -1 }
}
