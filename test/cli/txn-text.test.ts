/** A transaction in a few words, of every type. */
import { describe, expect, it } from 'vitest'
import { SessionNames } from '../../src/cli/session-names.js'
import { showTxn, type Txn } from '../../src/cli/txn-text.js'
import { OPEN_ACL_UNSAFE, Perms } from '../../src/index.js'
import { bytes, worldACL } from '../semantics/fixture.js'

const OF_NOBODY = 0n
const OF_A_CONTAINER = -(2n ** 63n)
const created = {
  type: 'create',
  path: '/a',
  data: null,
  acl: OPEN_ACL_UNSAFE,
  owner: OF_NOBODY,
  withStat: false,
} as const

const table: readonly (readonly [text: string, txn: Txn])[] = [
  ['create /a null', created],
  ['create /a "x" acl world:r', { ...created, data: bytes('x'), acl: worldACL(Perms.READ) }],
  ['create /a null ephemeral of s1', { ...created, owner: 7n }],
  ['create /a null', { ...created, owner: OF_A_CONTAINER }],
  ['delete /a', { type: 'delete', path: '/a' }],
  ['setData /a -> version 4', { type: 'setData', path: '/a', data: bytes('x'), version: 4 }],
  ['setACL /a -> aversion 1', { type: 'setACL', path: '/a', acl: [], aversion: 1 }],
  ['check /a', { type: 'check', path: '/a' }],
  ['refused: NONODE', { type: 'error', code: 'NONODE' }],
  [
    'multi of 2: create /a null, delete /b',
    { type: 'multi', ops: [created, { type: 'delete', path: '/b' }] },
  ],
  [
    'refused: BADVERSION in operation 2 of 3',
    { type: 'failedMulti', opCount: 3, failedIndex: 1, code: 'BADVERSION' },
  ],
  ['createSession s1', { type: 'createSession', sessionId: 7n, timeoutMs: 1000 }],
  ['createSession s2', { type: 'createSession', sessionId: 8n, timeoutMs: 1000 }],
  ['closeSession s1', { type: 'closeSession', sessionId: 7n, ephemerals: [] }],
  ['closeSession s1 deletes 1 ephemeral: /a', { type: 'closeSession', sessionId: 7n, ephemerals: ['/a'] }],
  [
    'closeSession s1 deletes 5 ephemerals: /1, /2, /3, /4 and 1 more',
    { type: 'closeSession', sessionId: 7n, ephemerals: ['/1', '/2', '/3', '/4', '/5'] },
  ],
]

describe('a transaction', () => {
  it.each(table)('is shown as %s', (text, txn) => {
    const names = new SessionNames()
    names.nameOf(7n)

    expect(showTxn(txn, names)).toBe(text)
  })

  it('is tested here in each of its types', () => {
    const types = table.map(([, { type }]) => type)

    expect(new Set(types)).toEqual(new Set(Object.keys(everyType)))
  })
})

/** Does not compile when a transaction comes or goes. */
const everyType = {
  create: 1,
  delete: 1,
  setData: 1,
  setACL: 1,
  check: 1,
  error: 1,
  multi: 1,
  failedMulti: 1,
  createSession: 1,
  closeSession: 1,
} satisfies Record<Txn['type'], 1>
