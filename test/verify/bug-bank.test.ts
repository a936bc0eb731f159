/** The bug bank on a small tree of its own: what finds a bug, what does not count as finding it, and that the tree stays as it was. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Investigation, type Verdict } from '../../verify/bugs/investigation.js'
import { type PlantedBug, readBank } from '../../verify/bugs/planted-bug.js'
import type { TimedCommand } from '../../verify/bugs/timed-command.js'
import { COPIED, TreeCopy } from '../../verify/bugs/tree-copy.js'

const SUM = 'export const sum = (a, b) => a + b'
const CHECK = [
  "import { sum } from './sum.js'",
  'const isRight = sum(1, 2) === 3',
  "if (!isRight) throw new Error('the sum is wrong')",
]
const FILES: Readonly<Record<string, string>> = {
  'src/sum.js': `${SUM}\n`,
  'src/check.js': `${CHECK.join('\n')}\n`,
  'package.json': '{ "type": "module" }\n',
  'verify/out/report.json': 'a report',
  'test/peers/node_modules/peer/index.js': 'a peer',
  'node_modules/dependency/index.js': 'a dependency',
  'bank/B01.patch': planted('B01: sums are differences', SUM, 'export const sum = (a, b) => a - b'),
  'bank/B02.patch': planted('B02: only a comment', SUM, `${SUM} // so`),
  'bank/B03.patch': planted('B03: of another tree', 'export const sum = 3', 'export const sum = 4'),
  'bank/C01.patch': laxer('C01: everything is right', 1, 'const isRight = true'),
  'bank/C02.patch': laxer('C02: other words', 2, "if (!isRight) throw new Error('wrong')"),
}
const CHECKING: TimedCommand = { name: 'check', command: ['node', 'src/check.js'], limitSeconds: 60 }
const IDLE: TimedCommand = { name: 'idle', command: ['node', '-e', '0'], limitSeconds: 60 }
const SLOW: TimedCommand = {
  name: 'slow',
  command: ['node', '-e', 'setTimeout(() => 0, 60000)'],
  limitSeconds: 0.2,
}

const run = promisify(execFile)

let root = ''
let copy: TreeCopy
let bank: readonly PlantedBug[]
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'zoolet-small-tree-'))
  for (const name of COPIED) if (!name.includes('.')) await mkdir(join(root, name))
  const others = COPIED.filter((name) => name.includes('.')).map((name) => [name, '{}\n'] as const)
  for (const [name, text] of [...others, ...Object.entries(FILES)]) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), text)
  }
  copy = await TreeCopy.make(root)
  bank = await readBank(join(root, 'bank'))
})
afterAll(() => rm(root, { recursive: true }))

describe('a planted bug', () => {
  it('is found by the first command that fails with it', async () => {
    const { finds } = await judge('B01', [IDLE, CHECKING, CHECKING])

    expect(finds).toMatchObject([{ by: 'check', complaint: 'Error: the sum is wrong' }])
  })

  it('is found by each of them if all are asked', async () => {
    const { finds } = await judge('B01', [CHECKING, IDLE, CHECKING], true)

    expect(finds.map(({ by }) => by)).toEqual(['check', 'check'])
  })

  it('is found by nothing if no command fails, or only by taking too long', async () => {
    expect((await judge('B02', [CHECKING, SLOW])).finds).toEqual([])
  })

  it('is gone afterwards, and was never in the tree itself', async () => {
    await judge('B01', [CHECKING])

    expect(await readFile(join(copy.folder, 'src/sum.js'), 'utf8')).toBe(`${SUM}\n`)
    expect(await readFile(join(root, 'src/sum.js'), 'utf8')).toBe(`${SUM}\n`)
  })

  it('whose patch does not fit is told before anything is run', async () => {
    const stale = await new Investigation(copy, bank, { commands: [], wantsAll: false }).findStale(bank)

    expect(stale).toEqual([expect.stringContaining('src/sum.js: patch does not apply')])
  })

  it('that does not even compile is told as that, and found by nothing', async () => {
    const compile: TimedCommand = { ...CHECKING, name: 'compile' }
    const found = bank.find(({ id }) => id === 'B01')
    const verdict =
      found &&
      (await new Investigation(copy, bank, { commands: [CHECKING], wantsAll: false, compile }).judge(found))

    expect(verdict).toMatchObject({ finds: [], fault: 'Error: the sum is wrong' })
  })
})

describe('a bug of a checker', () => {
  it('is found if the bug that it hides is missed with it', async () => {
    expect((await judge('C01', [CHECKING])).finds).toMatchObject([{ by: 'the bank (B01)' }])
  })

  it('is not found if that bug is found all the same', async () => {
    expect(await judge('C02', [CHECKING])).toMatchObject({ finds: [], isOpen: false })
  })

  it('stays open where the command cannot be run', async () => {
    expect(await judge('C01', [IDLE])).toMatchObject({ finds: [], isOpen: true })
  })
})

describe('the copy', () => {
  it('has the dependencies, but nothing that runs have written, and goes without a trace', async () => {
    const other = await TreeCopy.make(root)
    const has = (path: string): boolean => existsSync(join(other.folder, path))
    const found = ['node_modules/dependency', 'test/peers/node_modules/peer', 'verify/out'].map(has)

    other.remove()

    expect([found, existsSync(other.folder)]).toEqual([[true, true, false], false])
  })
})

describe('the bank of zoolet', () => {
  it('fits the tree as it is', async () => {
    const own = await readBank('verify/bugs')
    const misfits = await Promise.all(
      own.map(({ patchFile }) => run('git', ['apply', '--check', patchFile]).then(() => [], String)),
    )

    expect(own.length).toBeGreaterThanOrEqual(60)
    expect(misfits.flat()).toEqual([])
  })
})

describe('a command', () => {
  it('that fails without a bug is named', async () => {
    const broken: TimedCommand = { name: 'broken', command: ['node', '-e', 'throw 1'], limitSeconds: 60 }
    const told: string[] = []

    const red = await new Investigation(copy, bank, {
      commands: [IDLE, broken],
      wantsAll: false,
    }).runUnpatched((name, { isGreen }) => told.push(`${name} ${isGreen}`))

    expect([red, told]).toEqual([['broken'], ['idle true', 'broken false']])
  })
})

describe('the bank', () => {
  it.each([
    ['a title', '# scenario: 1\n# what a user would see: x\n', 'has no line "# B09: ..."'],
    ['an origin', '# B09: x\n', 'has no line "# scenario: ..." or "# invariant: ..."'],
    [
      'an effect',
      '# B09: x\n# scenario: 1\n',
      'has no line "# what a user would see: ..." or "# what it lets through: ..."',
    ],
  ])('takes no patch without %s', async (_what, text, complaint) => {
    const folder = await mkdtemp(join(tmpdir(), 'zoolet-bank-test-'))
    await writeFile(join(folder, 'B09.patch'), text)

    await expect(readBank(folder)).rejects.toThrow(complaint)
    await rm(folder, { recursive: true })
  })
})

/** A patch of the only line of `sum.js`. */
function planted(title: string, was: string, becomes: string): string {
  return `# ${title}\n# scenario: 1\n# what a user would see: a wrong sum\n--- a/src/sum.js\n+++ b/src/sum.js\n@@ -1 +1 @@\n-${was}\n+${becomes}\n`
}

/** A patch of one line of the checker. */
function laxer(title: string, line: number, becomes: string): string {
  const hunk = CHECK.flatMap((each, i) => (i === line ? [`-${each}`, `+${becomes}`] : [` ${each}`])).join(
    '\n',
  )
  return `# ${title}\n# invariant: T1\n# what it lets through: a wrong sum\n# hides: B01 check\n--- a/src/check.js\n+++ b/src/check.js\n@@ -1,3 +1,3 @@\n${hunk}\n`
}

function judge(id: string, commands: readonly TimedCommand[], wantsAll = false): Promise<Verdict> {
  const found = bank.find((each) => each.id === id)
  if (found === undefined) throw new Error(`there is no ${id}`)
  return new Investigation(copy, bank, { commands, wantsAll }).judge(found)
}
