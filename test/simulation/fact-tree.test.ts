/** What reads are compared with: each rule with an answer that breaks it, and with one that does not. */
import { describe, expect, it, vi } from 'vitest'
import { OPEN_ACL_UNSAFE } from '../../src/index.js'
import type { Request, Response } from '../../src/protocol/message.js'
import { DataNode } from '../../src/server/data-node.js'
import { DataTree } from '../../src/server/data-tree.js'
import type { TxnBody } from '../../src/server/txn.js'
import { FactTree } from '../../verify/simulation/fact-tree.js'
import { goOver, play, wish } from './played.js'

const CREATED = { type: 'create', data: null, acl: OPEN_ACL_UNSAFE, owner: 0n, withStat: false } as const
const HISTORY: readonly TxnBody[] = [
  { ...CREATED, path: '/a' },
  { ...CREATED, path: '/a/x', owner: 7n },
  { type: 'setData', path: '/a', data: Uint8Array.of(1), version: 1 },
  {
    type: 'multi',
    ops: [
      { ...CREATED, path: '/a/y' },
      { type: 'delete', path: '/a/y' },
    ],
  },
  { type: 'setACL', path: '/a', acl: OPEN_ACL_UNSAFE, aversion: 1 },
  { type: 'closeSession', sessionId: 7n, ephemerals: [] },
]

/** The tree after a history, and a tree of the library that has the same one. */
function start(): { readonly facts: FactTree; readonly stat: ReturnType<DataNode['stat']> } {
  const facts = new FactTree()
  for (const [i, txn] of HISTORY.entries()) facts.apply(i + 1, 1_000, txn)
  const tree = new DataTree()
  const [zxids, times] = [
    { czxid: 1, mzxid: 3, pzxid: 6 },
    { ctimeMs: 1_000, mtimeMs: 1_000 },
  ]
  const versions = { version: 1, aversion: 1, createdCount: 2 }
  tree.restoreNode('/a', { data: Uint8Array.of(1), acl: [], owner: 0n, ...zxids, ...times, ...versions })
  const node = tree.findNode('/a')
  if (node === undefined) throw new Error('What was put there is not there')
  return { facts, stat: node.stat() }
}

function faultOf(request: Request, response: Response | 'NONODE' | 'NOAUTH', zxid = 6): string | undefined {
  const isCode = typeof response === 'string'
  const code = isCode ? response : 'OK'
  const reply = { xid: 1, zxid, code, response: isCode ? undefined : response } as const
  return start().facts.findFault(request, reply, (path) => path === '/zookeeper')
}

describe('an answer', () => {
  const { stat } = start()
  const getData = { type: 'getData', path: '/a', watch: false } as const

  it.each<[string, Request, Response | 'NONODE' | 'NOAUTH']>([
    ['of data', getData, { type: 'data', data: Uint8Array.of(1), stat }],
    ['of children', { ...getData, type: 'getChildren2' }, { type: 'children', children: [], stat }],
    [
      'of names',
      { ...getData, type: 'getChildren', path: '/' },
      { type: 'childNames', children: ['a', 'zookeeper'] },
    ],
    ['that there is none', { ...getData, path: '/a/x' }, 'NONODE'],
    ['that it may not be read', { ...getData, path: '/zookeeper' }, 'NOAUTH'],
    [
      'to several reads',
      {
        type: 'multiRead',
        ops: [
          { type: 'getChildren', path: '/a' },
          { type: 'getChildren', path: '/b' },
        ],
      },
      {
        type: 'readResults',
        results: [
          { type: 'getChildren', children: [] },
          { type: 'error', code: 'NONODE', errno: -101 },
        ],
      },
    ],
  ])('%s is right', (_, request, response) => {
    expect(faultOf(request, response)).toBe(undefined)
  })

  it.each<[string, Request, Response | 'NONODE' | 'NOAUTH']>([
    ['T6: the data of /a are', getData, { type: 'data', data: Uint8Array.of(2), stat }],
    ['T6: the data of /a are', getData, { type: 'data', data: null, stat }],
    [
      'T2: /a has the Stat',
      getData,
      { type: 'data', data: null, stat: { ...stat, version: 2, toJSON: stat.toJSON } },
    ],
    [
      'T6: the children of /a are',
      { ...getData, type: 'getChildren' },
      { type: 'childNames', children: ['y'] },
    ],
    ['T6: /a is said to be missing', getData, 'NONODE'],
    ['T6: /a is withheld', getData, 'NOAUTH'],
    ['T6: /a/x is shown', { ...getData, type: 'exists', path: '/a/x' }, { type: 'stat', stat }],
    ['T6: /zookeeper is shown to who may not', { ...getData, path: '/zookeeper' }, { type: 'stat', stat }],
    [
      'T6: a multiRead of /a gives NONODE',
      { type: 'multiRead', ops: [{ type: 'getChildren', path: '/a' }] },
      { type: 'readResults', results: [{ type: 'error', code: 'NONODE', errno: -101 }] },
    ],
  ])('is noticed: %s', (fault, request, response) => {
    expect(faultOf(request, response)).toContain(fault)
  })

  it('of another time is noticed (T6)', () => {
    expect(faultOf(getData, 'NONODE', 5)).toBe('T6: a read shows zxid 5, where 6 is the last one')
  })

  it('is compared with a copy that goes its own way', () => {
    const { facts } = start()
    const copy = new FactTree(facts)

    facts.apply(7, 0, { type: 'delete', path: '/a' })

    expect([facts.findStatFault('/a', stat), copy.findStatFault('/a', stat), copy.zxid]).toEqual([
      'T6: /a is shown, and there is none',
      undefined,
      6,
    ])
  })
})

describe('a simulation', () => {
  it('notices reads that show an older state (T6)', async () => {
    const stat = DataNode.prototype.stat
    vi.spyOn(DataNode.prototype, 'stat').mockImplementation(function (this: DataNode) {
      const shown = stat.call(this)
      return Object.assign(shown, { mzxid: shown.czxid })
    })
    const { faults } = await play([wish('set'), ...goOver(), wish('read'), ...goOver()])
    vi.restoreAllMocks()

    expect(faults().join('\n')).toMatch(/c1 on connection 1: T2: \/a has the Stat/)
  })

  it('notices a reply to a write whose Stat is not what it has done (T2)', async () => {
    const setData = DataTree.prototype.setData
    vi.spyOn(DataTree.prototype, 'setData').mockImplementation(function (this: DataTree, txn, stamp) {
      return setData.call(this, { ...txn, version: txn.version + 1 }, stamp)
    })
    const { faults } = await play([wish('set'), { do: 'say', client: 0 }])
    vi.restoreAllMocks()

    expect(faults().join('\n')).toContain('T2: /a has the Stat')
  })

  it('looks at the whole tree in the end (T2)', async () => {
    const { run, faults } = await play([])
    const znodes = run.host.zoo.reports.znodes()

    expect(run.ledger.findTreeFaults(znodes)).toEqual([])
    expect(run.ledger.findTreeFaults(znodes.slice(0, -1))).toEqual(['T2: there are 6 znodes, and not 7'])
    expect(faults()).toEqual([])
  })
})
