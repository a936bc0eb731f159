/** What the log of a connection notices: each rule with words that break it, and the same words in their right order. */
import { describe, expect, it } from 'vitest'
import type { Request } from '../../src/protocol/message.js'
import type { NodeEventType } from '../../src/protocol/watched-event.js'
import { CnxnLog } from '../../verify/simulation/cnxn-log.js'

interface Noted {
  readonly log: CnxnLog
  readonly faults: string[]
}

/** Restores one watch. */
const RESTORE: Request = {
  type: 'setWatches',
  relativeZxid: 0,
  dataWatches: ['/a'],
  existWatches: [],
  childWatches: [],
  persistentWatches: [],
  persistentRecursiveWatches: [],
}

/** A connection that watches everything. */
function start(locked: readonly string[] = [], hasClaimedBefore = false): Noted {
  const noted = startBlind(locked, hasClaimedBefore)
  const watch: Request = { type: 'addWatch', path: '/', mode: 'PERSISTENT_RECURSIVE' }
  noted.log.said(0, watch)
  noted.log.received(0, watch)
  noted.log.replied({ ...reply(0, 0), response: { type: 'done' } })
  noted.log.heardReply(reply(0, 0))
  return noted
}

/** One without a watch. */
function startBlind(locked: readonly string[] = [], hasClaimedBefore = false): Noted {
  const faults: string[] = []
  const log = new CnxnLog('c1', {
    isLocked: (path) => locked.includes(path),
    hasClaimedBefore: () => hasClaimedBefore,
    findFaultOfReply: () => undefined,
    accepted: () => undefined,
    fault: (what) => faults.push(what),
  })
  return { log, faults }
}

/** The server has got so many requests, numbered from 1. */
function ask(log: CnxnLog, count: number): void {
  for (let xid = 1; xid <= count; xid++) {
    log.said(xid, { type: 'sync', path: '/' })
    log.received(xid, { type: 'sync', path: '/' })
  }
}

function reply(xid: number, zxid: number): Parameters<CnxnLog['replied']>[0] {
  return { xid, zxid, code: 'OK', response: { type: 'synced', path: '/' } }
}

function event(
  path: string,
  zxid: number,
  type: NodeEventType = 'NodeDataChanged',
): Parameters<CnxnLog['notified']>[0] {
  return { type, path, zxid }
}

describe('the log of a connection', () => {
  it('is content with what is in order', () => {
    const { log, faults } = start(['/s'])

    ask(log, 2)
    log.replied(reply(1, 5))
    log.notified(event('/a', 6))
    log.replied(reply(2, 6))
    log.heardReply(reply(1, 5))
    log.heardEvent(event('/a', 6))

    expect(faults).toEqual([])
  })

  it('notices an event for which no watch was left, however often it comes (W3)', () => {
    const { log, faults } = startBlind()
    const read: Request = { type: 'getData', path: '/a', watch: true }
    log.said(1, read)
    log.received(1, read)
    log.replied(reply(1, 1))

    log.notified(event('/a', 2))
    log.notified(event('/a', 3))
    log.notified(event('/b', 4))

    expect(faults).toEqual([
      'c1: W3: NodeDataChanged /a of 3, for which no watch was left',
      'c1: W3: NodeDataChanged /b of 4, for which no watch was left',
    ])
  })

  it('lets an event without a zxid come before the answer of the setWatches that it belongs to alone (W9)', () => {
    const { log, faults } = startBlind()
    log.said(-8, RESTORE)
    log.received(-8, RESTORE)

    log.notified(event('/a', -1))
    log.notified(event('/b', -1))
    log.replied(reply(-8, 5))
    log.notified(event('/a', -1))

    expect(faults).toEqual([
      'c1: W3: NodeDataChanged /b of -1, for which no watch was left',
      'c1: W9: NodeDataChanged /a has no zxid, and nobody restores watches',
    ])
  })

  it('notices a request that was not sent, and one that was lost', () => {
    const { log, faults } = start()

    log.said(1, { type: 'sync', path: '/' })
    log.said(2, { type: 'sync', path: '/' })
    log.received(2, { type: 'sync', path: '/' })

    expect(faults).toEqual(['c1: the server got "2 sync", where "1 sync" was sent'])
  })

  it('notices what is lost on the way to the client', () => {
    const { log, faults } = start()

    log.notified(event('/a', 1))
    log.notified(event('/b', 2))
    log.heardEvent(event('/b', 2))

    expect(faults).toEqual([
      'c1: the client heard "NodeDataChanged /b 2", where "NodeDataChanged /a 1" was sent',
    ])
  })

  it('notices replies that are not in the order of the requests (S1)', () => {
    const { log, faults } = start()

    ask(log, 2)
    log.replied(reply(2, 1))

    expect(faults).toEqual(['c1: S1: a reply to request 2, where 1 is due'])
  })

  it('notices a second reply (S1)', () => {
    const { log, faults } = start()

    ask(log, 1)
    log.replied(reply(1, 1))
    log.replied(reply(1, 1))

    expect(faults).toEqual(['c1: S1: a reply to request 1, where none is due'])
  })

  it('notices a reply that shows an older state (S2)', () => {
    const { log, faults } = start()

    ask(log, 2)
    log.replied(reply(1, 5))
    log.replied(reply(2, 4))

    expect(faults).toEqual(['c1: S2: a reply shows zxid 4 after 5 was shown'])
  })

  it('notices an event behind a reply that depends on it (W2)', () => {
    const { log, faults } = start()

    ask(log, 1)
    log.replied(reply(1, 5))
    log.notified(event('/a', 5))

    expect(faults).toEqual(['c1: W2: NodeDataChanged /a of 5 comes after a reply that shows 5'])
  })

  it('notices events that are not in the order of their transactions (W5)', () => {
    const { log, faults } = start()

    log.notified(event('/a', 5))
    log.notified(event('/b', 4))

    expect(faults).toEqual(['c1: W5: NodeDataChanged /b of 4 after 5'])
  })

  it('notices an event about what may not be read, unless an identity was claimed (W8)', () => {
    const { log, faults } = start(['/s'])

    log.notified(event('/s', 1))
    log.said(-4, { type: 'auth', scheme: 'digest', auth: new Uint8Array(0) })
    log.received(-4, { type: 'auth', scheme: 'digest', auth: new Uint8Array(0) })
    log.notified(event('/s', 2))

    expect(faults).toEqual(['c1: W8: NodeDataChanged /s is told to who may not read it'])
  })

  it.each([
    [true, ['c1: W8: watches are restored before identities']],
    [false, []],
  ])(
    'notices watches that are restored before identities, if there are any: %s (W8)',
    (hasClaimed, wanted) => {
      const { log, faults } = start([], hasClaimed)

      log.said(1, RESTORE)
      log.received(1, RESTORE)

      expect(faults).toEqual(wanted)
    },
  )

  it('notices what is said after the end', () => {
    const { log, faults } = start()

    log.over()
    log.notified(event('/a', 1))

    expect(faults).toEqual(['c1: NodeDataChanged /a after the end of the connection'])
  })
})
