/** Coverage: which cells a step counts for, and above all which it does not. */
import { describe, expect, it } from 'vitest'
import type { MultiOp, Request } from '../../src/protocol/message.js'
import { CELLS, UNREACHABLE, WANTED } from '../../verify/differential/cells.js'
import { Coverage } from '../../verify/differential/coverage.js'
import type { Step } from '../../verify/differential/step.js'
import { PROVOCATIONS } from '../contract/error-provocations.js'

const STAT = '{c=1}'
const ACL = [{ scheme: 'world', id: 'anyone', perms: 31 }]

/** Two connections, and what a script of requests has counted of triggers. */
class Script {
  readonly coverage: Coverage = new Coverage()

  constructor() {
    for (const slot of [0, 1]) {
      const step: Step = { do: 'open', slot, timeoutMs: 120_000 }
      this.coverage.see(step, new Map([[slot, [`connected s${slot + 1} for 120000 ms`]]]))
    }
  }

  /** One request of slot 0; `others` is what slot 1 sees of it. */
  send(request: Request, lines: readonly string[], others: readonly string[] = []): this {
    const sights = new Map([
      [0, lines],
      [1, others],
    ])
    this.coverage.see({ do: 'send', slot: 0, requests: [request] }, sights)
    return this
  }

  /** One request of slot 1, which arms. */
  arm(request: Request, line: string): this {
    this.coverage.see({ do: 'send', slot: 1, requests: [request] }, new Map([[1, [line]]]))
    return this
  }

  get triggers(): Readonly<Record<string, number>> {
    const all = [...this.coverage.counts].filter(([cell]) => cell.startsWith('trigger: '))
    return Object.fromEntries(all.map(([cell, times]) => [cell.slice('trigger: '.length), times]))
  }
}

const getData = (path: string): Request => ({ type: 'getData', path, watch: true })
const exists = (path: string): Request => ({ type: 'exists', path, watch: true })
const getChildren = (path: string): Request => ({ type: 'getChildren', path, watch: true })
const setData = (path: string): Request & MultiOp => ({ type: 'setData', path, data: null, version: -1 })
const remove = (path: string): Request & MultiOp => ({ type: 'delete', path, version: -1 })
const create = (path: string, mode: 'PERSISTENT' | 'EPHEMERAL' = 'PERSISTENT'): Request & MultiOp => ({
  type: 'create',
  path,
  data: null,
  acl: ACL,
  mode,
  ttlMs: -1,
})
const CHANGED = 'event NodeDataChanged "/a" -1'

