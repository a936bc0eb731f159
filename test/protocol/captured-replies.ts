/**
 * What a real ZooKeeper 3.8.0 was seen to answer, whole frames, and what each says. Where a capture left out a Stat or a token,
 * it is put together from its fields. The sections are those of the reference of the wire protocol.
 */
import { Stat } from '../../src/index.js'
import type { ConnectResponse, Notification, Reply, Request, Response } from '../../src/protocol/message.js'
import { OTHER_PASSWORD, OTHER_SESSION_ID, PASSWORD, SESSION_ID } from './captured-requests.js'
import { hex, toHex, utf8 } from './hex.js'

/** The first frame of a server. */
export interface CapturedAnswer {
  readonly name: string
  readonly frame: Uint8Array
  readonly response: ConnectResponse
  readonly hasReadOnlyByte: boolean
}

/** A reply, and the operation that it belongs to. */
export interface CapturedReply {
  readonly name: string
  readonly type: Request['type']
  readonly frame: Uint8Array
  readonly reply: Reply
  /** What a server writes where a client reads less than was written. */
  readonly written?: Response
}

/** An event. */
export interface CapturedNotification {
  readonly name: string
  readonly frame: Uint8Array
  readonly notification: Notification
}

const CREATED_MS = 0x1a1_fae5_f406
const CHILD_CREATED_MS = 0x1a1_fae5_f40a
const SET_MS = 0x1a1_fae5_f414

/** Of /w as it was created, after it got a child, and after it was set. */
const bornStat = new Stat(0xf235n, 0xf235n, CREATED_MS, CREATED_MS, 0, 1, 0, 0n, 2, 1, 0xf237n)
const setStat = new Stat(0xf235n, 0xf238n, CREATED_MS, SET_MS, 1, 1, 0, 0n, 2, 1, 0xf237n)
const childMs = [CHILD_CREATED_MS, CHILD_CREATED_MS] as const
const childStat = new Stat(0xf237n, 0xf237n, ...childMs, 0, 0, 0, SESSION_ID, 3, 0, 0xf237n)
/** Of /wm within the multi: the transaction, one child, one change. */
const multiStat = new Stat(0xf2a4n, 0xf2a4n, CREATED_MS, CREATED_MS, 1, 1, 0, 0n, 1, 1, 0xf2a4n)

const bornStatBytes = `
  00 00 00 00 00 00 f2 35  00 00 00 00 00 00 f2 35  00 00 01 a1 fa e5 f4 06  00 00 01 a1 fa e5 f4 06
  00 00 00 00  00 00 00 01  00 00 00 00  00 00 00 00 00 00 00 00  00 00 00 02  00 00 00 01
  00 00 00 00 00 00 f2 37`
const setStatBytes = `
  00 00 00 00 00 00 f2 35  00 00 00 00 00 00 f2 38  00 00 01 a1 fa e5 f4 06  00 00 01 a1 fa e5 f4 14
  00 00 00 01  00 00 00 01  00 00 00 00  00 00 00 00 00 00 00 00  00 00 00 02  00 00 00 01
  00 00 00 00 00 00 f2 37`
const multiStatBytes = `
  00 00 00 00 00 00 f2 a4  00 00 00 00 00 00 f2 a4  00 00 01 a1 fa e5 f4 06  00 00 01 a1 fa e5 f4 06
  00 00 00 01  00 00 00 01  00 00 00 00  00 00 00 00 00 00 00 00  00 00 00 01  00 00 00 01
  00 00 00 00 00 00 f2 a4`

const NONCE = '0123456789abcdef0123456789abcdef01234567'
const CHALLENGE = `realm="zk-sasl-md5",nonce="${NONCE}",charset=utf-8,algorithm=md5-sess`
const LAST_WORD = 'rspauth=0123456789abcdef0123456789abcdef'

