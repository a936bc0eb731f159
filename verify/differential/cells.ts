/**
 * The cells that a comparison has to reach, so that nobody trusts one that has asked for little: what Apache ZooKeeper 3.8 can answer to
 * each request, by its own order of checks (docs/compatibility.md), and what a change means to each kind of watch. What cannot be
 * reached is listed with its reason.
 */

const CREATE = 'OK NODEEXISTS NONODE NOAUTH NOCHILDRENFOREPHEMERALS INVALIDACL BADARGUMENTS QUOTAEXCEEDED'

/** What each operation can answer. */
const REPLIES: Readonly<Record<string, string>> = {
  create: CREATE,
  create2: CREATE,
  createContainer: CREATE,
  createTTL: CREATE,
  delete: 'OK NONODE NOAUTH NOTEMPTY BADVERSION BADARGUMENTS',
  setData: 'OK NONODE NOAUTH BADVERSION BADARGUMENTS QUOTAEXCEEDED',
  getData: 'OK NONODE NOAUTH',
  exists: 'OK NONODE BADARGUMENTS',
  getChildren: 'OK NONODE NOAUTH',
  getChildren2: 'OK NONODE NOAUTH',
  getACL: 'OK NONODE NOAUTH',
  setACL: 'OK NONODE NOAUTH BADVERSION INVALIDACL BADARGUMENTS',
  getAllChildrenNumber: 'OK NONODE NOAUTH',
  getEphemerals: 'OK',
  sync: 'OK',
  ping: 'OK',
  whoAmI: 'OK',
  auth: 'OK AUTHFAILED',
  sasl: 'OK',
  reconfig: 'RECONFIGDISABLED',
  addWatch: 'OK',
  removeWatches: 'OK NOWATCHER MARSHALLINGERROR',
  checkWatches: 'OK NOWATCHER MARSHALLINGERROR',
  setWatches: 'OK',
  multi: 'OK',
  multiRead: 'OK',
  closeSession: 'OK',
  unknown: 'UNIMPLEMENTED',
}

/** What each operation inside a multi can come to; an error is the one that the multi failed with. */
const MULTI_RESULTS: Readonly<Record<string, string>> = {
  create: CREATE,
  create2: CREATE,
  createContainer: CREATE,
  createTTL: CREATE,
  delete: 'OK NONODE NOAUTH NOTEMPTY BADVERSION BADARGUMENTS',
  setData: 'OK NONODE NOAUTH BADVERSION BADARGUMENTS QUOTAEXCEEDED',
  check: 'OK NONODE NOAUTH BADVERSION BADARGUMENTS',
}

/** What each read inside a multiRead can come to. */
const MULTI_READ_RESULTS: Readonly<Record<string, string>> = {
  getData: 'OK NONODE NOAUTH',
  getChildren: 'OK NONODE NOAUTH',
}

const CHANGES = ['create', 'delete', 'setData', 'setACL', 'closeSession', 'expire'] as const
const KINDS = ['data', 'exists', 'child', 'persistent', 'recursive'] as const
const RELATIONS = ['itself', 'its parent', 'further up'] as const

const OTHERS: readonly string[] = [
  'open',
  'open below the bounds',
  'open within the bounds',
  'open above the bounds',
  'cut',
  'expire',
  'resume right last',
  'resume right ahead',
  'resume wrong last',
  'resume below the bounds',
  'resume within the bounds',
  'resume above the bounds',
  'event NodeCreated',
  'event NodeDeleted',
  'event NodeDataChanged',
  'event NodeChildrenChanged',
]

const NO_ENSEMBLE = 'needs an ensemble'
const BAD_BODY =
  'needs a body or a quota that cannot be read: `verify fuzz --target verdict` and test/contract/ have those'

/** What a code needs that can be the answer to any request. */
const NEVER: Readonly<Record<string, string>> = {
  SESSIONEXPIRED: 'what is sent right behind a closeSession is dropped, mostly (D38)',
  SESSIONMOVED: NO_ENSEMBLE,
  THROTTLEDOP: 'the limits of the two servers are not the same (D9)',
  SYSTEMERROR: 'means that something is broken in the server',
  UNIMPLEMENTED: 'extended types are on, and reconfig is disabled before it is unimplemented',
}

