/**
 * The result codes of ZooKeeper: number, what it means, and what to do next. One table; errors are made from it.
 * A code below -100 is about the request; one between -1 and -99 about the system.
 */

/** Number and meaning. A code without a meaning does not come from zoolet; another server may send it. */
const rows = {
  OK: [0, 'success'],
  SYSTEMERROR: [-1, 'the server failed: see the error that it reported'],
  RUNTIMEINCONSISTENCY: [-2, 'an earlier operation of the same multi failed, so this one was not tried'],
  DATAINCONSISTENCY: [-3],
  CONNECTIONLOSS: [
    -4,
    'there was no connection, or it broke before the reply and the request may have been applied: read the state, then retry',
  ],
  MARSHALLINGERROR: [-5, 'the server could not read the request: check its arguments'],
  UNIMPLEMENTED: [-6, 'the server does not support this operation, or it is switched off there'],
  OPERATIONTIMEOUT: [-7],
  BADARGUMENTS: [-8, 'the server refused an argument: the path, the mode or the TTL'],
  UNKNOWNSESSION: [-12],
  NEWCONFIGNOQUORUM: [-13],
  RECONFIGINPROGRESS: [-14],
  APIERROR: [-100],
  NONODE: [-101, 'the znode or its parent does not exist; createAll() makes parents too'],
  NOAUTH: [-102, 'the ACL does not permit this: addAuthInfo() first, or ask for another ACL'],
  BADVERSION: [-103, 'the znode has another version by now: read it again, then retry'],
  NOCHILDRENFOREPHEMERALS: [-108, 'the parent is ephemeral and cannot have children'],
  NODEEXISTS: [-110, 'the znode exists already'],
  NOTEMPTY: [-111, 'the znode has children: delete them first, or use deleteAll()'],
  SESSIONEXPIRED: [
    -112,
    'the session is over and its ephemeral znodes are gone, or its password was wrong: connect anew',
  ],
  INVALIDCALLBACK: [-113],
  INVALIDACL: [-114, 'the ACL is empty, has a bad scheme or id, or needs addAuthInfo() first'],
  AUTHFAILED: [-115, 'the server refused the credentials: connect anew with others'],
  SESSIONMOVED: [-118],
  NOTREADONLY: [-119],
  EPHEMERALONLOCALSESSION: [-120],
  NOWATCHER: [-121, 'no such watch is set'],
  REQUESTTIMEOUT: [-122],
  RECONFIGDISABLED: [-123],
  SESSIONCLOSEDREQUIRESASLAUTH: [-124],
  QUOTAEXCEEDED: [-125, 'a quota or a limit is reached: delete something, or raise it'],
  THROTTLEDOP: [-127, 'too many requests are waiting: slow down, or raise maxPendingRequests'],
} as const

rows satisfies Readonly<Record<string, readonly [errno: number, meaning?: string]>>

/** The name of a result code. */
export type Code = keyof typeof rows

/** The number of a code on the wire. */
export function errnoOf(code: Code): number {
  return rows[code][0]
}

/** What a code means and what to do next. */
export function meaningOf(code: Code): string {
  return rows[code][1] ?? 'see the documentation of the server'
}

/** The code with this number. One that nobody knows yet stands for its kind: APIERROR or SYSTEMERROR. */
export function codeOf(errno: number): Code {
  return codesByErrno.get(errno) ?? (errno <= errnoOf('APIERROR') ? 'APIERROR' : 'SYSTEMERROR')
}

function isCode(name: string): name is Code {
  return Object.hasOwn(rows, name)
}

const codesByErrno: ReadonlyMap<number, Code> = new Map(
  Object.keys(rows)
    .filter(isCode)
    .map((code) => [errnoOf(code), code]),
)
