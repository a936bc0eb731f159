/** Target 7: a fresh process that imports the library and awaits a call, beside an empty one; `zoolet serve` beside the real server. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { median, residentBytes, showBytes } from './row.js'
import { hasZooKeeper, startZooKeeper, startZoolet } from './wire/servers.js'

/** @typedef {import('./row.js').Row} Row */

const ROUNDS = 21
const SERVER_ROUNDS = 5
const MOST_OF_EMPTY = 1.15
const MOST_OF_SERVER = 1 / 6
const FOLDER = fileURLToPath(new URL('.', import.meta.url))
/** The least that an import can take. */
const EMPTY_MODULE = "import './empty-module.js'; process.exit()"
const IMPORT = "import 'zoolet'; process.exit()"
const FIRST_CALL = `
import { EmbeddedZooKeeper } from 'zoolet'
const zk = await new EmbeddedZooKeeper().connect()
await zk.create('/a', 'x')
process.exit()
`

/** @returns {Promise<Row[]>} */
export async function measureStart() {
  return [...measureProcesses(), ...(hasZooKeeper ? await measureServers() : [])]
}

/** @returns {Row[]} */
function measureProcesses() {
  const rounds = Array.from({ length: ROUNDS }, () => ({
    empty: processMs('process.exit()'),
    module: processMs(EMPTY_MODULE),
    library: processMs(IMPORT),
    first: processMs(FIRST_CALL),
  }))
  const theirs = `empty process ${median(rounds.map(({ empty }) => empty)).toFixed(0)} ms`
  return /** @type {const} */ ([
    ['import of an empty module in a fresh process', 'module', undefined],
    ['import alone in a fresh process', 'library', undefined],
    ['import and first call in a fresh process', 'first', MOST_OF_EMPTY],
  ]).map(([name, what, wanted]) => ({
    target: 7,
    name,
    ours: `${median(rounds.map((round) => round[what])).toFixed(0)} ms`,
    theirs,
    ratio: median(rounds.map((round) => round[what] / round.empty)),
    wanted,
  }))
}

/** @param {string} code */
function processMs(code) {
  return runMs(['--input-type=module', '-e', code])
}

/** @param {readonly string[]} args */
function runMs(args) {
  const startMs = performance.now()
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: FOLDER, encoding: 'utf8' })
  if (status !== 0) throw new Error(`A fresh process failed: ${stderr}`)
  return performance.now() - startMs
}

/** @returns {Promise<Row[]>} */
async function measureServers() {
  /** @type {{ ms: number, bytes: number }[][]} */
  const both = [[], []]
  /** @type {number[]} */
  const empty = []
  for (let i = 0; i < SERVER_ROUNDS; i++) {
    empty.push(runMs(['-e', '0']))
    for (const [k, start] of [startZoolet, startZooKeeper].entries()) {
      const startMs = performance.now()
      const server = await start()
      const ms = performance.now() - startMs
      both[k]?.push({ ms, bytes: residentBytes(server.pid) })
      await server.stop()
    }
  }
  const [ours = 0, theirs = 0] = both.map((rounds) => median(rounds.map(({ ms }) => ms)))
  const [ourBytes = 0, theirBytes = 0] = both.map((rounds) => median(rounds.map(({ bytes }) => bytes)))
  return [
    {
      target: 7,
      name: 'a process that does nothing, from start to end',
      ours: `${median(empty).toFixed(0)} ms`,
      theirs: `ZooKeeper ${theirs.toFixed(0)} ms`,
      ratio: median(empty) / theirs,
      wanted: undefined,
    },
    {
      target: 7,
      name: 'zoolet serve, until it answers',
      ours: `${ours.toFixed(0)} ms`,
      theirs: `ZooKeeper ${theirs.toFixed(0)} ms`,
      ratio: ours / theirs,
      wanted: MOST_OF_SERVER,
    },
    {
      target: 7,
      name: 'zoolet serve, memory when it answers',
      ours: showBytes(ourBytes),
      theirs: `ZooKeeper ${showBytes(theirBytes)}`,
      ratio: ourBytes / theirBytes,
      wanted: 1,
    },
  ]
}
