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
const FIRST_CALL = `
import { EmbeddedZooKeeper } from 'zoolet'
const zk = await new EmbeddedZooKeeper().connect()
await zk.create('/a', 'x')
process.exit()
`

/** @returns {Promise<Row[]>} */
export async function measureStart() {
  return [measureProcess(), ...(hasZooKeeper ? await measureServers() : [])]
}

/** @returns {Row} */
function measureProcess() {
  const [empty, first, ratios] = [[], [], []].map((list) => /** @type {number[]} */ (list))
  for (let i = 0; i < ROUNDS; i++) {
    const [emptyMs, firstMs] = [processMs('process.exit()'), processMs(FIRST_CALL)]
    empty?.push(emptyMs)
    first?.push(firstMs)
    ratios?.push(firstMs / emptyMs)
  }
  return {
    target: 7,
    name: 'import and first call in a fresh process',
    ours: `${median(first ?? []).toFixed(0)} ms`,
    theirs: `empty process ${median(empty ?? []).toFixed(0)} ms`,
    ratio: median(ratios ?? []),
    wanted: MOST_OF_EMPTY,
  }
}

/** @param {string} code */
function processMs(code) {
  const startMs = performance.now()
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd: FOLDER,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`A fresh process failed: ${stderr}`)
  return performance.now() - startMs
}

/** @returns {Promise<Row[]>} */
async function measureServers() {
  /** @type {{ ms: number, bytes: number }[][]} */
  const both = [[], []]
  for (let i = 0; i < SERVER_ROUNDS; i++)
    for (const [k, start] of [startZoolet, startZooKeeper].entries()) {
      const startMs = performance.now()
      const server = await start()
      const ms = performance.now() - startMs
      both[k]?.push({ ms, bytes: residentBytes(server.pid) })
      await server.stop()
    }
  const [ours = 0, theirs = 0] = both.map((rounds) => median(rounds.map(({ ms }) => ms)))
  const [ourBytes = 0, theirBytes = 0] = both.map((rounds) => median(rounds.map(({ bytes }) => bytes)))
  return [
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
