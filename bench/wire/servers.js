/** The two servers that are compared: `zoolet serve` of the build, and Apache ZooKeeper without its disk. Both on 127.0.0.1. */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/**
 * @typedef {object} Server
 * @property {string} name
 * @property {number} port
 * @property {number} pid
 * @property {() => Promise<void>} stop
 */

const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const PLAIN_SERVER = fileURLToPath(new URL('plain-server.js', import.meta.url))
const JARS = '/usr/share/java/*'
const MEMORY_FILES = '/dev/shm'
const START_MS = 30_000
const PROBE_MS = 5
const ANSWER_MS = 200

/** True if the real server can be started here. */
export const hasZooKeeper = existsSync('/usr/share/java/zookeeper.jar')

/** @returns {Promise<Server>} */
export async function startZoolet() {
  const port = await freePort()
  const args = [CLI, 'serve', '--port', String(port)]
  return started('zoolet', port, process.execPath, args)
}

/** The same without limits of connections and sessions. @returns {Promise<Server>} */
export async function startUnlimited() {
  const port = await freePort()
  return started('zoolet', port, process.execPath, [PLAIN_SERVER, String(port)])
}

/** Its data and its log are on a memory file system, and it does not wait for either. @returns {Promise<Server>} */
export async function startZooKeeper() {
  const port = await freePort()
  const dir = mkdtempSync(join(existsSync(MEMORY_FILES) ? MEMORY_FILES : tmpdir(), 'zoolet-bench-'))
  mkdirSync(join(dir, 'data'))
  const config = join(dir, 'zoo.cfg')
  writeFileSync(
    config,
    [
      'tickTime=2000',
      `dataDir=${join(dir, 'data')}`,
      `clientPort=${port}`,
      'clientPortAddress=127.0.0.1',
      'maxClientCnxns=0',
      'admin.enableServer=false',
      '4lw.commands.whitelist=*',
      'forceSync=no',
    ].join('\n'),
  )
  const args = [
    '-Xmx2g',
    '-Dzookeeper.forceSync=no',
    '-cp',
    JARS,
    'org.apache.zookeeper.server.quorum.QuorumPeerMain',
    config,
  ]
  const server = await started('ZooKeeper', port, 'java', args)
  return {
    ...server,
    stop: async () => {
      await server.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/**
 * @param {string} name
 * @param {number} port
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<Server>}
 */
async function started(name, port, command, args) {
  const child = spawn(command, args, { stdio: 'ignore' })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const stop = async () => {
    child.kill('SIGKILL')
    await ended
    process.off('exit', kill)
  }
  const deadline = Date.now() + START_MS
  while (!(await answers(port))) {
    if (Date.now() > deadline || child.exitCode !== null) throw new Error(`${name} does not start`)
    await pause(PROBE_MS)
  }
  return { name, port, pid: child.pid ?? 0, stop }
}

/** @param {number} port */
function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end('srvr'))
    let text = ''
    // A server that is about to start may take the connection, and never answer on it.
    socket.setTimeout(ANSWER_MS, () => socket.destroy())
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('error', () => resolve(false))
    socket.on('close', () => resolve(text.includes('Zxid')))
  })
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
