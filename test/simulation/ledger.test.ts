/** What the ledger notices: each rule with transactions that break it, and with such as do not. */
import { describe, expect, it } from 'vitest'
import { type InspectionEvent, KeeperException, OPEN_ACL_UNSAFE } from '../../src/index.js'
import type { TxnBody } from '../../src/server/txn.js'
import { Ledger } from '../../verify/simulation/ledger.js'
import { outcomeOf } from '../../verify/simulation/wishes.js'

const CREATED = { type: 'create', data: null, acl: OPEN_ACL_UNSAFE, owner: 0n, withStat: false } as const

function start(): { ledger: Ledger; write: (zxid: number, ...values: string[]) => void } {
  const ledger = new Ledger(
    () => 0,
    () => undefined,
  )
  ledger.booted(undefined)
  const write = (zxid: number, ...values: string[]): void => {
    const ops = values.map((value) => ({
      type: 'setData' as const,
      path: '/a',
      data: new TextEncoder().encode(value),
      version: 1,
    }))
    ledger.inspect({ kind: 'txn', zxid, timeMs: 0, txn: { type: 'multi', ops } } satisfies InspectionEvent)
  }
  return { ledger, write }
}

describe('the ledger', () => {
  it('is content with what was confirmed and is there, refused and is not, or unknown', () => {
    const { ledger, write } = start()
    const [confirmed, refused, lost] = [
      ledger.begin(['c1#1;']),
      ledger.begin(['c1#2;']),
      ledger.begin(['c1#3;']),
    ]

    write(1, 'c1#1;')
    write(2, 'c1#3;')
    confirmed.end('applied')
    refused.end('not applied')
    lost.end('unknown')

    expect(ledger.faults()).toEqual([])
  })

  it('notices a zxid that is left out (T1)', () => {
    const { ledger, write } = start()

    write(1)
    write(3)

    expect(ledger.faults()).toEqual(['T1: zxid 3 after 1'])
  })

  it('notices a sequence number that is given again, unless the parent is another one by now (T3)', () => {
    const { ledger } = start()
    ledger.deletions.begin({ sessionId: 0n }, '/a')
    const txns: readonly TxnBody[] = [
      { ...CREATED, path: '/a/x-0000000001' },
      { type: 'delete', path: '/a' },
      { ...CREATED, path: '/a/x-0000000000' },
      { ...CREATED, path: '/b/x-0000000000' },
      { ...CREATED, path: '/a/y-m0000000000' },
    ]

    for (const [i, txn] of txns.entries()) ledger.inspect({ kind: 'txn', zxid: i + 1, timeMs: 0, txn })

    expect(ledger.faults()).toEqual(['T3: /a/y-m0000000000 after 0000000000'])
  })

  it('notices half of a multi (T5)', () => {
    const { ledger, write } = start()

    ledger.begin(['c1#1;', 'c1#2;']).end('unknown')
    write(1, 'c1#1;')

    expect(ledger.faults()).toEqual(['T5: c1#1; c1#2; are not written as one'])
  })

  it('notices what is written twice (S4)', () => {
    const { ledger, write } = start()

    ledger.begin(['c1#1;']).end('unknown')
    write(1, 'c1#1;')
    write(2, 'c1#1;')

    expect(ledger.faults()).toEqual(['S4: c1#1; is written twice'])
  })

  it('notices what was confirmed and never written, and the other way round (S4)', () => {
    const { ledger, write } = start()

    ledger.begin(['c1#1;']).end('applied')
    ledger.begin(['c1#2;']).end('not applied')
    write(1, 'c1#2;')

    expect(ledger.faults()).toEqual([
      'S4: c1#1; was confirmed, and is not written',
      'S4: c1#2; was refused, and is written',
    ])
  })

  it('notices a write that comes before what was known when it began (S3)', () => {
    const { ledger, write } = start()

    write(1)
    write(2, 'c1#1;')
    ledger.saw(2n, ledger.epoch)
    ledger.begin(['c1#1;']).end('applied')

    expect(ledger.faults()).toEqual(['S3: c1#1; has zxid 2, though 2 was known before it was asked for'])
  })

  it('does not compare with what another server had', () => {
    const { ledger, write } = start()
    const { epoch } = ledger

    ledger.booted(undefined)
    ledger.saw(9n, epoch)
    const pending = ledger.begin(['c1#1;'])
    write(1, 'c1#1;')
    pending.end('applied')

    expect(ledger.faults()).toEqual([])
  })

  it('notices the words of a connection that was replaced (S7)', () => {
    const { ledger, write } = start()

    ledger.forbid('\0\0c1#1;\0\0c1#12;')
    write(1, 'c1#1;')

    expect(ledger.faults()).toEqual([
      'S7: c1#1; is written by a connection that was replaced before it was heard',
    ])
  })

  it('notices a snapshot that is not of the last transaction', () => {
    const { ledger, write } = start()

    write(1)
    ledger.booted({ format: 'zoolet-snapshot-1', zxid: 0n, nextSessionId: 1n, znodes: [], sessions: [] })

    expect(ledger.faults()).toEqual(['T1: a snapshot of zxid 0 where 1 was the last one'])
  })
})

describe('an outcome', () => {
  it.each([
    ['CONNECTIONLOSS', 'unknown'],
    ['SESSIONEXPIRED', 'unknown'],
    ['NONODE', 'not applied'],
    ['THROTTLEDOP', 'not applied'],
  ] as const)('of %s is %s', (code, outcome) => {
    expect(outcomeOf(new KeeperException(code))).toBe(outcome)
  })
})
