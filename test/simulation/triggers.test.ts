/** Which events a transaction owes, and what is noticed if a connection is told others. */
import { describe, expect, it } from 'vitest'
import { OPEN_ACL_UNSAFE } from '../../src/index.js'
import type { NodeEventType } from '../../src/protocol/watched-event.js'
import type { TxnBody } from '../../src/server/txn.js'
import { CnxnLog } from '../../verify/simulation/cnxn-log.js'
import { brokenEvents, matches, triggersOf } from '../../verify/simulation/triggers.js'

const CREATE_AX: TxnBody = {
  type: 'create',
  path: '/a/x',
  data: null,
  acl: OPEN_ACL_UNSAFE,
  owner: 0n,
  withStat: false,
}

/** A connection with lasting watches, and what it was told of transaction 5. */
function told(
  watches: { readonly persistent?: string; readonly recursive?: string },
  ...events: readonly (readonly [NodeEventType, string])[]
): CnxnLog {
  const log = new CnxnLog('c1', {
    isLocked: () => false,
    hasClaimedBefore: () => false,
    findFaultOfReply: () => undefined,
    accepted: () => undefined,
    // The rules of the log itself are not looked at here.
    fault: () => undefined,
  })
  const wanted = [
    { path: watches.persistent, mode: 'PERSISTENT' },
    { path: watches.recursive, mode: 'PERSISTENT_RECURSIVE' },
  ] as const
  for (const [i, { path, mode }] of wanted.entries()) {
    if (path === undefined) continue
    log.said(i, { type: 'addWatch', path, mode })
    log.received(i, { type: 'addWatch', path, mode })
    log.replied({ xid: i, zxid: 4, code: 'OK', response: { type: 'done' } })
  }
  for (const [type, path] of events) log.notified({ type, path, zxid: 5 })
  return log
}

function broken(log: CnxnLog, txn: TxnBody = CREATE_AX): string[] {
  return brokenEvents(log, 5, triggersOf(txn), (path) => path === '/s')
}

describe('the events of a transaction', () => {
  it('are those of each of its changes, in order', () => {
    const multi: TxnBody = {
      type: 'multi',
      ops: [
        { type: 'setData', path: '/b', data: null, version: 1 },
        { type: 'check', path: '/b' },
        { type: 'delete', path: '/b' },
      ],
    }

    expect(triggersOf(multi).map(({ type, path }) => `${type} ${path}`)).toEqual([
      'NodeDataChanged /b',
      'NodeDeleted /b',
      'NodeChildrenChanged /',
    ])
    expect(triggersOf({ type: 'closeSession', sessionId: 1n, ephemerals: ['/a/e'] }).length).toBe(2)
    expect(triggersOf({ type: 'error', code: 'NONODE' })).toEqual([])
  })

  it.each([
    ['a persistent watch', told({ persistent: '/a' }, ['NodeChildrenChanged', '/a'])],
    ['a recursive watch', told({ recursive: '/' }, ['NodeCreated', '/a/x'])],
    ['one-shot watches', told({}, ['NodeCreated', '/a/x'], ['NodeChildrenChanged', '/a'])],
    ['no watch', told({})],
  ])('are as they should be for %s', (_, log) => {
    expect(broken(log)).toEqual([])
  })

  it('are noticed if nothing explains them (W4)', () => {
    expect(broken(told({}, ['NodeDeleted', '/a/x']))).toEqual([
      'W4: c1 is told NodeDeleted /a/x of 5, which it was not',
    ])
  })

  it('are noticed if they come twice (W7)', () => {
    expect(broken(told({ recursive: '/' }, ['NodeCreated', '/a/x'], ['NodeCreated', '/a/x']))).toEqual([
      'W7: c1 is told NodeCreated /a/x of 5 2 times',
    ])
  })

  it.each([
    [{ persistent: '/a' }, 'NodeChildrenChanged /a'],
    [{ persistent: '/a/x' }, 'NodeCreated /a/x'],
    [{ recursive: '/a' }, 'NodeCreated /a/x'],
  ])('are noticed if a lasting watch %o misses them (A8)', (watches, missing) => {
    expect(broken(told(watches))).toEqual([`A8: c1 has a lasting watch, and is not told ${missing} of 5`])
  })

  it('may be missing where they are withheld', () => {
    expect(broken(told({ persistent: '/s' }), { type: 'delete', path: '/s' })).toEqual([])
  })
})

describe('a lasting watch', () => {
  it.each([
    ['/a', false, 'NodeChildrenChanged', '/a', true],
    ['/a', false, 'NodeCreated', '/a/x', false],
    ['/a', true, 'NodeCreated', '/a/x', true],
    ['/a', true, 'NodeCreated', '/ab', false],
    ['/a', true, 'NodeChildrenChanged', '/a', false],
    ['/', true, 'NodeDeleted', '/b', true],
  ] as const)('of %s, recursive %s, matches %s %s: %s', (path, isRecursive, type, changed, isMatch) => {
    expect(matches({ path, isRecursive }, { type, path: changed })).toBe(isMatch)
  })
})
