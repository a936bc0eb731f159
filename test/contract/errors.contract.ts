/**
 * Every operation with every code that its caller can observe: each cell of the table is either provoked or has a reason why it
 * cannot come up. The table has every code by its type and every method of the client by a test; the last test counts what was hit.
 */
import { expect } from 'vitest'
import type { Code, ZooKeeper } from '../../src/index.js'
import { codeOf } from '../semantics/fixture.js'
import { describeContract } from './contract.js'
import { findDeviation } from './deviations.js'
import { CALL_NAMES, type Operation } from './error-operations.js'
import { PROVOCATIONS, type Provocation } from './error-provocations.js'
import type { Server } from './target.js'

const AREA = 'operations and codes'
const CONNECTED = CALL_NAMES.filter((name) => name !== 'close')
const CREATES = ['create', 'createAll', 'multi', 'transaction'] as const
const ON_ONE_ZNODE = ['getData', 'getChildren', 'getACL', 'getAllChildrenNumber', 'setACL'] as const
const ARMS = ['exists', 'getData', 'getChildren', 'addWatch', 'watch'] as const

interface Rule {
  /** Those that can end with the code; each is provoked. */
  readonly by: readonly Operation[]
  /** Why the others cannot. */
  readonly others: string
}

/** Where each code can come up; for those that come up nowhere, why. */
const RULES: Readonly<Record<Code, Rule | string>> = {
  OK: { by: [...CALL_NAMES, 'connect'], others: 'there are no others' },
  CONNECTIONLOSS: { by: [...CONNECTED, 'connect'], others: 'close ends the client in any case' },
  SESSIONEXPIRED: { by: [...CONNECTED, 'connect'], others: 'close ends the client in any case' },
  AUTHFAILED: { by: [...CONNECTED, 'connect'], others: 'close ends the client in any case' },
  THROTTLEDOP: { by: CONNECTED, others: 'neither close nor connect waits in the line of calls' },
  MARSHALLINGERROR: {
    by: [...CREATES, 'setData', 'multiRead'],
    others: 'what a server may find unreadable is a quota, or too many operations',
  },
  UNIMPLEMENTED: { by: CREATES, others: 'znodes with a TTL are all that can be switched off' },
  BADARGUMENTS: {
    by: [...CREATES, 'delete', 'deleteAll'],
    others: 'this client refuses bad arguments before it sends them, with TypeError or RangeError',
  },
  NONODE: {
    by: [...ON_ONE_ZNODE, ...CREATES, 'delete', 'setData', 'connect'],
    others: 'the znode need not exist, or its absence is an answer',
  },
  NOAUTH: {
    by: [...ON_ONE_ZNODE, ...CREATES, 'setData', 'exists', 'delete', 'deleteAll'],
    others: 'no permission is needed',
  },
  BADVERSION: { by: ['delete', 'setData', 'setACL', 'multi', 'transaction'], others: 'no version is given' },
  NOCHILDRENFOREPHEMERALS: { by: CREATES, others: 'no child is made' },
  NODEEXISTS: { by: ['create', 'multi', 'transaction'], others: 'nothing is made, or what is there will do' },
  NOTEMPTY: {
    by: ['delete', 'multi', 'transaction'],
    others: 'nothing is deleted, or all that is below too',
  },
  INVALIDACL: { by: [...CREATES, 'setACL'], others: 'no ACL is given' },
  NOWATCHER: { by: ['removeWatches', 'checkWatches'], others: 'no watch is looked for' },
  QUOTAEXCEEDED: {
    by: [...CREATES, 'setData', ...ARMS, 'connect'],
    others: 'neither data nor znodes, watches or sessions become more',
  },
  RUNTIMEINCONSISTENCY: 'stands in the results of a failed multi, behind the code at its head: see multi',
  SYSTEMERROR: 'a mark between kinds of codes',
  APIERROR: 'a mark between kinds of codes',
  DATAINCONSISTENCY: 'no server sends it',
  OPERATIONTIMEOUT: 'no server sends it',
  INVALIDCALLBACK: 'no server sends it',
  UNKNOWNSESSION: 'the connection goes with the session, so that nobody is left to be told',
  NEWCONFIGNOQUORUM: 'this client does not reconfigure ensembles',
  RECONFIGINPROGRESS: 'this client does not reconfigure ensembles',
  RECONFIGDISABLED: 'this client does not reconfigure ensembles',
  SESSIONMOVED: 'comes up in ensembles, where it closes the connection',
  NOTREADONLY: 'comes up at servers of an ensemble that are cut off from it',
  EPHEMERALONLOCALSESSION: 'comes up with local sessions, which are off',
  REQUESTTIMEOUT: 'is made by the Java client',
  SESSIONCLOSEDREQUIRESASLAUTH: 'comes up where SASL is demanded',
}

export const ERRORS = describeContract(AREA, (test) => {
  const hits = new WeakMap<Server, Set<string>>()

  for (const cell of PROVOCATIONS) {
    test(titleOf(cell), async (world) => {
      const code = await codeOf(cell.provoke(world))

      expect(code).toBe(cell.code)
      hits.set(world.server, (hits.get(world.server) ?? new Set()).add(titleOf(cell)))
    })
  }

  test('each cell that a rule allows is provoked, and no other', async () => {
    const allowed = Object.entries(RULES).flatMap(([code, rule]) =>
      typeof rule === 'string' ? [] : rule.by.map((operation) => `${operation}: ${code}`),
    )

    expect(PROVOCATIONS.map(titleOf).sort()).toEqual(allowed.sort())
  })

  test('each method of the client has its row', async ({ zk }) => {
    expect(callsOf(zk)).toEqual([...CALL_NAMES].sort())
  })

  test('each cell was hit', async ({ target, server }) => {
    const expected = PROVOCATIONS.map(titleOf).filter(
      (title) => findDeviation(target.name, AREA, title) === undefined,
    )

    expect([...(hits.get(server) ?? [])].sort()).toEqual(expected.sort())
  })
})

/** What calls no server. */
const NO_CALLS = ['constructor', 'register']

function titleOf({ operation, code }: Provocation): string {
  return `${operation}: ${code}`
}

function callsOf(zk: ZooKeeper): string[] {
  const prototype: object = Object.getPrototypeOf(zk)
  return Object.entries(Object.getOwnPropertyDescriptors(prototype))
    .filter(([name, { value }]) => typeof value === 'function' && !NO_CALLS.includes(name))
    .map(([name]) => name)
    .sort()
}
