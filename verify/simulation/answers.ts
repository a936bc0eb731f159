/** What each wish may end with. Any other code breaks a promise: a server that says SYSTEMERROR to everything keeps no other one. */
import type { Code } from '../../src/index.js'
import type { Wish } from './action.js'

/** A connection that is lost, a session that is over, too many calls under way: these come to everybody. */
const COMMON: readonly Code[] = ['CONNECTIONLOSS', 'SESSIONEXPIRED', 'THROTTLEDOP']
const READ: readonly Code[] = ['NONODE', 'NOAUTH']
const ARM: readonly Code[] = [...READ, 'QUOTAEXCEEDED']
const WRITE: readonly Code[] = ['NONODE', 'NOAUTH']
const SEQUENCE: readonly Code[] = [...WRITE, 'NOCHILDRENFOREPHEMERALS']
const CREATE: readonly Code[] = [...SEQUENCE, 'NODEEXISTS']
const LASTING: readonly Code[] = ['QUOTAEXCEEDED']

const OWN: Readonly<Record<Wish, readonly Code[]>> = {
  read: READ,
  exists: ['NOAUTH'],
  children: READ,
  sync: [],
  set: WRITE,
  'set much': WRITE,
  create: CREATE,
  ephemeral: CREATE,
  sequence: SEQUENCE,
  'ephemeral sequence': SEQUENCE,
  // One of the paths is the root.
  delete: [...WRITE, 'NOTEMPTY', 'BADARGUMENTS'],
  multi: SEQUENCE,
  'doomed multi': [...WRITE, 'BADVERSION'],
  'create all': ['NOAUTH', 'NOCHILDRENFOREPHEMERALS'],
  'delete all': ['NOAUTH'],
  'aborted set': WRITE,
  // A local server answers before anybody can abort.
  'aborted read': ['QUOTAEXCEEDED'],
  claim: [],
  lock: WRITE,
  unlock: WRITE,
  watch: LASTING,
  'watch below': LASTING,
  stream: LASTING,
  'stream below': LASTING,
  'leave stream': [],
  'watch once': ARM,
  'remove watch': [],
  'remove watch locally': [],
  'throwing watcher': ARM,
  'rejecting watcher': ARM,
  're-arming watcher': ARM,
  'closing watcher': ARM,
  'watcher that removes itself': LASTING,
  'too large': WRITE,
  flood: WRITE,
  'many watches': ['QUOTAEXCEEDED'],
  close: [],
}

/** Whether a wish may end with this code. */
export function mayAnswer(wish: Wish, code: Code): boolean {
  return COMMON.includes(code) || OWN[wish].includes(code)
}