/** Section 3.5. */
export const capturedAnswers: readonly CapturedAnswer[] = [
  {
    name: 'a new session',
    frame: hex(`
      00 00 00 25                 # 37 bytes follow
      00 00 00 00                 # version
      00 00 27 10                 # ten seconds
      01 00 00 03 b7 31 00 01
      00 00 00 10  c8 67 95 41 3e 36 f4 a6 10 e8 c1 ae eb 5f 89 5f
      00                          # it writes, too`),
    response: { timeoutMs: 10_000, sessionId: SESSION_ID, password: PASSWORD, isReadOnly: false },
    hasReadOnlyByte: true,
  },
  {
    name: 'a session that was come back to',
    frame: hex(`
      00 00 00 25  00 00 00 00  00 00 17 70  01 00 00 03 b7 31 00 0b
      00 00 00 10  3b 2e 72 41 fe fb 2f 44 d0 79 2d b3 e1 94 04 2e  00`),
    response: { timeoutMs: 6000, sessionId: OTHER_SESSION_ID, password: OTHER_PASSWORD, isReadOnly: false },
    hasReadOnlyByte: true,
  },
  {
    name: 'a session that is over, or whose password is wrong',
    frame: hex('00 00 00 25  00 00 00 00  00 00 00 00  00*8  00 00 00 10 00*16  00'),
    response: { timeoutMs: 0, sessionId: 0n, password: new Uint8Array(16), isReadOnly: false },
    hasReadOnlyByte: true,
  },
  {
    name: 'a client that does not know the last byte',
    frame: hex(`
      00 00 00 24  00 00 00 00  00 00 27 10  01 00 00 03 b7 31 00 01
      00 00 00 10  c8 67 95 41 3e 36 f4 a6 10 e8 c1 ae eb 5f 89 5f`),
    response: { timeoutMs: 10_000, sessionId: SESSION_ID, password: PASSWORD, isReadOnly: false },
    hasReadOnlyByte: false,
  },
]