/** What cannot be reached, with the reason. A run that reaches it all the same fails: then it belongs above. */
export const UNREACHABLE: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.keys(REPLIES).flatMap((type) =>
      Object.entries(NEVER)
        .filter(([code]) => type !== 'unknown' || code !== 'UNIMPLEMENTED')
        .map(([code, reason]) => [`${type} ${code}`, reason]),
    ),
  ),
  ...Object.fromEntries(
    Object.keys(REPLIES)
      .filter((type) => !REPLIES[type]?.includes('MARSHALLINGERROR'))
      .map((type) => [`${type} MARSHALLINGERROR`, BAD_BODY]),
  ),
  ...Object.fromEntries(
    ['exists', 'getData', 'getChildren', 'getChildren2', 'addWatch'].map((type) => [
      `${type} QUOTAEXCEEDED`,
      'the real server has no limit on watches (D9)',
    ]),
  ),
  'exists NOAUTH': '3.8.0 gives the Stat of a znode that may not be read',
  'create EPHEMERALONLOCALSESSION': NO_ENSEMBLE,
  'create2 EPHEMERALONLOCALSESSION': NO_ENSEMBLE,
  'check OK': 'a check alone can break the log of the server, and is no request here (D5)',
  'deleteContainer OK': 'deletes without permission, and is no request here (D5)',
  'sasl AUTHFAILED': 'a server that is not set up for SASL says yes to anything',
  'resume wrong ahead': 'the zxid is looked at before the password: the same as `resume right ahead`',
  'trigger: create, a data watch on itself': 'such a watch is only left where there is a znode',
  'trigger: create, a child watch on itself': 'such a watch is only left where there is a znode',
  ...Object.fromEntries(
    ['a sweep of containers', 'a sweep of TTL znodes'].flatMap((sweep) =>
      KINDS.flatMap((kind) =>
        RELATIONS.map((relation) => [
          `trigger: ${sweep}, a ${kind} watch on ${relation}`,
          'comes when the real server likes: it cannot be asked for, and takes zxids between others',
        ]),
      ),
    ),
  ),
}

/** All that has to be reached. */
export const CELLS: readonly string[] = [
  ...cellsOf('', REPLIES),
  ...cellsOf('multi ', MULTI_RESULTS),
  ...cellsOf('multiRead ', MULTI_READ_RESULTS),
  ...CHANGES.flatMap((change) =>
    KINDS.flatMap((kind) =>
      RELATIONS.map((relation) => `trigger: ${change}, a ${kind} watch on ${relation}`),
    ),
  ),
  ...OTHERS,
].filter((cell) => !(cell in UNREACHABLE))

/** Every other cell has to be hit once in so many requests. Measured, each is hit ten times in them. */
const REQUESTS_A_HIT = 40_000
const REQUESTS_A_FREQUENT_HIT = 2_000
const REQUESTS_A_RARE_HIT = 500_000

/** Hit at least fifteen times in 2,000 requests, in either mode. */
const FREQUENT: readonly string[] = [
  ...cellsOf('', {
    create: 'OK NOAUTH',
    create2: 'OK NOAUTH',
    createContainer: 'OK',
    createTTL: 'OK NOAUTH',
    delete: 'OK NONODE NOAUTH NOTEMPTY BADVERSION BADARGUMENTS',
    setData: 'OK NONODE NOAUTH BADVERSION',
    getData: 'OK NONODE NOAUTH',
    exists: 'OK NONODE',
    getChildren: 'OK NONODE',
    getChildren2: 'OK NONODE',
    getACL: 'OK',
    setACL: 'OK',
    getEphemerals: 'OK',
    sync: 'OK',
    whoAmI: 'OK',
    auth: 'OK',
    addWatch: 'OK',
    removeWatches: 'NOWATCHER MARSHALLINGERROR',
    setWatches: 'OK',
    multi: 'OK',
    multiRead: 'OK',
  }),
  ...cellsOf('event ', { NodeCreated: '', NodeDeleted: '', NodeDataChanged: '', NodeChildrenChanged: '' }),
  'trigger: setData, a data watch on itself',
  'trigger: setData, a exists watch on itself',
  'trigger: create, a exists watch on its parent',
]

/** Hit ten times in 500,000 requests: a real server has to be waited for, or three things have to come together. */
const RARE: ReadonlySet<string> = new Set([
  ...['create', 'create2', 'createContainer', 'createTTL', 'setData'].map(
    (type) => `multi ${type} QUOTAEXCEEDED`,
  ),
  ...['create', 'create2', 'createContainer', 'createTTL'].map((type) => `multi ${type} BADARGUMENTS`),
  'createContainer QUOTAEXCEEDED',
  'multi createContainer NONODE',
  'multi createContainer INVALIDACL',
  'open below the bounds',
  'resume below the bounds',
  'expire',
  'trigger: create, a persistent watch on itself',
  'trigger: create, a recursive watch on itself',
  'trigger: closeSession, a persistent watch on itself',
  'trigger: closeSession, a recursive watch on itself',
  'trigger: closeSession, a child watch on its parent',
  ...CELLS.filter((cell) => cell.startsWith('trigger: expire')),
])

/** Each cell with the number of requests of which one has to hit it. */
export const WANTED: ReadonlyMap<string, number> = new Map(
  CELLS.map((cell) => {
    if (FREQUENT.includes(cell)) return [cell, REQUESTS_A_FREQUENT_HIT]
    return [cell, RARE.has(cell) ? REQUESTS_A_RARE_HIT : REQUESTS_A_HIT]
  }),
)

function cellsOf(prefix: string, table: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(table).flatMap(([type, codes]) =>
    codes.split(' ').map((code) => `${prefix}${type} ${code}`.trimEnd()),
  )
}
