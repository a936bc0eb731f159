/** The deliberate differences of the differential: each matcher explains its own case, and not the one beside it. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Request } from '../../src/protocol/message.js'
import type { Divergence } from '../../verify/differential/compare.js'
import { DIFFERENCES, type Facts } from '../../verify/differential/differences.js'
import type { Step } from '../../verify/differential/step.js'

const PAGE = readFileSync(new URL('../../docs/compatibility.md', import.meta.url), 'utf8')

/** One case: what was done, what Apache ZooKeeper has shown, what zoolet has shown. */
interface Case {
  readonly step: Step
  readonly real: readonly string[]
  readonly zoolet: readonly string[]
  /** Paths that the connection may not read. */
  readonly secret?: readonly string[]
}

const send = (...requests: readonly Request[]): Step => ({ do: 'send', slot: 0, requests })
const resume = (password: 'right' | 'wrong', seen: 'last' | 'ahead'): Step => ({
  do: 'resume',
  slot: 0,
  password,
  seen,
})
const setWatches = send({
  type: 'setWatches',
  relativeZxid: 0,
  dataWatches: ['/a', '/b'],
  existWatches: [],
  childWatches: [],
  persistentWatches: [],
  persistentRecursiveWatches: [],
})
const TOLD = ['event NodeDataChanged "/a" -1', 'event NodeDataChanged "/b" -1', 'setWatches OK 4 ']
const getACL = send({ type: 'getACL', path: '/a' })
const count = (path: string): Step => send({ type: 'getAllChildrenNumber', path })
const ask = (path: string): Step => send({ type: 'checkWatches', path, watcherType: 'Any' })

/** By id: what it explains, and what it must not. */
const CASES: Readonly<Record<string, { readonly explained: Case; readonly others: readonly Case[] }>> = {
  D1: {
    explained: {
      step: resume('wrong', 'last'),
      real: ['closed', 'closed', 'refused'],
      zoolet: ['closed', 'refused'],
    },
    others: [
      { step: resume('right', 'last'), real: ['closed', 'closed', 'refused'], zoolet: ['closed', 'refused'] },
      {
        step: resume('wrong', 'last'),
        real: ['closed', 'refused'],
        zoolet: ['closed', 'connected s1 for 9 ms'],
      },
    ],
  },
  D7: {
    explained: { step: setWatches, real: TOLD, zoolet: TOLD.slice(1), secret: ['/a'] },
    others: [
      { step: setWatches, real: TOLD, zoolet: TOLD.slice(1), secret: ['/b'] },
      { step: setWatches, real: TOLD, zoolet: [TOLD[1] ?? ''], secret: ['/a'] },
      { step: getACL, real: TOLD, zoolet: TOLD.slice(1), secret: ['/a'] },
      { step: setWatches, real: TOLD.slice(1), zoolet: TOLD, secret: ['/a'] },
    ],
  },
  D11: {
    explained: {
      step: getACL,
      real: ['getACL OK 3 digest:a:1 digest:b:1 {v=1}'],
      zoolet: ['getACL OK 3 digest:b:1 digest:a:1 {v=1}'],
    },
    others: [
      {
        step: getACL,
        real: ['getACL OK 3 digest:a:1 digest:b:1 {v=1}'],
        zoolet: ['getACL OK 3 digest:b:1 digest:a:2 {v=1}'],
      },
      { step: getACL, real: ['getChildren OK 3 a b'], zoolet: ['getChildren OK 3 b a'] },
    ],
  },
  D21: {
    explained: {
      step: count(''),
      real: ['getAllChildrenNumber OK 3 5'],
      zoolet: ['getAllChildrenNumber OK 3 4'],
    },
    others: [
      { step: count('/'), real: ['getAllChildrenNumber OK 3 5'], zoolet: ['getAllChildrenNumber OK 3 4'] },
      { step: count(''), real: ['getAllChildrenNumber OK 3 6'], zoolet: ['getAllChildrenNumber OK 3 4'] },
      { step: count(''), real: ['getAllChildrenNumber OK 3 5'], zoolet: ['getAllChildrenNumber NOAUTH 3'] },
    ],
  },
  D47: {
    explained: {
      step: ask('a'),
      real: ['checkWatches MARSHALLINGERROR 3'],
      zoolet: ['checkWatches NOWATCHER 3'],
    },
    others: [
      { step: ask('/a'), real: ['checkWatches MARSHALLINGERROR 3'], zoolet: ['checkWatches NOWATCHER 3'] },
      { step: ask('a'), real: ['checkWatches MARSHALLINGERROR 3'], zoolet: ['checkWatches NOWATCHER 4'] },
      { step: ask('a'), real: ['checkWatches SYSTEMERROR 3'], zoolet: ['checkWatches NOWATCHER 3'] },
    ],
  },
  D48: {
    explained: { step: resume('right', 'ahead'), real: ['closed'], zoolet: ['closed', 'refused'] },
    others: [
      { step: resume('right', 'last'), real: ['closed'], zoolet: ['closed', 'refused'] },
      { step: resume('right', 'ahead'), real: ['closed'], zoolet: ['connected s1 for 9 ms'] },
      { step: resume('right', 'ahead'), real: ['closed', 'refused'], zoolet: ['closed'] },
    ],
  },
}

/** The ids of all that explain it. */
async function explain({ step, real, zoolet, secret = [] }: Case): Promise<readonly string[]> {
  const divergence: Divergence = { slot: 0, expected: real, actual: zoolet }
  const facts: Facts = { canRead: async (_slot, path) => !secret.includes(path) }
  const ids: string[] = []
  for (const { id, explains } of DIFFERENCES) if (await explains(step, divergence, facts)) ids.push(id)
  return ids
}

describe('the deliberate differences', () => {
  it('have a case each here, and a row each on the page of compatibility', () => {
    expect(Object.keys(CASES)).toEqual(
      DIFFERENCES.map(({ id }) => id).sort((a, b) => Number(a.slice(1)) - Number(b.slice(1))),
    )
    expect(DIFFERENCES.filter(({ id }) => !PAGE.includes(`| ${id} |`))).toEqual([])
  })

  it('explain a watch of what is no path, too', async () => {
    const zoolet = ['checkWatches OK 3 ']

    expect(await explain({ step: ask('a'), real: ['checkWatches MARSHALLINGERROR 3'], zoolet })).toEqual([
      'D47',
    ])
  })

  for (const [id, { explained, others }] of Object.entries(CASES)) {
    it(`${id} explains its case, alone`, async () => {
      expect(await explain(explained)).toEqual([id])
    })

    it(`${id} does not explain what is beside it, nor does another one`, async () => {
      for (const other of others) expect(await explain(other), JSON.stringify(other)).toEqual([])
    })
  }
})
