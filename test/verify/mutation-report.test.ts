/** What the mutation part makes of Stryker's report, and of the list of survivors that may live. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compareWithExcuses, readExcuses } from '../../verify/mutation/excuses.js'
import { findMissing } from '../../verify/mutation/mutation-part.js'
import { readReport } from '../../verify/mutation/report.js'

const SOURCE = 'const a = 1\nif (a >\n  0) go()\n'
const CONDITION = { start: { line: 2, column: 5 }, end: { line: 3, column: 4 } }
const CALL = { start: { line: 3, column: 6 }, end: { line: 3, column: 10 } }
const survivor = { file: 'src/a.ts', line: 2, mutator: 'EqualityOperator', was: 'a > 0', became: 'a >= 0' }

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zoolet-mutation-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('the report', () => {
  it('counts what was noticed, and shows each survivor on one line', async () => {
    const mutant = (status: string, location = CONDITION) => ({
      mutatorName: 'EqualityOperator',
      replacement: 'a >=\n  0',
      status,
      location,
    })
    const mutants = [
      mutant('Killed', CALL),
      mutant('Timeout', CALL),
      mutant('Survived'),
      mutant('NoCoverage', CALL),
      mutant('Ignored', CALL),
      mutant('CompileError', CALL),
    ]
    const file = join(folder, 'report.json')
    await writeFile(file, JSON.stringify({ files: { 'src/a.ts': { source: SOURCE, mutants } } }))

    const [score] = await readReport(file)

    expect(score).toMatchObject({ file: 'src/a.ts', killed: 2, all: 4, unjudged: 2, source: SOURCE })
    expect(score?.survivors).toEqual([survivor, { ...survivor, line: 3, was: 'go()' }])
  })
})

describe('the list of survivors', () => {
  const excuse = { file: 'src/a.ts', was: 'a > 0', became: 'a >= 0', why: 'a is never 0' }
  const judged = new Set(['src/a.ts'])

  it('excuses what is on it, wherever it moved to', () => {
    expect(compareWithExcuses([{ ...survivor, line: 70 }], [excuse], judged)).toEqual({
      unexcused: [],
      idle: [],
    })
  })

  it('does not excuse another change of the same code', () => {
    const other = { ...survivor, became: 'a < 0' }

    expect(compareWithExcuses([survivor, other], [excuse], judged).unexcused).toEqual([other])
  })

  it('excuses as many as it says, one unless it says so', () => {
    const twice = { ...excuse, times: 2 }

    expect(compareWithExcuses([survivor, survivor], [excuse], judged).unexcused).toEqual([survivor])
    expect(compareWithExcuses([survivor, survivor], [twice], judged).unexcused).toEqual([])
    expect(compareWithExcuses([survivor], [twice], judged).idle).toEqual([twice])
  })

  it('names what does not survive any more, in the files that were judged', () => {
    const elsewhere = { ...excuse, file: 'src/b.ts' }

    expect(compareWithExcuses([], [excuse, elsewhere], judged).idle).toEqual([excuse])
  })

  it('takes no line without a reason', async () => {
    const file = join(folder, 'survivors.json')
    await writeFile(file, JSON.stringify([{ ...excuse, why: ' ' }]))

    await expect(readExcuses(file)).rejects.toThrow('has no reason')
  })
})

describe('what was to be gone through', () => {
  it('and has no entry in the report is missing, unless there is nothing in it to change', () => {
    const wanted = ['src/server/data-tree.ts', 'src/server/quota.ts', 'src/server/txn.ts']

    expect(findMissing(wanted, [{ file: 'src/server/quota.ts' }])).toEqual(['src/server/data-tree.ts'])
  })
})
