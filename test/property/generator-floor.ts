/**
 * Every (operation, code) pair and every cell of the trigger matrix that the generators reach. A run that misses one of them
 * too often proves less than it seems to: a comparison that never deletes is the classic example.
 */
import type { Tally } from './model-tally.js'

const CODES: Readonly<Record<string, string>> = {
  create:
    'OK NONODE NOAUTH NODEEXISTS NOCHILDRENFOREPHEMERALS INVALIDACL QUOTAEXCEEDED CONNECTIONLOSS SESSIONEXPIRED misuse',
  delete: 'OK NONODE NOAUTH BADVERSION NOTEMPTY BADARGUMENTS CONNECTIONLOSS SESSIONEXPIRED misuse',
  setData: 'OK NONODE NOAUTH BADVERSION QUOTAEXCEEDED CONNECTIONLOSS SESSIONEXPIRED misuse',
  setACL: 'OK NONODE NOAUTH BADVERSION INVALIDACL',
  exists: 'OK NONODE NOAUTH',
  getData: 'OK NONODE NOAUTH',
  getChildren: 'OK NONODE NOAUTH',
  getACL: 'OK NONODE NOAUTH',
  getAllChildrenNumber: 'OK NONODE',
  getEphemerals: 'OK',
  sync: 'OK',
  whoAmI: 'OK',
  addAuthInfo: 'OK AUTHFAILED',
  addWatch: 'OK CONNECTIONLOSS',
  checkWatches: 'OK NOWATCHER',
  removeWatches: 'OK NOWATCHER CONNECTIONLOSS',
  multi: 'OK NONODE NOAUTH NODEEXISTS BADVERSION NOTEMPTY BADARGUMENTS INVALIDACL QUOTAEXCEEDED misuse',
  'multi.create': 'OK NONODE NOAUTH NODEEXISTS NOCHILDRENFOREPHEMERALS INVALIDACL RUNTIMEINCONSISTENCY',
  'multi.delete': 'OK NONODE NOAUTH BADVERSION NOTEMPTY BADARGUMENTS RUNTIMEINCONSISTENCY',
  'multi.setData': 'OK NONODE NOAUTH BADVERSION RUNTIMEINCONSISTENCY',
  'multi.check': 'OK NONODE NOAUTH BADVERSION RUNTIMEINCONSISTENCY',
  multiRead: 'OK',
  'multiRead.getData': 'OK NONODE NOAUTH',
  'multiRead.getChildren': 'OK NONODE NOAUTH',
  'catch-up data': 'armed NodeDataChanged NodeDeleted',
  'catch-up exists': 'armed NodeCreated',
  'catch-up child': 'armed NodeChildrenChanged NodeDeleted',
  'catch-up persistent': 'armed',
  'catch-up recursive': 'armed',
  event: 'unreadable',
}

const KINDS = ['data', 'exists', 'child', 'persistent', 'recursive'] as const

/** The rows of section 6.5: the change, and where it happens as seen from the watched znode. */
const ROWS = [
  'create self',
  'setData self',
  'delete self',
  'create child',
  'setData child',
  'delete child',
  'create grandchild',
  'setACL self',
  'failed self',
] as const

/** Before a znode exists nobody can have a data or child watch on it. */
const IMPOSSIBLE: readonly string[] = ['create self|data', 'create self|child']

/** The names of all cells. */
export function reachableCells(): readonly string[] {
  const codes = Object.entries(CODES).flatMap(([op, list]) => list.split(' ').map((code) => `${op}:${code}`))
  const matrix = ROWS.flatMap((row) => KINDS.map((kind) => `${row}|${kind}`))
  return [...codes, ...matrix.filter((cell) => !IMPOSSIBLE.includes(cell))]
}

/** The cells that were met less often than the floor, with their counts. */
export function starvedCells(tally: Tally, floor: number): readonly string[] {
  return reachableCells().flatMap((cell) => (tally.of(cell) < floor ? [`${cell}: ${tally.of(cell)}`] : []))
}
