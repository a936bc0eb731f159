/**
 * The clients from npm: installed on demand into this folder, from its own package.json and lock file, and never part of zoolet's
 * dependencies. `zookeeper` is optional there, since it compiles the C client: it may be missing after an installation that went well.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { type PeerNeed, run } from '../peer.js'

const FOLDER = fileURLToPath(new URL('.', import.meta.url))
const INSTALLED = join(FOLDER, 'node_modules', '.zoolet-installed')
const INSTALL = ['ci', '--prefix', FOLDER, '--no-audit', '--no-fund', '--fetch-retries', '1']
/** Compiling the C client takes a small machine a while. */
const INSTALL_MS = 600_000

/** Loads what is installed here. The packages have no types that fit: who loads one says what it uses of it. */
export const requireClient: NodeJS.Require = createRequire(import.meta.url)

/** For `describePeer`, after `installClients`. */
export const NODE_ZOOKEEPER_CLIENT: PeerNeed = needOf('node-zookeeper-client')
/** The same, and not to be had on every machine: a C compiler, make, Python and the headers of Node are needed to build it. */
export const ZOOKEEPER: PeerNeed = needOf('zookeeper')

/** Installs both unless that was done before for this lock file and this Node. A failure is printed; the needs tell the rest. */
export async function installClients(): Promise<void> {
  const wanted = fingerprint()
  if (existsSync(INSTALLED) && readFileSync(INSTALLED, 'utf8') === wanted) return
  const { code, stderr } = await run('npm', INSTALL, { cwd: FOLDER, timeoutMs: INSTALL_MS })
  if (code === 0) writeFileSync(INSTALLED, wanted)
  else process.stderr.write(`npm ${INSTALL.join(' ')} ended with ${code}: ${stderr}\n`)
}

function needOf(name: 'node-zookeeper-client' | 'zookeeper'): PeerNeed {
  return { name: `the package ${name}`, find: () => canLoad(name), install: `npm ci --prefix ${FOLDER}` }
}

/** Loading shows more than a folder does: an addon may be there and not built. */
function canLoad(name: 'node-zookeeper-client' | 'zookeeper'): boolean {
  try {
    requireClient(name)
    return true
  } catch (error) {
    process.stderr.write(`${name} cannot be loaded: ${error instanceof Error ? error.message : error}\n`)
    return false
  }
}

/** An addon is built for one Node. */
function fingerprint(): string {
  const lock = readFileSync(join(FOLDER, 'package-lock.json'))
  return `${createHash('sha256').update(lock).digest('hex')} ${process.versions.modules} ${process.arch}\n`
}