/** Sections 7 to 11. */
export const capturedReplies: readonly CapturedReply[] = [
  {
    name: 'ping',
    type: 'ping',
    frame: hex('00 00 00 10  ff ff ff fe  00 00 00 00 00 00 f2 34  00 00 00 00'),
    reply: ok(-2, 0xf234, { type: 'done' }),
  },
  {
    name: 'create /w',
    type: 'create',
    frame: hex('00 00 00 16  00 00 00 01  00 00 00 00 00 00 f2 35  00 00 00 00  00 00 00 02 2f 77'),
    reply: ok(1, 0xf235, { type: 'path', path: '/w' }),
  },
  {
    name: 'create /w once more',
    type: 'create',
    frame: hex('00 00 00 10  00 00 00 02  00 00 00 00 00 00 f2 36  ff ff ff 92'),
    reply: { xid: 2, zxid: 0xf236, code: 'NODEEXISTS', response: undefined },
  },
  {
    name: 'create2 of an ephemeral sequential znode',
    type: 'create2',
    frame: hex(`
      00 00 00 67  00 00 00 03  00 00 00 00 00 00 f2 37  00 00 00 00
      00 00 00 0f  2f 77 2f 65 2d 30 30 30 30 30 30 30 30 30 30       # "/w/e-0000000000"
      00 00 00 00 00 00 f2 37                                         # czxid
      00 00 00 00 00 00 f2 37                                         # mzxid
      00 00 01 a1 fa e5 f4 0a                                         # ctime
      00 00 01 a1 fa e5 f4 0a                                         # mtime
      00 00 00 00  00 00 00 00  00 00 00 00                           # the three versions
      01 00 00 03 b7 31 00 01                                         # owner
      00 00 00 03  00 00 00 00                                        # data, children
      00 00 00 00 00 00 f2 37                                         # pzxid`),
    reply: ok(3, 0xf237, { type: 'pathAndStat', path: '/w/e-0000000000', stat: childStat }),
  },
  {
    name: 'getData /w',
    type: 'getData',
    frame: hex(`
      00 00 00 5a  00 00 00 04  00 00 00 00 00 00 f2 37  00 00 00 00  00 00 00 02 68 69 ${bornStatBytes}`),
    reply: ok(4, 0xf237, { type: 'data', data: utf8('hi'), stat: bornStat }),
  },
  {
    name: 'getData of null',
    type: 'getData',
    frame: hex(`
      00 00 00 58  00 00 00 04  00 00 00 00 00 00 f2 37  00 00 00 00  ff ff ff ff ${bornStatBytes}`),
    reply: ok(4, 0xf237, { type: 'data', data: null, stat: bornStat }),
  },
  {
    name: 'exists /nope',
    type: 'exists',
    frame: hex('00 00 00 10  00 00 00 05  00 00 00 00 00 00 f2 37  ff ff ff 9b'),
    reply: { xid: 5, zxid: 0xf237, code: 'NONODE', response: undefined },
  },
  {
    name: 'setData /w',
    type: 'setData',
    frame: hex(`00 00 00 54  00 00 00 07  00 00 00 00 00 00 f2 38  00 00 00 00 ${setStatBytes}`),
    reply: ok(7, 0xf238, { type: 'stat', stat: setStat }),
  },
  {
    name: 'getChildren2 /w',
    type: 'getChildren2',
    frame: hex(`
      00 00 00 68  00 00 00 0b  00 00 00 00 00 00 f2 39  00 00 00 00
      00 00 00 01  00 00 00 0c 65 2d 30 30 30 30 30 30 30 30 30 30    # one: "e-0000000000"
      ${setStatBytes}`),
    reply: ok(11, 0xf239, { type: 'children', children: ['e-0000000000'], stat: setStat }),
  },
  {
    name: 'getACL /w',
    type: 'getACL',
    frame: hex(`
      00 00 00 6f  00 00 00 0c  00 00 00 00 00 00 f2 39  00 00 00 00
      00 00 00 01  00 00 00 1f  00 00 00 05 "world"  00 00 00 06 "anyone" ${setStatBytes}`),
    reply: ok(12, 0xf239, {
      type: 'acl',
      acl: [{ perms: 31, scheme: 'world', id: 'anyone' }],
      stat: setStat,
    }),
  },
  {
    name: 'sync /w',
    type: 'sync',
    frame: hex('00 00 00 16  00 00 00 0e  00 00 00 00 00 00 f2 3a  00 00 00 00  00 00 00 02 2f 77'),
    reply: ok(14, 0xf23a, { type: 'synced', path: '/w' }),
  },
  {
    name: 'whoAmI',
    type: 'whoAmI',
    frame: hex(`
      00 00 00 27  00 00 00 10  00 00 00 00 00 00 f2 3a  00 00 00 00
      00 00 00 01  00 00 00 02 69 70  00 00 00 09 31 32 37 2e 30 2e 30 2e 31`),
    reply: ok(16, 0xf23a, { type: 'clientInfo', clientInfo: [{ scheme: 'ip', user: '127.0.0.1' }] }),
  },
  {
    name: 'getEphemerals /',
    type: 'getEphemerals',
    frame: hex(`
      00 00 00 27  00 00 00 11  00 00 00 00 00 00 f2 3a  00 00 00 00
      00 00 00 01  00 00 00 0f "/w/e-0000000000"`),
    reply: ok(17, 0xf23a, { type: 'ephemerals', ephemerals: ['/w/e-0000000000'] }),
  },
  {
    name: 'getAllChildrenNumber /',
    type: 'getAllChildrenNumber',
    frame: hex('00 00 00 14  00 00 00 12  00 00 00 00 00 00 f2 3a  00 00 00 00  00 00 4e 27'),
    reply: ok(18, 0xf23a, { type: 'totalNumber', totalNumber: 20_007 }),
  },
  {
    name: 'addWatch /w, which has a body',
    type: 'addWatch',
    frame: hex('00 00 00 14  00 00 00 13  00 00 00 00 00 00 f2 3a  00 00 00 00  00 00 00 00'),
    reply: ok(19, 0xf23a, { type: 'done' }),
    written: { type: 'watchAdded' },
  },
  {
    name: 'checkWatches /w',
    type: 'checkWatches',
    frame: hex('00 00 00 10  00 00 00 16  00 00 00 00 00 00 f2 3b  00 00 00 00'),
    reply: ok(22, 0xf23b, { type: 'done' }),
  },
  {
    name: 'checkWatches where there is none',
    type: 'checkWatches',
    frame: hex('00 00 00 10  00 00 00 18  00 00 00 00 00 00 f2 3b  ff ff ff 87'),
    reply: { xid: 24, zxid: 0xf23b, code: 'NOWATCHER', response: undefined },
  },
  {
    name: 'closeSession',
    type: 'closeSession',
    frame: hex('00 00 00 10  00 00 00 2a  00 00 00 00 00 00 f2 47  00 00 00 00'),
    reply: ok(42, 0xf247, { type: 'done' }),
  },
  {
    name: 'multi of five operations',
    type: 'multi',
    frame: hex(`
      00 00 00 9a  00 00 00 01  00 00 00 00 00 00 f2 a4  00 00 00 00
      00 00 00 01 00 00 00 00 00 | 00 00 00 03 2f 77 6d
      00 00 00 01 00 00 00 00 00 | 00 00 00 05 2f 77 6d 2f 78         # asked as 15; 3.8.0 answers as 1
      00 00 00 05 00 00 00 00 00 | ${multiStatBytes}
      00 00 00 0d 00 00 00 00 00
      00 00 00 02 00 00 00 00 00
      ff ff ff ff 01 ff ff ff ff`),
    reply: ok(1, 0xf2a4, {
      type: 'results',
      results: [
        { type: 'create', path: '/wm' },
        { type: 'create', path: '/wm/x' },
        { type: 'setData', stat: multiStat },
        { type: 'check' },
        { type: 'delete' },
      ],
    }),
  },
  {
    name: 'multi that failed',
    type: 'multi',
    frame: hex(`
      00 00 00 40  00 00 00 05  00 00 00 00 00 00 f2 a8  00 00 00 00
      ff ff ff ff 00 00 00 00 00 | 00 00 00 00        # would have been carried out
      ff ff ff ff 00 ff ff ff 99 | ff ff ff 99        # wrong version
      ff ff ff ff 00 ff ff ff fe | ff ff ff fe        # was not tried
      ff ff ff ff 01 ff ff ff ff`),
    reply: ok(5, 0xf2a8, {
      type: 'results',
      results: [
        { type: 'error', code: 'OK', errno: 0 },
        { type: 'error', code: 'BADVERSION', errno: -103 },
        { type: 'error', code: 'RUNTIMEINCONSISTENCY', errno: -2 },
      ],
    }),
  },
  {
    name: 'multi of nothing',
    type: 'multi',
    frame: hex('00 00 00 19  00 00 00 06  00 00 00 00 00 00 f2 a9  00 00 00 00  ff ff ff ff 01 ff ff ff ff'),
    reply: ok(6, 0xf2a9, { type: 'results', results: [] }),
  },
  {
    name: 'multiRead',
    type: 'multiRead',
    frame: hex(`
      00 00 00 95  00 00 00 07  00 00 00 00 00 00 f2 aa  00 00 00 00
      00 00 00 04 00 00 00 00 00 | 00 00 00 01 63 ${multiStatBytes}
      00 00 00 08 00 00 00 00 00 | 00 00 00 03 | 00 00 00 01 63 | 00 00 00 01 74 | 00 00 00 02 63 32
      ff ff ff ff 00 ff ff ff 9b | ff ff ff 9b
      ff ff ff ff 01 ff ff ff ff`),
    reply: ok(7, 0xf2aa, {
      type: 'readResults',
      results: [
        { type: 'getData', data: utf8('c'), stat: multiStat },
        { type: 'getChildren', children: ['c', 't', 'c2'] },
        { type: 'error', code: 'NONODE', errno: -101 },
      ],
    }),
  },
  {
    name: 'setWatches',
    type: 'setWatches',
    frame: hex('00 00 00 10  ff ff ff f8  00 00 00 00 00 00 f3 da  00 00 00 00'),
    reply: ok(-8, 0xf3da, { type: 'done' }),
  },
  {
    name: 'setWatches2',
    type: 'setWatches',
    frame: hex('00 00 00 10  ff ff ff f8  00 00 00 00 00 00 f3 dd  00 00 00 00'),
    reply: ok(-8, 0xf3dd, { type: 'done' }),
  },
  {
    name: 'auth',
    type: 'auth',
    frame: hex('00 00 00 10  ff ff ff fc  00*8  00 00 00 00'),
    reply: ok(-4, 0, { type: 'done' }),
  },
  {
    name: 'auth of an unknown scheme',
    type: 'auth',
    frame: hex('00 00 00 10  ff ff ff fc  00*8  ff ff ff 8d'),
    reply: { xid: -4, zxid: 0, code: 'AUTHFAILED', response: undefined },
  },
  {
    name: 'a challenge of SASL',
    type: 'sasl',
    frame: hex(`00 00 00 79  00 00 00 01  00*8  00 00 00 00  00 00 00 65 ${toHex(utf8(CHALLENGE))}`),
    reply: ok(1, 0, { type: 'token', token: utf8(CHALLENGE) }),
  },
  {
    name: 'the last word of SASL',
    type: 'sasl',
    frame: hex(`00 00 00 3c  00 00 00 02  00*8  00 00 00 00  00 00 00 28 "${LAST_WORD}"`),
    reply: ok(2, 0, { type: 'token', token: utf8(LAST_WORD) }),
  },
  {
    name: 'an operation that there is not',
    type: 'sync',
    frame: hex('00 00 00 10  00 00 00 01  ff ff ff ff ff ff ff ff  ff ff ff fa'),
    reply: { xid: 1, zxid: -1, code: 'UNIMPLEMENTED', response: undefined },
  },
]