describe('a trigger', () => {
  it('counts when its event was seen, and once for a one-shot watch', () => {
    const script = new Script()
      .arm(getData('/a'), `getData OK 1 null ${STAT}`)
      .send(setData('/a'), [`setData OK 2 ${STAT}`], [CHANGED])
      .send(setData('/a'), [`setData OK 3 ${STAT}`])

    expect(script.triggers).toEqual({ 'setData, a data watch on itself': 1 })
  })

  it('does not count when the event was withheld, and the watch is used up all the same', () => {
    const script = new Script()
      .arm(getData('/a'), `getData OK 1 null ${STAT}`)
      .send(setData('/a'), [`setData OK 2 ${STAT}`])
      .send(setData('/a'), [`setData OK 3 ${STAT}`], [CHANGED])

    expect(script.triggers).toEqual({})
  })

  it('is not a check in a multi, which uses up nothing', () => {
    const check: Request = { type: 'multi', ops: [{ type: 'check', path: '/a', version: -1 }] }
    const script = new Script()
      .arm(getData('/a'), `getData OK 1 null ${STAT}`)
      .send(check, ['multi OK 2 check'])
      .send(setData('/a'), [`setData OK 3 ${STAT}`], [CHANGED])

    expect(script.triggers).toEqual({ 'setData, a data watch on itself': 1 })
  })

  it('leaves the watch there if it is a setACL, which tells nobody', () => {
    const setACL: Request = { type: 'setACL', path: '/a', acl: ACL, version: -1 }
    const script = new Script()
      .arm(getData('/a'), `getData OK 1 null ${STAT}`)
      .send(setACL, [`setACL OK 2 ${STAT}`])
      .send(setData('/a'), [`setData OK 3 ${STAT}`], [CHANGED])

    expect(script.triggers).toEqual({
      'setACL, a data watch on itself': 1,
      'setData, a data watch on itself': 1,
    })
  })

  it('uses up a child watch of the parent', () => {
    const seen = ['event NodeChildrenChanged "/a" -1']
    const script = new Script()
      .arm(getChildren('/a'), 'getChildren OK 1 []')
      .send(create('/a/b'), ['create OK 2 "/a/b"'], seen)
      .send(create('/a/c'), ['create OK 3 "/a/c"'])

    expect(script.triggers).toEqual({ 'create, a child watch on its parent': 1 })
  })

  it('finds no watch that removeWatches has removed', () => {
    const script = new Script()
      .arm(getData('/a'), `getData OK 1 null ${STAT}`)
      .arm({ type: 'removeWatches', path: '/a', watcherType: 'Data' }, 'removeWatches OK 1')
      .send(setData('/a'), [`setData OK 2 ${STAT}`])

    expect(script.triggers).toEqual({})
  })

  it('finds a watch that setWatches has set, and none that had something to tell', () => {
    const lists = { childWatches: [], persistentWatches: [], persistentRecursiveWatches: [] }
    const setWatches: Request = {
      type: 'setWatches',
      relativeZxid: 0,
      dataWatches: ['/a', '/b'],
      existWatches: ['/c'],
      ...lists,
    }
    const script = new Script()
    const told = ['event NodeDataChanged "/b" -1', 'setWatches OK 2']
    script.coverage.see({ do: 'send', slot: 1, requests: [setWatches] }, new Map([[1, told]]))
    script
      .send(setData('/a'), [`setData OK 3 ${STAT}`], [CHANGED])
      .send(setData('/b'), [`setData OK 4 ${STAT}`])
      .send(create('/c'), ['create OK 5 "/c"'], ['event NodeCreated "/c" -1'])

    expect(script.triggers).toEqual({
      'setData, a data watch on itself': 1,
      'create, a exists watch on itself': 1,
    })
  })

  it('is each operation of a multi that changes something, with the path that was made', () => {
    const multi: Request = { type: 'multi', ops: [create('/a'), remove('/a')] }
    const script = new Script()
      .arm({ type: 'addWatch', path: '/a', mode: 'PERSISTENT' }, 'addWatch OK 1 ')
      .send(
        multi,
        ['multi OK 2 create "/a" | delete'],
        ['event NodeCreated "/a" -1', 'event NodeDeleted "/a" -1'],
      )

    expect(script.triggers).toEqual({
      'create, a persistent watch on itself': 1,
      'delete, a persistent watch on itself': 1,
    })
  })

  it('is the end of a session for its ephemeral znodes, and a connection of the next run begins without watches', () => {
    const script = new Script()
      .send(create('/e', 'EPHEMERAL'), ['create OK 2 "/e"'])
      .arm(exists('/e'), `exists OK 2 ${STAT}`)
      .send({ type: 'closeSession' }, ['closeSession OK 3', 'closed'], ['event NodeDeleted "/e" -1'])
      .arm(exists('/e'), 'exists NONODE 3')
    script.coverage.begin()
    script.send(create('/e'), ['create OK 2 "/e"'], ['event NodeCreated "/e" -1'])

    expect(script.triggers).toEqual({ 'closeSession, a exists watch on itself': 1 })
  })

  it('counts a lasting watch only in one kind at a time, as 3.8 keeps them', () => {
    const script = new Script()
      .arm({ type: 'addWatch', path: '/a', mode: 'PERSISTENT' }, 'addWatch OK 1 ')
      .arm(getData('/a'), `getData OK 1 null ${STAT}`)
      .send(setData('/a'), [`setData OK 2 ${STAT}`], [CHANGED])
      .send(setData('/a'), [`setData OK 3 ${STAT}`])

    expect(script.triggers['setData, a data watch on itself']).toBe(1)
  })
})

describe('an answer', () => {
  it('counts by its operation and code, and in a multi for the operation that failed', () => {
    const multi: Request = { type: 'multi', ops: [setData('/a'), remove('/b')] }
    const { coverage } = new Script()
      .send(getData('/x'), ['getData NONODE 1'])
      .send(multi, ['multi OK 2 error OK | error NOTEMPTY'])
      .send({ type: 'multiRead', ops: [{ type: 'getData', path: '/a' }] }, ['multiRead OK 2 error NOAUTH'])

    for (const cell of ['getData NONODE', 'multi delete NOTEMPTY', 'multiRead getData NOAUTH'])
      expect(coverage.counts.get(cell)).toBe(1)
    expect(coverage.counts.has('multi setData OK')).toBe(false)
  })
})

describe('the table of cells', () => {
  it('names each once, and nothing that it also calls unreachable', () => {
    expect(new Set(CELLS).size).toBe(CELLS.length)
    expect(CELLS.filter((cell) => cell in UNREACHABLE)).toEqual([])
    expect(CELLS.length).toBeGreaterThan(240)
  })

  it('knows each code that the contract provokes from an operation of the same name', () => {
    const ofClients: readonly string[] = ['CONNECTIONLOSS', 'AUTHFAILED']
    const provoked = PROVOCATIONS.filter(({ code }) => !ofClients.includes(code)).map(
      ({ operation, code }) => `${operation} ${code}`,
    )
    const operations = new Set(CELLS.map((cell) => cell.split(' ')[0]))
    const known = provoked.filter((cell) => CELLS.includes(cell) || cell in UNREACHABLE)
    const unknown = provoked.filter((cell) => !known.includes(cell) && operations.has(cell.split(' ')[0]))

    // A multi as such always succeeds; its operations do not.
    expect(unknown.filter((cell) => !cell.startsWith('multi '))).toEqual([])
    expect(known.length).toBeGreaterThan(60)
  })

  it('has a reason for each unreachable one, and a rate for each other one', () => {
    expect(Object.entries(UNREACHABLE).filter(([, reason]) => reason.length < 10)).toEqual([])
    expect([...WANTED.keys()]).toEqual(CELLS)
    expect([...new Set(WANTED.values())].sort((a, b) => a - b)).toEqual([2_000, 40_000, 500_000])
  })
})
