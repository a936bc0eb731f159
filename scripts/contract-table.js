/**
 * The pass table of the README, from what the contract suite measured: `--write` puts it there, `--check` fails if another one
 * stands there. Runs the suite over every target; the real server has to be installed.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { root, run } from './run.js'

/** @typedef {{ fullName: string, ancestorTitles: string[], title: string, status: string }} Result */

/** The rows, with the areas of the suite that each stands for. */
const ROWS = {
  'create, delete, data, children': [
    'create',
    'sequence numbers',
    'delete',
    'data',
    'children',
    'getEphemerals, sync, createAll',
  ],
  'names and paths, chroot, reserved znodes': ['names and paths', 'chroot', 'reserved znodes'],
  'Stat and zxids': ['Stat', 'zxids'],
  'multi, transaction, multiRead': ['multi', 'transaction', 'multiRead'],
  'permissions, ACLs, identities': ['permissions', 'ACLs', 'identities'],
  'what triggers a watch, and what it tells': [
    'watch triggers',
    'watch combinations',
    'watch registration',
    'watches and permissions',
  ],
  'watches removed, checked, iterated over': ['removeWatches', 'checkWatches', 'watch'],
  'order of events, outcomes and data': ['order'],
  'every error code of every operation': ['operations and codes'],
  'sessions: resumed, taken over, expired': ['sessions', 'taking up a session', 'expiry'],
  'lost connections, watches caught up': ['a lost connection', 'catching up'],
  'quotas, containers, TTL': ['quotas', 'containers and TTL'],
  recipes: ['locks and elections', 'other recipes'],
}

/** The columns, each with the file that runs the suite over it. */
const COLUMNS = {
  'in process': 'in-process.test.ts',
  MessagePort: 'message-port.test.ts',
  'Unix socket': 'unix-socket.test.ts',
  TCP: 'tcp.test.ts',
  'Apache ZooKeeper 3.8.0': 'contract.peer.ts',
}

const START = '<!-- contract table -->'
const END = '<!-- /contract table -->'
const readme = join(root, 'README.md')

const table = makeTable(measure())
const text = readFileSync(readme, 'utf8')
const [before = '', rest = ''] = text.split(START)
const [, after = ''] = rest.split(END)
const wanted = `${before}${START}\n${table}\n${END}${after}`
if (process.argv.includes('--write')) writeFileSync(readme, wanted)
else if (process.argv.includes('--check') && text !== wanted)
  throw new Error(`README.md has another table than what was measured; npm run contract -- --write\n${table}`)
console.log(table)

/** All results, by the name of the file that they come from. */
function measure() {
  const folder = mkdtempSync(join(tmpdir(), 'zoolet-table-'))
  try {
    const ours = join(folder, 'ours.json')
    const real = join(folder, 'real.json')
    const report = ['--reporter=json']
    run('npx', ['vitest', 'run', 'test/contract', ...report, `--outputFile=${ours}`])
    const peers = ['--config', 'vitest.peers.config.ts', 'test/peers/real-zookeeper/contract.peer.ts']
    run('npx', ['vitest', 'run', ...peers, ...report, `--outputFile=${real}`])
    /** @type {{ name: string, assertionResults: Result[] }[]} */
    const files = [ours, real].flatMap((path) => JSON.parse(readFileSync(path, 'utf8')).testResults)
    return new Map(files.map(({ name, assertionResults }) => [basename(name), assertionResults]))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** @param {Map<string, Result[]>} results */
function makeTable(results) {
  const known = Object.values(ROWS).flat()
  const stray = [...results.values()]
    .flat()
    .find(({ ancestorTitles }) => !known.includes(ancestorTitles.at(-1) ?? ''))
  if (stray !== undefined) throw new Error(`"${stray.fullName}" is in no row of the table`)
  const columns = Object.values(COLUMNS).map((file) => results.get(file) ?? [])
  const rows = Object.entries(ROWS).map(([name, areas]) => [
    name,
    ...columns.map((all) =>
      cell(all.filter(({ ancestorTitles }) => areas.includes(ancestorTitles.at(-1) ?? ''))),
    ),
  ])
  const total = ['all', ...columns.map(cell)]
  const head = ['', ...Object.keys(COLUMNS)]
  return [head, head.map(() => '---'), ...rows, total].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

/** How many do what the contract says, of how many; a listed deviation is one that does not. @param {Result[]} tests */
function cell(tests) {
  const agreeing = tests.filter(({ status, title }) => status === 'passed' && !title.includes('(deviation: '))
  return `${agreeing.length} / ${tests.length}`
}
