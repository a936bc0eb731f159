/**
 * The part `mutation`: Stryker changes the sources piece by piece, and the tests have to notice. The tool is installed on demand into
 * this folder, from its own lock file; it is no dependency of zoolet.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { type Part, say, wordOf } from '../part.js'
import { compareWithExcuses, readExcuses } from './excuses.js'
import { type FileScore, readReport } from './report.js'

const FOLDER = 'verify/mutation'
const TOOL = `${FOLDER}/node_modules/@stryker-mutator/core/bin/stryker.js`
/** What all runs together have found: Stryker goes on with it, and leaves out what has not changed since. */
const REPORT = 'verify/out/mutation-incremental.json'
const LEAST_PERCENT = 90
/** Some 500 changes. */
const GROUP_BYTES = 26_000
/** There is nothing in them to change: types, and tables that are read while a file is loaded. */
const WITHOUT_CODE: readonly string[] = [
  'src/protocol/op-code.ts',
  'src/protocol/watcher.ts',
  'src/server/request-processor.ts',
  'src/server/server-watcher.ts',
  'src/server/txn.ts',
  'src/client/call-options.ts',
  'src/client/client-inspection.ts',
]
const FOLDERS = ['protocol', 'server', 'client'] as const

/** Looks which changes of the sources no test notices. */
export const mutation: Part = {
  name: 'mutation',
  summary: `the sources changed piece by piece: tests notice ${LEAST_PERCENT} of 100, and survivors have a reason`,
  options: {
    of: `all, ${FOLDERS.join(', ')}: the folder of src, all unless given`,
    file: 'src/server/data-tree.ts: this file alone',
  },
  flags: { judge: 'judges what earlier runs have found, and runs nothing' },
  ignores: ['seed', 'runs'],
  run: async (options) => {
    const of = wordOf(options, 'of', ['all', ...FOLDERS])
    const folders = FOLDERS.filter((name) => of === 'all' || of === name).map((name) => `src/${name}/`)
    const { file } = options.rest
    const wanted = file === undefined ? await sourcesOf(folders) : [file]
    if (!options.flags.has('judge')) {
      if (!existsSync(TOOL)) run('npm', ['ci', '--prefix', FOLDER, '--no-audit', '--no-fund'])
      for (const files of await groupsOf(wanted))
        run(process.execPath, [
          TOOL,
          'run',
          `${FOLDER}/stryker.config.js`,
          '--incremental',
          '--mutate',
          files.join(','),
        ])
    }
    const scores = (await readReport(REPORT)).filter((score) => wanted.includes(score.file))
    const missing = findMissing(wanted, scores)
    for (const name of missing)
      say(`FAIL mutation: ${name} has not been gone through; run this without --judge`)
    const stale = await findStale(scores)
    for (const name of stale)
      say(`FAIL mutation: ${name} has changed since it was gone through; run this without --judge`)
    return (await judge(scores)) && stale.length + missing.length === 0
  },
}

async function sourcesOf(folders: readonly string[]): Promise<readonly string[]> {
  const names = await Promise.all(folders.map((folder) => readdir(folder, { recursive: true })))
  return names.flatMap((each, i) =>
    each.filter((name) => name.endsWith('.ts')).map((name) => folders[i] + name),
  )
}

/** What is changed in one run: what each test runs of it has to fit into memory, and is written down when the run ends. */
async function groupsOf(files: readonly string[]): Promise<readonly (readonly string[])[]> {
  const groups: string[][] = []
  let room = 0
  for (const file of files) {
    const { size } = await stat(file)
    if (size > room) {
      groups.push([])
      room = GROUP_BYTES
    }
    groups.at(-1)?.push(file)
    room -= size
  }
  return groups
}

/** What should have been gone through, and was not. */
export function findMissing(
  wanted: readonly string[],
  scores: readonly Pick<FileScore, 'file'>[],
): readonly string[] {
  const done = new Set([...WITHOUT_CODE, ...scores.map(({ file }) => file)])
  return wanted.filter((name) => !done.has(name))
}

async function findStale(scores: readonly FileScore[]): Promise<readonly string[]> {
  const stale: string[] = []
  for (const { file, source } of scores) if (source !== (await readFile(file, 'utf8'))) stale.push(file)
  return stale
}

async function judge(scores: readonly FileScore[]): Promise<boolean> {
  say('file | killed | of | cannot be judged')
  for (const { file, killed, all, unjudged } of scores) say(`${file} | ${killed} | ${all} | ${unjudged}`)
  const survivors = scores.flatMap((score) => score.survivors)
  const all = scores.reduce((sum, score) => sum + score.all, 0)
  const percent = all === 0 ? 0 : (100 * (all - survivors.length)) / all
  const excuses = await readExcuses(`${FOLDER}/survivors.json`)
  const judged = new Set(scores.map(({ file }) => file))
  const { unexcused, idle } = compareWithExcuses(survivors, excuses, judged)
  for (const { file, line, mutator, was, became } of unexcused)
    say(`FAIL mutation: no test notices ${file}:${line} ${mutator}: ${was} => ${became}`)
  for (const { file, was, became } of idle)
    say(`FAIL mutation: this does not survive any more, take it off the list: ${file} ${was} => ${became}`)
  const unjudged = scores.reduce((sum, score) => sum + score.unjudged, 0)
  say(
    `${all} changes, ${percent.toFixed(1)} % noticed (at least ${LEAST_PERCENT}); ${survivors.length} live; ${unjudged} more cannot be judged`,
  )
  return percent >= LEAST_PERCENT && unexcused.length === 0 && idle.length === 0
}

function run(command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, [...args], { stdio: 'inherit' })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}`)
}