/** Failures that carry a body on a real server, which nobody may read; here they are written without. */
export const repliesWithUselessBody: readonly CapturedReply[] = [
  {
    name: 'SASL with a bad password (10.2)',
    type: 'sasl',
    frame: hex('00 00 00 14  00 00 00 02  00*8  ff ff ff 8d  ff ff ff ff'),
    reply: { xid: 2, zxid: 0, code: 'AUTHFAILED', response: undefined },
  },
  {
    name: 'multi with a null path (8.3)',
    type: 'multi',
    frame: hex('00 00 00 19  00 00 00 03  00 00 00 00 00 00 f2 a9  ff ff ff fb  ff ff ff ff 01 ff ff ff ff'),
    reply: { xid: 3, zxid: 0xf2a9, code: 'MARSHALLINGERROR', response: undefined },
  },
  {
    name: 'multiRead with a write in it (8.3)',
    type: 'multiRead',
    frame: hex('00 00 00 19  00 00 00 04  00 00 00 00 00 00 f2 a9  ff ff ff fb  ff ff ff ff 01 ff ff ff ff'),
    reply: { xid: 4, zxid: 0xf2a9, code: 'MARSHALLINGERROR', response: undefined },
  },
]

/** Sections 7 and 9.3. */
export const capturedNotifications: readonly CapturedNotification[] = [
  {
    name: 'of a change of /w',
    frame: hex(`
      00 00 00 1e  ff ff ff ff  ff ff ff ff ff ff ff ff  00 00 00 00
      00 00 00 03                 # NodeDataChanged
      00 00 00 03                 # SyncConnected
      00 00 00 02 2f 77`),
    notification: { type: 'NodeDataChanged', path: '/w', zxid: -1 },
  },
  {
    name: 'that /sw was changed in a gap',
    frame: hex('00 00 00 1f  ff ff ff ff  ff*8  00 00 00 00  00 00 00 03  00 00 00 03  00 00 00 03 2f 73 77'),
    notification: { type: 'NodeDataChanged', path: '/sw', zxid: -1 },
  },
  {
    name: 'that /gone was deleted in a gap',
    frame: hex('00 00 00 21  ff*12  00 00 00 00  00 00 00 02  00 00 00 03  00 00 00 05 2f 67 6f 6e 65'),
    notification: { type: 'NodeDeleted', path: '/gone', zxid: -1 },
  },
  {
    name: 'that /sw2 was created in a gap',
    frame: hex('00 00 00 20  ff*12  00 00 00 00  00 00 00 01  00 00 00 03  00 00 00 04 2f 73 77 32'),
    notification: { type: 'NodeCreated', path: '/sw2', zxid: -1 },
  },
  {
    name: 'that /sw got children in a gap',
    frame: hex('00 00 00 1f  ff*12  00 00 00 00  00 00 00 04  00 00 00 03  00 00 00 03 2f 73 77'),
    notification: { type: 'NodeChildrenChanged', path: '/sw', zxid: -1 },
  },
]

/** The frame of a capture by its name. */
export function capturedAnswer(name: string): Uint8Array {
  const all = [...capturedAnswers, ...capturedReplies, ...capturedNotifications]
  const found = all.find((capture) => capture.name === name)
  if (found === undefined) throw new Error(`There is no capture "${name}"`)
  return found.frame
}

function ok(xid: number, zxid: number, response: Response): Reply {
  return { xid, zxid, code: 'OK', response }
}
