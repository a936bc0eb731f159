/** kazoo as Debian packages it, for its own interpreter, and the server that it is let loose on. */
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { startApache } from '../apache-server.js'
import { type PeerNeed, type RunOutcome, run, type ServeProcess, startServe } from '../peer.js'

const PYTHON = '/usr/bin/python3'
const PACKAGES = '/usr/lib/python3/dist-packages'
const FOLDER = dirname(fileURLToPath(import.meta.url))

/** Where kazoo's own tests lie. */
export const KAZOO_TESTS = `${PACKAGES}/kazoo/tests`

/** For `describePeer`. */
export const KAZOO: PeerNeed = {
  name: 'kazoo for /usr/bin/python3',
  find: () => [PYTHON, KAZOO_TESTS].every((path) => existsSync(path)),
  install: 'apt-get install python3-kazoo',
}

/** For `describePeer`: kazoo with its tests, and what runs them. */
export const KAZOO_WITH_PYTEST: PeerNeed = {
  name: 'kazoo and pytest for /usr/bin/python3',
  find: () => KAZOO.find() && existsSync(`${PACKAGES}/pytest`),
  install: 'apt-get install python3-kazoo python3-pytest',
}

/** Starts `zoolet serve`; with PEER_SERVER=apache a real ZooKeeper, which is how to check these suites themselves. */
export function startServer(): Promise<ServeProcess> {
  if (process.env.PEER_SERVER === 'apache') return startApache()
  return startServe(['--max-client-cnxns', '0', '--four-letter-words', '*'])
}

/** Runs Python with the programs of this folder at hand, against a server. */
export function runPython(
  server: ServeProcess,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<RunOutcome> {
  return run(PYTHON, args, {
    cwd: FOLDER,
    timeoutMs: 170_000,
    env: { PYTHONDONTWRITEBYTECODE: '1', PYTHONPATH: FOLDER, KAZOO_PEER: server.connectString, ...env },
  })
}
