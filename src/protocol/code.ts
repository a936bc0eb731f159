/**
 * The result codes of ZooKeeper: number, what it means, and what to do next. One table; errors are made from it.
 * A code below -100 is about the request; one between -1 and -99 about the system.
 */

interface CodeRow {
  readonly errno: number
  /** What happened and what to do, in one sentence. */
  readonly meaning: string
}

const rows = {
  OK: { errno: 0, meaning: 'success' },
  SYSTEMERROR: { errno: -1, meaning: 'the server failed; see its log' },
  RUNTIMEINCONSISTENCY: {
    errno: -2,
    meaning: 'an earlier operation of the same multi failed, so this one was not tried',
  },
  DATAINCONSISTENCY: { errno: -3, meaning: 'the server found its data inconsistent' },
  CONNECTIONLOSS: {
    errno: -4,
    meaning:
      'the connection broke before the reply; the request may have been applied: read the state, then retry',
  },
  MARSHALLINGERROR: { errno: -5, meaning: 'the server could not read the request; check its arguments' },
  UNIMPLEMENTED: {
    errno: -6,
    meaning: 'the server does not support this operation, or it is switched off there',
  },
  OPERATIONTIMEOUT: { errno: -7, meaning: 'the operation took too long' },
  BADARGUMENTS: { errno: -8, meaning: 'the server refused an argument: the path, the mode or the TTL' },
  UNKNOWNSESSION: { errno: -12, meaning: 'the server does not know this session' },
  NEWCONFIGNOQUORUM: { errno: -13, meaning: 'no quorum of the new configuration is connected' },
  RECONFIGINPROGRESS: { errno: -14, meaning: 'another reconfiguration is running; wait for it' },
  APIERROR: { errno: -100, meaning: 'the request was wrong' },
  NONODE: {
    errno: -101,
    meaning: 'the znode or its parent does not exist; createAll() makes the parents too',
  },
  NOAUTH: {
    errno: -102,
    meaning: 'the ACL does not permit this; addAuthInfo() first, or ask for another ACL',
  },
  BADVERSION: {
    errno: -103,
    meaning: 'the znode has another version by now; read it again and retry with the new one',
  },
  NOCHILDRENFOREPHEMERALS: { errno: -108, meaning: 'the parent is ephemeral and cannot have children' },
  NODEEXISTS: { errno: -110, meaning: 'the znode exists already' },
  NOTEMPTY: { errno: -111, meaning: 'the znode has children; delete them first, or use deleteAll()' },
  SESSIONEXPIRED: {
    errno: -112,
    meaning: 'the session is over, and its ephemeral znodes with it; connect anew',
  },
  INVALIDCALLBACK: { errno: -113, meaning: 'the callback is not valid' },
  INVALIDACL: {
    errno: -114,
    meaning: 'the ACL is empty, names an unknown scheme or a malformed id, or needs addAuthInfo() first',
  },
  AUTHFAILED: {
    errno: -115,
    meaning: 'the server refused the credentials; this client is finished, connect anew',
  },
  SESSIONMOVED: { errno: -118, meaning: 'the session is connected elsewhere' },
  NOTREADONLY: { errno: -119, meaning: 'the server is read-only at the moment' },
  EPHEMERALONLOCALSESSION: { errno: -120, meaning: 'a local session cannot own ephemeral znodes' },
  NOWATCHER: { errno: -121, meaning: 'no such watch is set' },
  REQUESTTIMEOUT: { errno: -122, meaning: 'the reply took too long; the request may have been applied' },
  RECONFIGDISABLED: { errno: -123, meaning: 'reconfiguration is switched off at the server' },
  SESSIONCLOSEDREQUIRESASLAUTH: { errno: -124, meaning: 'the server demands SASL authentication' },
  QUOTAEXCEEDED: {
    errno: -125,
    meaning: 'a quota or a limit of the server is reached; delete something or raise the limit',
  },
  THROTTLEDOP: { errno: -127, meaning: 'too many requests are waiting; slow down or raise the limit' },
} as const

rows satisfies Readonly<Record<string, CodeRow>>

/** The name of a result code. */
export type Code = keyof typeof rows

/** The number of a code on the wire. */
export function errnoOf(code: Code): number {
  return rows[code].errno
}

/** What a code means and what to do next. */
export function meaningOf(code: Code): string {
  return rows[code].meaning
}

/** The code with this number, if there is one. */
export function findCode(errno: number): Code | undefined {
  return codesByErrno.get(errno)
}

const codesByErrno: ReadonlyMap<number, Code> = new Map(codeNames().map((code) => [rows[code].errno, code]))

function codeNames(): Code[] {
  return Object.keys(rows).filter((name): name is Code => Object.hasOwn(rows, name))
}
